// A long chat opens with its last messages, and loads earlier ones as the reader scrolls up.
import { test, expect } from '../fixtures.js';
import { say, transcript } from '../people.js';

const MESSAGES = 28;

test('earlier messages load while scrolling up, and nothing moves', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'Message 1: who am I?');
  await page.waitForURL(/\/t\//);
  const thread = new URL(page.url()).pathname.split('/').pop()!;
  await page.evaluate(
    async ({ thread, count }) => {
      for (let n = 2; n <= count; n++) {
        const body = JSON.stringify({ text: `Message ${n}: who am I?`, key: `message-${n}` });
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`/api/threads/${thread}/messages`, { method: 'POST', headers, body });
        if (!answer.ok) throw new Error(`${n}: ${answer.status}`);
      }
    },
    { thread, count: MESSAGES },
  );
  await expect(page.getByRole('button', { name: 'Stop' })).toBeHidden({ timeout: 30_000 });
  await page.reload();
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
  const log = transcript(page);
  const sent = log.getByText(/^Message \d+: who am I\?$/);
  await expect(sent.last()).toHaveText(`Message ${MESSAGES}: who am I?`);
  const before = await sent.count();
  expect(before).toBeLessThan(MESSAGES);

  // The visible messages keep their position while earlier ones are inserted above.
  const first = log.getByText((await sent.first().innerText()).trim(), { exact: true });
  const earlier = log.getByRole('link', { name: 'Earlier messages' });
  await earlier.evaluate((link) => link.scrollIntoView());
  await expect.poll(() => sent.count()).toBeGreaterThan(before);
  await expect(first).toBeInViewport();
  await page.evaluate(() => window.scrollTo(0, 0));
  await expect.poll(() => sent.count()).toBe(MESSAGES);
  await expect(earlier).toHaveCount(0);
  const texts = await sent.allInnerTexts();
  expect(texts).toEqual(texts.map((_, index) => `Message ${index + 1}: who am I?`));

  // Without scripts, a link leads to the earlier messages.
  const whole = await page.context().browser()!.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const plain = await whole.newPage();
  await plain.goto(page.url());
  await plain.getByRole('link', { name: 'Earlier messages' }).click();
  await expect(plain.getByRole('log')).toContainText('Message 1: who am I?');
  await plain.getByRole('link', { name: 'Latest messages' }).click();
  await expect(plain.getByRole('log')).toContainText(`Message ${MESSAGES}: who am I?`);
  await whole.close();
});
