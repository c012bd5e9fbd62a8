// Cards of typed data: quote, price history, portfolio, orders. After a reload, the server renders them the same.
import type { Locator } from '@playwright/test';
import { test, expect } from '../fixtures.js';
import { buyByHand, logInAndConnect, say, transcript } from '../people.js';
import * as wcag from '../wcag.js';

/** A card's text without its times, which change. */
const words = async (card: Locator) => (await card.innerText()).replace(/\s+/g, ' ');

test('a quote has its day as a line, a range and a table', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'What is the price of WAYNE?');
  const card = transcript(page).getByRole('group', { name: 'Price of WAYNE' });
  await expect(card).toContainText(/Wayne Enterprises.*\d+\.\d\d USD.*today/s);
  await expect(card.getByRole('img', { name: /^Price of WAYNE, last 24 hours, from .* Lowest .*, highest .*\.$/ })).toBeVisible();
  await expect(card.getByRole('table')).toBeHidden();
  await card.getByText('As a table').click();
  expect(await card.getByRole('row').count()).toBeGreaterThan(6);
  expect(await wcag.themes(page)).toEqual([]);
});

test('a price history shows one range, by keyboard too', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'How has WAYNE performed this month?');
  const card = transcript(page).getByRole('group', { name: 'Price of WAYNE' });
  const shown = (range: string) => card.getByRole('img', { name: `Price of WAYNE, last ${range},` });
  await expect(card.getByRole('radio', { name: 'Month' })).toBeChecked();
  await expect(shown('month')).toBeVisible();
  await expect(card.getByRole('img')).toHaveCount(1);
  await expect(transcript(page)).toContainText('In the last month it moved between');
  await card.getByRole('radio', { name: 'Month' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(shown('year')).toBeVisible();
  await expect(shown('month')).toBeHidden();
  await card.getByRole('radio', { name: 'Day' }).click();
  await expect(shown('day')).toBeVisible();
  const target = await card.getByRole('radio', { name: 'Day' }).boundingBox();
  expect(Math.min(target!.width, target!.height)).toBeGreaterThanOrEqual(24);
  expect(await wcag.themes(page)).toEqual([]);
  const before = await words(card);
  await page.reload();
  await expect(card.getByRole('radio', { name: 'Month' })).toBeChecked();
  await card.getByRole('radio', { name: 'Day' }).click();
  expect(await words(card)).toBe(before);
});

test('without scripts, the ranges still work', async ({ page, browser, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'WAYNE history');
  await expect(transcript(page).getByRole('radio', { name: 'Day' })).toBeChecked();
  const whole = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const plain = await whole.newPage();
  await plain.goto(page.url());
  await plain.getByRole('radio', { name: 'Year' }).click();
  await expect(plain.getByRole('img', { name: /^Price of WAYNE, last year,/ })).toBeVisible();
  await expect(plain.getByRole('img', { name: /^Price of WAYNE, last day,/ })).toBeHidden();
  await whole.close();
});

test('a portfolio shows parts and value, orders a table', async ({ page, sites }) => {
  await buyByHand(page, sites, 2);
  await logInAndConnect(page, sites);
  await page.goto(sites.agent);
  await say(page, 'Show my portfolio');
  const log = transcript(page);
  await expect(log.getByRole('img', { name: /^Allocation: WAYNE \d+\.\d %, Cash \d+\.\d %\.$/ })).toBeVisible();
  await expect(log.getByRole('img', { name: /^Total value, last month, from/ })).toBeVisible();
  await expect(log.getByRole('table', { name: 'Portfolio' }).getByRole('row', { name: /^Cash/ })).toContainText(/\d+\.\d %/);
  await say(page, 'How has my portfolio developed this week?');
  await expect(log.getByRole('group', { name: 'Total value of your account' }).getByRole('radio', { name: 'Week' })).toBeChecked();
  await say(page, 'Show my orders');
  await expect(log.getByRole('table', { name: 'Orders' }).getByRole('row', { name: /Buy 2 WAYNE/ })).toContainText('Filled');
  expect(await wcag.themes(page)).toEqual([]);
});

test.describe('a phone', () => {
  test.use({ viewport: { width: 360, height: 780 } });

  test('cards fit at 360 pixels and in forced colours', async ({ page, sites }) => {
    await page.emulateMedia({ forcedColors: 'active' });
    await page.goto(sites.agent);
    await say(page, 'How has WAYNE performed this year?');
    const card = transcript(page).getByRole('group', { name: 'Price of WAYNE' });
    await expect(card.getByRole('img')).toBeVisible();
    await card.getByText('As a table').filter({ visible: true }).click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    const box = await card.boundingBox();
    expect(box!.x + box!.width).toBeLessThanOrEqual(360);
    // The line has the system's text colour.
    const [line, text] = await card.evaluate((it) => [
      getComputedStyle(it.querySelector('.chart .line')!).stroke,
      getComputedStyle(it.querySelector('.data-total')!).color,
    ]);
    expect(line).toBe(text);
  });
});
