// Manual trading at StockTrade: the market, a reviewed order, the history.
import { test, expect } from '../fixtures.js';
import { alice, typeCredentials } from '../people.js';
import type { Page } from '@playwright/test';
import type { Sites } from '../program.js';

async function enter(page: Page, sites: Sites): Promise<void> {
  await page.goto(sites.broker);
  await page.getByRole('link', { name: 'Log in' }).first().click();
  await typeCredentials(page, alice);
  await expect(page.getByRole('main')).toContainText('10,000.00');
}

test('prices move by themselves', async ({ page, sites }) => {
  await page.goto(`${sites.broker}stocks/WAYNE`);
  const price = page.locator('[data-price=WAYNE]').first();
  const before = await price.innerText();
  await expect(price).not.toHaveText(before, { timeout: 20_000 });
});

test('buy and sell by hand, each after a review', async ({ page, sites }) => {
  await enter(page, sites);
  await page.goto(`${sites.broker}stocks/WAYNE`);
  await page.getByLabel('Quantity').fill('3');
  await page.getByRole('button', { name: 'Review order' }).click();
  await expect(page.getByRole('main')).toContainText('At most');
  await page.getByRole('button', { name: 'Place order' }).click();
  await expect(page).toHaveURL(/\/orders/);
  await expect(page.getByText('Buy 3 WAYNE')).toHaveCount(1);
  await expect(page.getByRole('main')).toContainText('Filled');
  await expect(page.getByRole('main')).toContainText('You');

  await page.goto(`${sites.broker}stocks/WAYNE`);
  await page.getByLabel('Sell', { exact: true }).check();
  await page.getByLabel('Quantity').fill('2');
  await page.getByRole('button', { name: 'Review order' }).click();
  await expect(page.getByRole('main')).toContainText('At least');
  await page.getByRole('button', { name: 'Place order' }).click();
  await expect(page.getByText('Sell 2 WAYNE')).toHaveCount(1);
  await page.goto(sites.broker);
  await expect(page.locator('tr[data-holding=WAYNE]').getByRole('cell').first()).toHaveText('1');
});

test('what cannot be placed is said before it is tried', async ({ page, sites }) => {
  await enter(page, sites);
  await page.goto(`${sites.broker}stocks/WAYNE`);
  await page.getByLabel('Quantity').fill('9000');
  await page.getByRole('button', { name: 'Review order' }).click();
  await expect(page.getByRole('main')).toContainText(/This costs [\d,.]+ USD now, and you have 10,000\.00 USD/);
  await expect(page.getByRole('button', { name: 'Place order' })).toHaveCount(0);
});

test('back at a placed review, the order isn’t offered again', async ({ page, sites }) => {
  await enter(page, sites);
  await page.goto(`${sites.broker}stocks/WAYNE`);
  await page.getByLabel('Quantity').fill('3');
  await page.getByRole('button', { name: 'Review order' }).click();
  const review = page.url();
  await page.getByRole('button', { name: 'Place order' }).click();
  await expect(page).toHaveURL(/\/orders/);
  await page.goBack();
  await page.reload();
  expect(page.url()).toBe(review);
  await expect(page.getByText('You have placed this order already')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Buy 3 WAYNE' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Place order' })).toHaveCount(0);

  // A second review of the same order is deliberate, and places another one.
  await page.getByRole('link', { name: 'Prepare another one' }).click();
  await page.getByRole('button', { name: 'Review order' }).click();
  await page.getByRole('button', { name: 'Place order' }).click();
  await expect(page.getByText('Buy 3 WAYNE')).toHaveCount(2);
});
