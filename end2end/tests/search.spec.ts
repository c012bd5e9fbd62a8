// Search, from the list and by a key: leads to the message itself, with and without scripts.
import { test, expect } from '../fixtures.js';
import { say, transcript } from '../people.js';

test('a search leads to the message, however old it is', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'Who am I, needle?');
  await page.waitForURL(/\/t\//);
  const thread = new URL(page.url()).pathname.split('/').pop()!;
  await page.evaluate(async (thread) => {
    for (let n = 2; n <= 28; n++) {
      const body = JSON.stringify({ text: `Message ${n}: who am I?`, key: `message-${n}` });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`/api/threads/${thread}/messages`, { method: 'POST', headers, body });
      if (!answer.ok) throw new Error(`${n}: ${answer.status}`);
    }
  }, thread);
  await expect(page.getByRole('button', { name: 'Stop' })).toBeHidden({ timeout: 30_000 });

  await page.getByRole('link', { name: 'Search chats' }).click();
  const field = page.getByRole('searchbox', { name: 'Search in your chats' });
  await expect(field).toBeFocused();
  // The keyboard alone, from here on.
  await page.keyboard.type('"');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toHaveText('Type a word or a number to search for.');
  await field.fill('I NEED');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toHaveText('2 results, newest first');
  const hit = page.getByRole('link', { name: /You wrote/ });
  await expect(hit.locator('mark')).toHaveText(['I', 'needle', 'I', 'needle']);
  await hit.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/t\/.*at=.*#i-m/);
  const message = transcript(page).getByText('Who am I, needle?');
  await expect(message).toBeInViewport();
  await expect(transcript(page)).not.toContainText('Message 28');
  await page.getByRole('link', { name: 'Latest messages' }).click();
  await expect(transcript(page)).toContainText('Message 28: who am I?');
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();

  // If the hit is among the latest messages, the chat stays at it and goes on.
  await page.goto(`${sites.agent}search?q=message+25`);
  await page.getByRole('link', { name: /You wrote/ }).click();
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
  const late = transcript(page).getByText('Message 25: who am I?');
  await expect(late).toBeInViewport();
  expect(await late.evaluate((message) => message.getBoundingClientRect().top)).toBeLessThan(300);

  // Without scripts.
  const storageState = await page.context().storageState();
  const whole = await page.context().browser()!.newContext({ javaScriptEnabled: false, storageState });
  const plain = await whole.newPage();
  await plain.goto(`${sites.agent}search`);
  await plain.getByRole('searchbox').fill('needle');
  await plain.getByRole('button', { name: 'Search' }).click();
  await plain.getByRole('link', { name: /You wrote/ }).click();
  await expect(transcript(plain).getByText('Who am I, needle?')).toBeInViewport();
  await whole.close();
});
