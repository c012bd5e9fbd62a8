// Trusted Types: the browser refuses text as HTML, except by the pages' one policy (docs/THREATS.md, line 10).
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import { say, transcript } from '../people.js';

// A refusal also appears in the console.
test.use({ expected: /requires 'Trusted(HTML|Script)'|trusted-types|Trusted Type|status of 404/i });

/** Tries each way for a script to make HTML of text. Returns for each the error's name, or "put". */
function attempts(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() => {
    const html = '<img src=x onerror="document.title = 1">';
    const tried = (act: () => unknown): string => {
      try {
        act();
        return 'put';
      } catch (error) {
        return (error as Error).name;
      }
    };
    const types = (globalThis as unknown as { trustedTypes: { createPolicy(name: string, rules: object): unknown } }).trustedTypes;
    return {
      innerHTML: tried(() => (document.createElement('p').innerHTML = html)),
      insertAdjacentHTML: tried(() => document.body.insertAdjacentHTML('beforeend', html)),
      parseFromString: tried(() => new DOMParser().parseFromString(html, 'text/html')),
      script: tried(() => (document.createElement('script').text = 'document.title = 1')),
      'another policy': tried(() => types.createPolicy('another', {})),
      'the policy again': tried(() => types.createPolicy('mandate', {})),
    };
  });
}

test('line 10 · only the pages’ own policy makes HTML of text', async ({ page, sites }) => {
  const refused = Object.fromEntries(['innerHTML', 'insertAdjacentHTML', 'parseFromString', 'script', 'another policy', 'the policy again'].map((sink) => [sink, 'TypeError']));
  await page.goto(sites.agent);
  expect(await attempts(page)).toEqual(refused);
  // The answer arrives in the stream as HTML, and passes.
  await say(page, 'What is the price of WAYNE?');
  await expect(transcript(page)).toContainText(/WAYNE.*\d+\.\d\d USD/s);
  // The list of chats passes, too, by another script.
  await expect(page.locator('#threads li')).toHaveCount(1);
  for (const url of [`${sites.agent}workshop`, sites.broker, `${sites.tenant}nothing`, `${sites.agent}auth/login`]) {
    await page.goto(url);
    expect(await attempts(page), url).toEqual(refused);
  }
});
