// Copying answers and code blocks.
import { expect } from '../fixtures.js';
import { stream, withModel } from '../model.js';
import { say, transcript } from '../people.js';

const source = 'Here is **code**:\n\n```js\nif (a < b) go();\n```\n\n| a | b |\n|---|--:|\n| 1 | 2 |';
const test = withModel((_, response) => stream(response, [{ content: source }]));

test('an answer is copied as Markdown, its code alone', async ({ page, sites, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(sites.agent).origin });
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.goto(sites.agent);
  await say(page, 'Show me code');
  const log = transcript(page);
  const answer = log.getByRole('button', { name: 'Copy the answer' });
  const voice = page.locator('#voice');
  await answer.click();
  // Both texts disappear soon, the announcement after 1.2 s.
  await Promise.all([
    expect(log.getByRole('button', { name: 'Copied the answer' })).toBeVisible(),
    expect.poll(() => voice.textContent(), { intervals: [100] }).toBe('Copied'),
  ]);
  expect(await clipboard()).toBe(source);
  await expect(voice).toHaveText('');
  await expect(answer).toBeVisible();

  await log.getByRole('button', { name: 'Copy the code' }).focus();
  await page.keyboard.press('Enter');
  await expect(log.getByRole('button', { name: 'Copied the code' })).toBeFocused();
  expect(await clipboard()).toBe('if (a < b) go();\n');

  // After a reload, the copy comes from the stored answer.
  await page.reload();
  await answer.press(' ');
  await expect(log.getByRole('button', { name: 'Copied the answer' })).toBeVisible();
  expect(await clipboard()).toBe(source);
});

test('the address for apps is copied', async ({ page, sites, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(sites.agent).origin });
  await page.goto(`${sites.agent}mcp`);
  await page.getByRole('button', { name: 'Copy' }).first().click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${sites.agent}mcp`);
});

test('without permission it copies, or says that it can’t', async ({ page, sites, context }) => {
  await context.grantPermissions(['clipboard-read'], { origin: new URL(sites.agent).origin });
  await page.addInitScript(() => {
    navigator.clipboard.write = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await page.goto(sites.agent);
  await say(page, 'Show me code');
  const log = transcript(page);
  await log.getByRole('button', { name: 'Copy the answer' }).click();
  await expect(log.getByRole('button', { name: 'Copied the answer' })).toBeFocused();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(source);

  await page.evaluate(() => {
    document.execCommand = () => false;
  });
  await log.getByRole('button', { name: 'Copy the code' }).click();
  await Promise.all([
    expect(log.getByText('Not copied: this browser doesn’t allow it.')).toBeVisible(),
    expect.poll(() => page.locator('#voice').textContent(), { intervals: [100] }).toContain('Not copied'),
  ]);
});

test.describe('while the site is away', () => {
  test.use({ expected: /Failed to load resource/ });

  for (const [browser, write] of [
    ['a browser that waits for the text', (items: ClipboardItem[]) => items[0]!.getType('text/plain').then(() => {})],
    ['a browser that refuses at once', () => Promise.reject(new DOMException('no', 'NotAllowedError'))],
  ] as const) {
    test(`nothing is copied, and the button says so, in ${browser}`, async ({ page, sites }) => {
      await page.addInitScript(`navigator.clipboard.write = ${write}`);
      await page.goto(sites.agent);
      await say(page, 'Show me code');
      const log = transcript(page);
      await expect(log.getByRole('button', { name: 'Copy the answer' })).toBeVisible();
      await page.route('**/markdown', (route) => route.abort());
      await log.getByRole('button', { name: 'Copy the answer' }).click();
      await expect(log.getByText('Not copied: Mandate can’t be reached right now.')).toBeVisible();
    });
  }
});
