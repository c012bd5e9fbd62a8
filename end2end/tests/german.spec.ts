// A reader of German, from the login to the order: every page is in German, and a change of the language stays.
import type { Page } from '@playwright/test';
import { join } from 'node:path';
import { folder, isLook } from '../look.js';
import { ask, composer, connect, logIn, openApproval, say, transcript } from '../people.js';
import { expect, test } from '../fixtures.js';

test.use({ locale: 'de-AT' });

/** The page is in this language, and as wide as a phone. */
async function reads(page: Page, lang: string, name: string): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('lang', lang);
  const size = page.viewportSize()!;
  await page.setViewportSize({ width: 360, height: 780 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide, `${name} scrolls sideways`).toBeLessThanOrEqual(360);
  if (isLook) await page.screenshot({ path: join(folder, `flow-${name}-de-light-360.png`), fullPage: true });
  await page.setViewportSize(size);
}

test('from the login to the order in German', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await expect(page.getByRole('heading', { name: 'Was kann ich für dich tun?' })).toBeVisible();
  await reads(page, 'de', 'welcome');
  await page.getByRole('link', { name: 'Anmelden' }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Anmelden');
  await reads(page, 'de', 'login');
  await logIn(page, sites);
  await page.goto(`${sites.agent}accounts`);
  await reads(page, 'de', 'accounts');
  await page.getByRole('main').getByRole('link', { name: 'StockTrade verbinden' }).click();
  await expect(page.getByRole('main')).toContainText('Aufträge vorbereiten, die du einzeln freigibst');
  await reads(page, 'de', 'consent');
  await page.getByRole('button', { name: 'Erlauben', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`^${sites.agent}`));
  await page.goto(sites.agent);
  await say(page, 'Was kostet WAYNE?');
  await expect(transcript(page)).toContainText(/steht bei \d+,\d\d USD/);
  await say(page, 'Zeig mein Depot');
  await expect(transcript(page)).toContainText('10.000,00 USD');
  await expect(page.getByRole('group', { name: 'Preis von WAYNE' })).toContainText(/Tiefster \d+,\d\d/);
  await expect(page.getByRole('button', { name: 'Zeig meine Aufträge' })).toBeVisible();
  await say(page, 'Erzähl mir von WAYNE');
  await expect(page.getByRole('group', { name: 'Zeitraum' })).toBeVisible();
  await expect(transcript(page)).toContainText('am letzten Tag');
  await reads(page, 'de', 'cards');
  // The agent's refusal is in German, with German numbers.
  await say(page, 'Kauf 5000 WAYNE');
  await expect(transcript(page)).toContainText(/5000 WAYNE kosten jetzt \d{3}\.\d{3},\d\d USD/);
  const chat = page.url();
  await page.goto(`${sites.agent}settings`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Einstellungen');
  await reads(page, 'de', 'settings');
  await page.goto(`${sites.agent}settings/delete`);
  await reads(page, 'de', 'removal');
  await page.goto(`${sites.agent}keys`);
  await expect(page.getByRole('main')).toContainText('Umschalt + Enter');
  await reads(page, 'de', 'keys');
  await page.goto(chat);
  // The price decides the words of the title, so the message names them.
  await say(page, 'Kauf 5 WAYNE');
  const order = page.getByRole('article').last();
  await expect(order).toContainText('5 WAYNE kaufen');
  await expect(order).toContainText('Wartet auf dich');
  await expect(order).toContainText(/noch \d:\d\d/);
  await reads(page, 'de', 'order');
  const approval = await openApproval(page, order);
  const main = approval.getByRole('main');
  await expect(main.getByRole('heading', { level: 1 })).toHaveText('5 WAYNE kaufen');
  await expect(main).toContainText('Du zahlst höchstens');
  await expect(main).toContainText(/Insgesamt höchstens\s*\d+,\d\d USD/);
  await reads(approval, 'de', 'approval');
  await approval.getByRole('button', { name: 'Auftrag freigeben' }).click();
  await expect(main).toContainText('Du hast das freigegeben');
  await expect(main).toContainText(/5 WAYNE gekauft zu \d+,\d\d USD/);
  await reads(approval, 'de', 'approved');
  await expect(order).toContainText(/5 WAYNE zu \d+,\d\d USD gekauft/);
  await expect(transcript(page)).toContainText('Du hast es freigegeben, und es ist erledigt');
  await approval.goto(`${sites.tenant}approvals`);
  await expect(approval.getByRole('heading', { level: 1 })).toHaveText('Freigaben');
  await reads(approval, 'de', 'inbox');
  await approval.goto(`${sites.broker}orders`);
  await expect(approval.getByRole('heading', { level: 1 })).toHaveText('Aufträge');
  await reads(approval, 'de', 'orders');
  await approval.goto(sites.broker);
  await expect(approval.getByRole('main')).toContainText('Gesamtwert');
  await reads(approval, 'de', 'portfolio');
  await approval.goto(`${sites.broker}stocks/WAYNE`);
  await expect(approval.getByRole('main')).toContainText('Mischkonzern');
  await reads(approval, 'de', 'stock');
});

test('a language set in the chat holds on the approval page', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'Was kostet WAYNE?');
  await expect(page).toHaveURL(/\/t\//);
  const chat = page.url();
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page).toHaveURL(chat);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.getByRole('link', { name: 'New chat' })).toBeVisible();
  // The login keeps a language chosen before it, which overrides the browser's.
  await logIn(page, sites);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.goto(`${sites.tenant}approvals`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Approvals');
  // A language that a person chooses in the chat applies to the approval page at once.
  await page.goto(`${sites.agent}accounts`);
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await expect(page).toHaveURL(`${sites.agent}accounts`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Verbundene Konten');
  await page.context().clearCookies({ name: 'mandate_lang' });
  await page.goto(`${sites.tenant}approvals`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Freigaben');
  await page.goto(`${sites.agent}accounts`);
  await connect(page, sites, page.getByRole('main'));
  await page.goto(sites.agent);
  const { order } = await ask(page, '3 STARK kaufen');
  // A card is in the reader's language, not in that of the message.
  await expect(order.getByRole('heading')).toHaveText('3 STARK kaufen');
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('article').last().getByRole('heading')).toHaveText('Buy 3 STARK');
  await expect(page.getByRole('article').last()).toContainText('Estimated cost');
});

test.describe(() => {
  test.use({ settings: { TURNS_PER_DAY: '10' }, expected: /status of 429/ });

  test('the limit of a day is shown, and keeps the message', async ({ page, sites }) => {
    await page.goto(sites.agent);
    const notice = page.locator('.composer-left');
    for (let sent = 1; sent < 8; sent++) await say(page, `Was kostet WAYNE, zum ${sent}. Mal?`);
    await expect(notice).toBeHidden();
    for (const words of ['Du hast heute noch 2 Nachrichten übrig.', 'Du hast heute noch 1 Nachricht übrig.', 'Das war deine letzte Nachricht für heute.']) {
      await say(page, `Was kostet WAYNE, bevor es heißt: ${words}`);
      await expect(notice).toHaveText(words);
    }
    await reads(page, 'de', 'limit');
    const more = 'Und was kostet STARK?';
    await composer(page).fill(more);
    await composer(page).press('Enter');
    await expect(page.getByRole('main')).toContainText(/Du hast dein Tageslimit erreicht\. In (\d+ h )?\d+ min, um 0:00 UTC, kannst du wieder schreiben\./);
    await expect(page.getByText(more)).toBeVisible();
    await reads(page, 'de', 'limit-reached');
    await page.reload();
    await expect(notice).toContainText('Du hast dein Tageslimit erreicht.');
    await expect(page.getByText(more)).toBeVisible();
  });
});
