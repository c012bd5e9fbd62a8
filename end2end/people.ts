// Steps that a person takes, found as a person finds them: by roles, labels and words, in English or German.
import type { Locator, Page } from '@playwright/test';
import { expect } from './fixtures.js';
import type { Sites } from './program.js';

export type Person = { name: string; email: string; password: string };
export const alice: Person = { name: 'Alice', email: 'alice@example.com', password: 'mandate-demo' };
export const bob: Person = { name: 'Bob', email: 'bob@example.com', password: 'mandate-demo' };

const LOG_IN = /^(Log in|Anmelden)$/;
const LOG_OUT = /^(Log out|Abmelden)$/;
const PASSWORD = /^(Password|Passwort)$/;

/** Enters email and password into StockTrade's login page. */
export async function typeCredentials(page: Page, person: Person): Promise<void> {
  await expect(page.getByRole('heading', { name: LOG_IN, level: 1 })).toBeVisible();
  await page.getByLabel(/^E-?mail$/i).fill(person.email);
  await page.getByLabel(PASSWORD).fill(person.password);
  await page.getByRole('button', { name: LOG_IN }).click();
}

/** Logs in at the chat. */
export async function logIn(page: Page, sites: Sites, person = alice): Promise<void> {
  await page.goto(sites.agent);
  await page.getByRole('link', { name: LOG_IN }).first().click();
  // Someone already logged in at StockTrade isn't asked again.
  await expect(page.getByLabel(PASSWORD).or(page.getByRole('button', { name: LOG_OUT })).first()).toBeVisible();
  if (await page.getByLabel(PASSWORD).isVisible()) await typeCredentials(page, person);
  await expect(page).toHaveURL(new RegExp(`^${sites.agent}`));
  await expect(page.getByText(person.name, { exact: true }).first()).toBeVisible();
}

export async function logOut(page: Page, sites: Sites): Promise<void> {
  await page.goto(sites.agent);
  await page.getByRole('button', { name: LOG_OUT }).click();
  await expect(page.getByRole('link', { name: LOG_IN }).first()).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`^${sites.agent}`));
}

export function composer(page: Page): Locator {
  return page.getByRole('textbox', { name: /message|nachricht/i });
}

export function transcript(page: Page): Locator {
  return page.getByRole('log');
}

/** Writes a message and sends it. */
export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await page.getByRole('button', { name: /^(Send|Senden)$/ }).click();
  await expect(transcript(page).getByText(text, { exact: true }).last()).toBeVisible();
}

/** A card of the transcript, by its title. */
export function card(page: Page, title: string | RegExp): Locator {
  return page.getByRole('article').filter({ has: page.getByRole('heading', { name: title }) });
}

/** Connects the StockTrade account from the card in the chat, or from Connected accounts. */
export async function connect(page: Page, sites: Sites, from: Locator): Promise<void> {
  await from.getByRole('link', { name: /connect|verbinden/i }).click();
  await expect(page).toHaveURL(new RegExp(`^${sites.broker}`));
  await page.getByRole('button', { name: /^(Allow|Erlauben)$/ }).click();
  await expect(page).toHaveURL(new RegExp(`^${sites.agent}`));
}

/** Logs in and connects the account, as most tests need. */
export async function logInAndConnect(page: Page, sites: Sites, person = alice): Promise<void> {
  await logIn(page, sites, person);
  await page.goto(`${sites.agent}accounts`);
  await connect(page, sites, page.getByRole('main'));
  await page.goto(sites.agent);
}

/** Asks for an order. Returns its waiting card and the code on it. */
export async function ask(page: Page, text: string): Promise<{ order: Locator; code: string }> {
  await say(page, text);
  const order = card(page, new RegExp(text, 'i')).last();
  await expect(order).toContainText(/Waiting for you|Wartet auf dich/);
  const code = (await order.locator('.code').innerText()).trim();
  expect(code).toMatch(/^[A-Z0-9]{2} [A-Z0-9]{2}$/);
  return { order, code };
}

/** Opens the approval page from the card, in a new tab. */
export async function openApproval(page: Page, order: Locator): Promise<Page> {
  const [approval] = await Promise.all([
    page.context().waitForEvent('page'),
    order.getByRole('link', { name: /approval|Freigabe/i }).click(),
  ]);
  await approval.waitForLoadState();
  return approval;
}

/** Logs in at StockTrade and buys this many WAYNE there, after the review. */
export async function buyByHand(page: Page, sites: Sites, shares: number, person = alice): Promise<void> {
  await page.goto(`${sites.broker}stocks/WAYNE`);
  await page.getByRole('link', { name: LOG_IN }).first().click();
  await typeCredentials(page, person);
  await expect(page.getByRole('button', { name: LOG_OUT })).toBeVisible();
  await page.goto(`${sites.broker}stocks/WAYNE`);
  await page.getByLabel('Quantity').fill(String(shares));
  await page.getByRole('button', { name: 'Review order' }).click();
  await page.getByRole('button', { name: 'Place order' }).click();
  await expect(page.getByRole('main')).toContainText('Order filled');
}
