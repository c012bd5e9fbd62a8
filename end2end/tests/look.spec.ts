// Pages in flows, which states.spec.ts doesn't cover. Checks each with axe, in light and dark by turns; `make look`
// checks both themes and takes screenshots.
import type { Page } from '@playwright/test';
import { join } from 'node:path';
import { test, expect } from '../fixtures.js';
import { folder, isLook } from '../look.js';
import { alice, ask, bob, buyByHand, card, connect, logIn, openApproval, say, transcript, typeCredentials } from '../people.js';
import * as wcag from '../wcag.js';

// A refused login and an unknown address have an error status.
test.use({ expected: /status of (401|404)/ });

let looked = 0;

/** Checks a page. */
async function look(page: Page, name: string): Promise<void> {
  const wide = { width: 1180, height: 820 };
  const themes = looked++ % 2 ? (['dark', 'light'] as const) : (['light', 'dark'] as const);
  for (const colorScheme of isLook ? themes : themes.slice(0, 1)) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    if (isLook) await page.screenshot({ path: join(folder, `flow-${name}-en-${colorScheme}-1180.png`), animations: 'disabled' });
    expect.soft(await wcag.axe(page), `${name}, ${colorScheme}`).toEqual([]);
  }
  expect.soft([...(await wcag.head(page)), ...(await wcag.reflow(page, 360))], name).toEqual([]);
  if (isLook) await page.screenshot({ path: join(folder, `flow-${name}-en-${themes[1]}-360.png`), animations: 'disabled' });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(wide);
}

test('the chat of a visitor, and the login', async ({ page, sites }) => {
  test.setTimeout(120_000);
  await page.goto(sites.agent);
  await look(page, 'chat-empty');
  await say(page, 'What is the price of WAYNE?');
  await expect(transcript(page)).toContainText(/WAYNE.*\d+\.\d\d USD/s);
  await look(page, 'chat-quote');
  await transcript(page).locator('details summary').first().click();
  await look(page, 'chat-tool-open');
  await page.getByRole('link', { name: 'Rename or delete', exact: true }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await look(page, 'chat-edit');
  await page.getByRole('button', { name: 'Delete chat' }).click();
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
  await look(page, 'chat-deleted');
  await page.getByRole('button', { name: 'Undo' }).click();
  await say(page, 'Show my portfolio');
  await expect(transcript(page).getByRole('link', { name: 'Log in' })).toBeVisible();
  await look(page, 'chat-log-in');
  await page.goto(`${sites.agent}search?q=price+way`);
  await expect(page.getByRole('link', { name: /You wrote/ })).toBeVisible();
  await look(page, 'search');
  await page.getByRole('link', { name: /You wrote/ }).click();
  await expect(transcript(page)).toContainText('What is the price of WAYNE?');
  await look(page, 'search-hit');
  await page.goto(`${sites.agent}search?q=nothing+like+it`);
  await look(page, 'search-nothing');
  await page.goto(`${sites.agent}accounts`);
  await look(page, 'accounts-visitor');
  await page.goto(`${sites.agent}nothing`);
  await look(page, 'chat-nothing-visitor');
  await page.goto(sites.agent);
  await page.getByRole('link', { name: 'Log in' }).first().click();
  await look(page, 'login');
  await typeCredentials(page, { ...alice, password: 'not-the-password' });
  await expect(page.getByRole('alert')).toBeVisible();
  await look(page, 'login-refused');
  await page.getByRole('link', { name: 'Open an account' }).click();
  await look(page, 'signup');
});

test('a price history', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'How has WAYNE performed this year?');
  await expect(transcript(page)).toContainText('In the last year it moved between');
  await look(page, 'chat-prices');
});

test('versions of messages and answers', async ({ page, sites }) => {
  test.setTimeout(120_000);
  await page.goto(sites.agent);
  await say(page, 'Hello');
  await transcript(page).getByRole('button', { name: 'Regenerate the answer' }).click();
  await expect(transcript(page).getByText('Version 2 of 2')).toBeAttached();
  await transcript(page).getByRole('button', { name: 'Edit your message' }).click();
  // The editor's script loads on the first click.
  await expect(transcript(page).getByRole('textbox', { name: 'Edit your message' })).toBeFocused();
  await look(page, 'chat-editing');
  await page.keyboard.type(', you');
  await page.keyboard.press('Enter');
  await expect(transcript(page).getByRole('group', { name: 'Versions of your message' })).toBeVisible();
  await transcript(page).getByRole('button', { name: 'Regenerate the answer' }).click();
  await expect(transcript(page).getByText('Version 2 of 2')).toHaveCount(2);
  await look(page, 'chat-versions');
});

test('connecting and ordering', async ({ page, sites }) => {
  test.setTimeout(240_000);
  await buyByHand(page, sites, 2);
  await logIn(page, sites);
  await page.goto(`${sites.agent}accounts`);
  await look(page, 'accounts-empty');
  await page.goto(sites.agent);
  await say(page, 'Show my portfolio');
  const connection = card(page, /connect/i);
  await expect(connection).toBeVisible();
  await look(page, 'chat-connect');
  await connection.getByRole('link', { name: /connect/i }).click();
  await expect(page.getByRole('button', { name: 'Allow', exact: true })).toBeVisible();
  await look(page, 'consent');
  await page.goBack();
  await connect(page, sites, card(page, /connect/i));
  await expect(transcript(page).getByRole('table')).toBeVisible();
  await look(page, 'chat-portfolio');
  // The first order needs more than reading.
  await say(page, 'Buy 5 WAYNE');
  const more = card(page, /connect/i).last();
  await expect(more).toContainText('Prepare orders');
  await connect(page, sites, more);
  const order = card(page, /Buy 5 WAYNE/i).last();
  await expect(order).toContainText('Waiting for you');
  await look(page, 'chat-approval');
  const approval = await openApproval(page, order);
  await look(approval, 'approval');
  await approval.goto(`${sites.tenant}approvals`);
  await look(approval, 'approvals');
  await approval.goBack();
  await approval.getByRole('button', { name: 'Approve this order' }).click();
  await expect(approval.getByRole('main')).toContainText('You approved this');
  await look(approval, 'approval-approved');
  await approval.goto(`${sites.tenant}apps`);
  await look(approval, 'apps-empty');
  await approval.goto(`${sites.broker}apps`);
  await approval.locator('summary').click();
  await look(approval, 'apps');
  await approval.close();
  await expect(order).toContainText(/Placed|Filled/);
  await look(page, 'chat-placed');
  await page.goto(sites.agent);
  const second = await ask(page, 'Buy 2 STARK');
  const denied = await openApproval(page, second.order);
  await denied.getByRole('button', { name: 'Deny' }).click();
  await expect(denied.getByRole('main')).toContainText('You denied this');
  await look(denied, 'approval-denied');
  await denied.goto(`${sites.tenant}approvals/apr_unknown`);
  await look(denied, 'identity-not-found');
  await denied.close();
  await expect(second.order).toContainText('Denied');
  await look(page, 'chat-denied');
  await page.goto(sites.agent);
  await say(page, 'Buy 1 ACME and 3 WAYNE');
  const both = page.getByRole('article').filter({ hasText: 'Waiting for you' });
  await expect(both).toHaveCount(2);
  const several = await openApproval(page, both.last());
  await look(several, 'approval-several');
  await several.getByRole('checkbox').first().uncheck();
  await several.getByRole('button', { name: 'Approve what is ticked' }).click();
  await expect(several.getByRole('main')).toContainText('Asked together with');
  await look(several, 'approval-of-several');
  await several.close();
  await page.goto(`${sites.agent}accounts`);
  await look(page, 'accounts');
  await page.goto(`${sites.agent}t/unknown`);
  await look(page, 'chat-not-found');
  await page.goto(`${sites.tenant}nothing`);
  await look(page, 'identity-nothing');
  await page.goto(`${sites.broker}nothing`);
  await look(page, 'trade-nothing');
});

test('StockTrade', async ({ page, sites }) => {
  test.setTimeout(120_000);
  await page.goto(sites.broker);
  await look(page, 'trade-visitor');
  await page.getByRole('link', { name: 'Log in' }).first().click();
  await typeCredentials(page, bob);
  await expect(page.getByRole('main')).toContainText('10,000.00');
  await look(page, 'trade-empty');
  await page.goto(`${sites.broker}orders`);
  await look(page, 'trade-orders-empty');
  await page.goto(`${sites.broker}stocks/WAYNE`);
  await look(page, 'trade-stock');
  await page.getByLabel('Quantity').fill('3');
  await page.getByRole('button', { name: 'Review order' }).click();
  await look(page, 'trade-review');
  await page.getByRole('button', { name: 'Place order' }).click();
  await expect(page).toHaveURL(/\/orders/);
  await look(page, 'trade-orders');
  await page.goto(sites.broker);
  await look(page, 'trade-dashboard');
  await page.goto(`${sites.broker}stocks/NOPE`);
  await look(page, 'trade-not-found');
});

test.describe('a phone', () => {
  test.use({ viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true });

  test('the whole of an order at 360 pixels', async ({ page, sites }) => {
    await page.goto(sites.agent);
    const menu = page.getByRole('button', { name: /menu|sidebar|chats/i });
    await menu.click();
    await page.getByRole('link', { name: 'Log in' }).first().click();
    await typeCredentials(page, alice);
    await expect(page).toHaveURL(new RegExp(`^${sites.agent}`));
    await page.goto(`${sites.agent}accounts`);
    await connect(page, sites, page.getByRole('main'));
    await page.goto(sites.agent);
    const { order } = await ask(page, 'Buy 5 WAYNE');
    const box = await order.boundingBox();
    expect(box!.x).toBeGreaterThanOrEqual(0);
    expect(box!.x + box!.width).toBeLessThanOrEqual(360);
    const approval = await openApproval(page, order);
    await approval.getByRole('button', { name: 'Approve this order' }).tap();
    await expect(order).toContainText(/Placed|Filled/);
  });
});

test('the switch changes the theme, and it stays', async ({ page, sites }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(sites.agent);
  const theme = page.getByRole('button', { name: /theme|dark|light/i }).first();
  const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  for (let presses = 0; presses < 3 && (await scheme()) !== 'dark'; presses++) await theme.click();
  expect(await scheme()).toBe('dark');
  await page.reload();
  expect(await scheme()).toBe('dark');
});
