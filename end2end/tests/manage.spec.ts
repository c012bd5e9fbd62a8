// Renaming and deleting a chat.
import type { Page } from '@playwright/test';
import { test, expect } from '../fixtures.js';
import { ask, composer, logInAndConnect, say, transcript } from '../people.js';

const options = (page: Page) => page.getByRole('link', { name: 'Rename or delete', exact: true });
const list = (page: Page) => page.getByRole('navigation', { name: 'Chats' });
const listed = (page: Page, title: string) => list(page).getByRole('link', { name: title, exact: true });

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

test('a chat is renamed from the list, and the page stays', async ({ page, sites }) => {
  for (const text of ['What is the price of WAYNE?', 'What is the price of STARK?']) {
    await page.goto(sites.agent);
    await say(page, text);
    await expect(transcript(page).getByRole('button', { name: 'Copy the answer' })).toBeVisible();
  }
  const here = page.url();
  await composer(page).fill('a draft');
  const row = list(page).getByRole('listitem').filter({ hasText: 'WAYNE' });
  await row.hover();
  await row.getByRole('link', { name: 'Rename or delete “What is the price of WAYNE?”' }).click();
  const title = page.getByRole('dialog').getByLabel('Title');
  await expect(title).toHaveValue('What is the price of WAYNE?');
  await title.fill('Wayne');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(listed(page, 'Wayne')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('What is the price of STARK?');
  await expect(page).toHaveURL(here);
  await expect(composer(page)).toHaveValue('a draft');

  // By keyboard: in the list the key edits the focused chat, elsewhere the open one.
  await listed(page, 'Wayne').focus();
  await page.keyboard.press('e');
  await expect(title).toBeFocused();
  await title.fill('Wayne, again');
  await page.keyboard.press('Enter');
  // The dialog takes key presses until it closes, which may be after the list changes.
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(listed(page, 'Wayne, again')).toBeVisible();
  await list(page).getByRole('link', { name: 'Rename or delete “Wayne, again”' }).press('Tab');
  await page.getByRole('link', { name: 'Mandate', exact: true }).focus();
  await page.keyboard.press('e');
  await expect(title).toHaveValue('What is the price of STARK?');
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true });

  test('the list’s drawer renames a chat', async ({ page, sites }) => {
    await page.goto(sites.agent);
    await say(page, 'What is the price of WAYNE?');
    await expect(transcript(page).getByRole('button', { name: 'Copy the answer' })).toBeVisible();
    await page.getByRole('button', { name: 'Chats and accounts' }).tap();
    await list(page).getByRole('link', { name: 'Rename or delete “What is the price of WAYNE?”' }).tap();
    await page.getByRole('dialog').getByLabel('Title').fill('Wayne');
    await page.getByRole('button', { name: 'Rename' }).tap();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Wayne');
  });
});

test('a deleted chat leaves every tab, and Undo restores it', async ({ page, sites, context }) => {
  await page.goto(sites.agent);
  await say(page, 'What is the price of WAYNE?');
  await expect(transcript(page).getByRole('button', { name: 'Copy the answer' })).toBeVisible();
  const other = await context.newPage();
  // Otherwise the stream could open after the deletion, and its refusal would be an error in the console.
  const stream = other.waitForResponse((answer) => answer.url().includes('/events?'));
  await other.goto(page.url());
  await stream;
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
