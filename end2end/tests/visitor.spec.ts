// A visitor who has not logged in: streamed text, a quote, and a chat that survives a reload.
import { test, expect } from '../fixtures.js';
import { composer, say, transcript } from '../people.js';

test('a quote, with the tool that found it, survives a reload', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await expect(page.getByText(/rehearsal model/i).first()).toBeVisible();
  await say(page, 'What is the price of WAYNE?');
  const log = transcript(page);
  await expect(log.getByText('get_stock_price')).toBeVisible();
  await expect(log).toContainText(/stands at \d+\.\d\d USD, .* since the day began\./);
  await expect(composer(page)).toBeEnabled();
  // The suggestions come last.
  await expect(log.getByText('Show my portfolio')).toBeVisible();
  await expect(page).toHaveURL(/\/t\//);
  const before = await log.innerText();
  await page.reload();
  await expect(log.getByText('get_stock_price')).toBeVisible();
  const words = (text: string) => text.replace(/\d+ seconds? ago|just now/g, '').replace(/\s+/g, ' ');
  expect(words(await log.innerText())).toBe(words(before));
});

test('a tool call opens to its input and output', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'What is the price of WAYNE?');
  const call = transcript(page).locator('details', { hasText: 'get_stock_price' });
  await call.locator('summary').click();
  await expect(call).toContainText('"symbol"');
  await expect(call).toContainText('WAYNE');
});

test('who am I: it does not know', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'Who am I?');
  await expect(transcript(page)).toContainText(/don.t know|not logged in/i);
});

test('another host name leads to the configured address', async ({ page, sites, mandate }) => {
  await page.goto(`http://127.0.0.1:${new URL(mandate.sites.agent).port}/`);
  await expect(page).toHaveURL(sites.agent);
});

test('a visitor sees no thread of another visitor', async ({ page, sites, browser }) => {
  await page.goto(sites.agent);
  await say(page, 'What is the price of WAYNE?');
  await expect(page).toHaveURL(/\/t\//);
  const other = await browser.newContext();
  const theirs = await other.newPage();
  const answer = await theirs.goto(page.url());
  expect(answer?.status()).toBe(404);
  await theirs.goto(sites.agent);
  await expect(theirs.getByRole('navigation', { name: 'Chats' })).not.toContainText('WAYNE');
  await other.close();
});
