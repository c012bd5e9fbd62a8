// `make bench` in a browser: the release build, alone. Prints figures; nothing here is a limit.
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';
import tests from './playwright.config.js';

process.env['MANDATE'] ??= fileURLToPath(new URL('../target/release/mandate', import.meta.url));

export default defineConfig({ ...tests, testDir: 'bench', workers: 1, reporter: [['line']], timeout: 300_000 });
