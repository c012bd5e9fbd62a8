// Configuration of the browser tests: the system's Chromium, two workers, no retries.
import { defineConfig } from '@playwright/test';
import { existsSync } from 'node:fs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/chromium-headless-shell'];
const chromium = process.env['CHROMIUM'] ?? places.find((place) => existsSync(place));

export default defineConfig({
  testDir: 'tests',
  outputDir: 'results/failures',
  reporter: process.env['CI'] ? [['list']] : [['list'], ['html', { outputFolder: 'report', open: 'never' }]],
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: {
    browserName: 'chromium',
    viewport: { width: 1180, height: 820 },
    locale: 'en-US',
    timezoneId: 'UTC',
    // Tracing takes a quarter of the time.
    trace: process.env['CI'] ? 'off' : 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // Resolves the three sites' host names to this machine.
        '--host-resolver-rules=MAP *.localhost 127.0.0.1',
      ],
    },
  },
});
