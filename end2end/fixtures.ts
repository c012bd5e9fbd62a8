// Fixtures of every test: a program of its own, and a page that fails the test when its console shows an error.
import { test as base, expect } from '@playwright/test';
import { Mandate, type Settings, type Sites } from './program.js';

type Fixtures = {
  /** Additional settings of the program. */
  settings: Settings;
  /** Whether each site is a separate process. */
  apart: boolean;
  mandate: Mandate;
  sites: Sites;
  /** The console messages that a test expects. */
  expected: RegExp;
  quietConsole: void;
};

export const test = base.extend<Fixtures>({
  settings: [{}, { option: true }],
  apart: [false, { option: true }],
  expected: [/^nothing$/, { option: true }],
  mandate: async ({ settings, apart }, use, info) => {
    const mandate = await Mandate.start(info.titlePath.slice(1).join(' '), { apart, settings });
    await use(mandate);
    await mandate.close();
  },
  sites: async ({ mandate }, use) => use(mandate.sites),
  quietConsole: [
    // The page depends on the program, so that it is checked before the program stops and connections break.
    async ({ context, expected, mandate }, use) => {
      const wrong: string[] = [];
      context.on('weberror', (error) => wrong.push(String(error.error())));
      context.on('console', (message) => {
        if (message.type() === 'error') wrong.push(`${message.text()} (${message.location().url})`);
      });
      await use();
      // The browser's secrets must not be in the logs: scripts/logs-hold-no-secret searches for them.
      const secret = (await context.cookies()).filter((cookie) => !cookie.name.endsWith('mandate_lang'));
      mandate.keepSecrets(secret.map((cookie) => cookie.value));
      // A refused style or script, a failed request, a panic in WebAssembly: all of them appear here.
      expect(wrong.filter((text) => !expected.test(text))).toEqual([]);
    },
    { auto: true },
  ],
});

/** Console errors after a session ended: the next message and a reopened stream are refused. */
export const loginGone = /status of 401|status of 404 .*\/events[?)]/;

export { expect };
