// Renaming and deleting a chat.
import type { Page } from '@playwright/test';
import { test, expect } from '../fixtures.js';
import { ask, composer, logInAndConnect, say, transcript } from '../people.js';

const options = (page: Page) => page.getByRole('link', { name: 'Rename or delete' });
const listed = (page: Page, title: string) => page.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: title });

test('a chat is renamed by keyboard, and other tabs learn it', async ({ page, sites, context }) => {
  await page.goto(sites.agent);
  await expect(options(page)).toBeHidden();
  await say(page, 'What is the price of WAYNE?');
  await expect(transcript(page).getByRole('button', { name: 'Copy the answer' })).toBeVisible();
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('What is the price of WAYNE?');

  await composer(page).fill('a draft');
  await options(page).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Rename or delete this chat' });
  await expect(dialog.getByLabel('Title')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(options(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog.getByLabel('Title')).toHaveValue('What is the price of WAYNE?');
  await page.keyboard.type('Wayne’s <b>price</b>');
  await page.keyboard.press('Enter');
  for (const tab of [page, other]) {
    await expect(tab.getByRole('heading', { level: 1 })).toHaveText('Wayne’s <b>price</b>');
    await expect(tab).toHaveTitle('Wayne’s <b>price</b> · Mandate');
    await expect(listed(tab, 'Wayne’s <b>price</b>')).toBeVisible();
  }
  await expect(composer(page)).toHaveValue('a draft');
});

test('a deleted chat is gone in every tab, and comes back with Undo', async ({ page, sites, context }) => {
  await page.goto(sites.agent);
  await say(page, 'What is the price of WAYNE?');
  await expect(transcript(page).getByRole('button', { name: 'Copy the answer' })).toBeVisible();
  const other = await context.newPage();
  await other.goto(page.url());
  await options(page).click();
  await page.getByRole('button', { name: 'Delete chat' }).click();
  for (const tab of [page, other]) {
    await expect(tab.getByText('The chat “What is the price of WAYNE?” is deleted.')).toBeVisible();
    await expect(listed(tab, 'What is the price of WAYNE?')).toHaveCount(0);
  }
  await other.getByRole('button', { name: 'Undo' }).click();
  await expect(transcript(other).getByText('What is the price of WAYNE?')).toBeVisible();
  await expect(listed(other, 'What is the price of WAYNE?')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
});

test('deleting withdraws the order that waits', async ({ page, sites }) => {
  await logInAndConnect(page, sites);
  await ask(page, 'Buy 5 WAYNE');
  await options(page).click();
  await page.getByRole('button', { name: 'Delete chat' }).click();
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
  await expect(async () => {
    await page.goto(`${sites.tenant}approvals`);
    await expect(page.getByRole('main')).not.toContainText('Waits for you', { timeout: 500 });
  }).toPass();
  await expect(page.getByRole('main')).toContainText(/Buy 5 WAYNE/);
});

test.describe('without scripts', () => {
  test('the same forms are a page', async ({ page, sites, browser }) => {
    await page.goto(sites.agent);
    await say(page, 'What is the price of WAYNE?');
    await expect(transcript(page).getByRole('button', { name: 'Copy the answer' })).toBeVisible();
    const context = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
    const plain = await context.newPage();
    await plain.goto(page.url());
    await options(plain).click();
    await plain.getByLabel('Title').fill('Plain');
    await plain.getByRole('button', { name: 'Rename' }).click();
    await expect(plain.getByRole('heading', { level: 1 })).toHaveText('Plain');
    await options(plain).click();
    await plain.getByRole('button', { name: 'Delete chat' }).click();
    await plain.getByRole('button', { name: 'Undo' }).click();
    await expect(plain.getByRole('heading', { level: 1 })).toHaveText('Plain');
    await context.close();
  });
});
