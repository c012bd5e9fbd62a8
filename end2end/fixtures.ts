// What every test gets: a program of its own, and a page that fails the test when its console shows an error.
import { test as base, expect } from '@playwright/test';
import { Mandate, type Settings, type Sites } from './program.js';

type Fixtures = {
  /** Settings of the program, beside the usual ones. */
  settings: Settings;
  /** Whether each site is a process of its own. */
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
    // It stands on the program, so that it looks before the program stops and the pages lose it.
    async ({ context, expected, mandate }, use) => {
      const wrong: string[] = [];
      context.on('weberror', (error) => wrong.push(String(error.error())));
      context.on('console', (message) => {
        if (message.type() === 'error') wrong.push(`${message.text()} (${message.location().url})`);
      });
      await use();
      // What the browser held must not be in the logs; scripts/logs-hold-no-secret looks for it.
      mandate.keepSecrets((await context.cookies()).map((cookie) => cookie.value));
      // A refused style or script, a failed request, a panic in WebAssembly: all of them show here.
      expect(wrong.filter((text) => !expected.test(text))).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
