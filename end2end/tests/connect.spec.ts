// Connecting the StockTrade account: from a card in the chat, and from Connected accounts.
import { test, expect } from '../fixtures.js';
import { buyByHand, card, connect, logIn, logInAndConnect, say, transcript } from '../people.js';

test('the turn that needed the account goes on by itself', async ({ page, sites }) => {
  await buyByHand(page, sites, 2);
  await logIn(page, sites);
  await say(page, 'Show my portfolio');
  const connection = card(page, /connect/i);
  await expect(connection).toContainText('See your cash, positions and their value');
  await connect(page, sites, connection);
  await expect(transcript(page).getByText('Show my portfolio', { exact: true })).toHaveCount(1);
  const row = transcript(page).getByRole('table').getByRole('row', { name: /WAYNE/ });
  await expect(row).toContainText(/2.*\d+\.\d\d/s);
  await expect(transcript(page)).toContainText('Cash');
});

test('a visitor is asked to log in first, and the turn goes on', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'Show my portfolio');
  await expect(transcript(page).getByRole('link', { name: 'Log in' })).toBeVisible();
});

test('Connected accounts shows scopes and date, disconnects', async ({ page, sites }) => {
  await logInAndConnect(page, sites);
  await page.goto(`${sites.agent}accounts`);
  const main = page.getByRole('main');
  await expect(main).toContainText('StockTrade');
  await expect(main).toContainText('Alice, connected');
  await expect(main).toContainText('See your orders');
  await expect(main.locator('time').first()).toBeVisible();
  await main.getByText('Disconnect', { exact: true }).click();
  await main.getByRole('button', { name: 'Disconnect StockTrade' }).click();
  await expect(main.getByRole('link', { name: /connect/i })).toBeVisible();
  await page.goto(sites.agent);
  await say(page, 'Show my portfolio');
  await expect(card(page, /connect/i)).toBeVisible();
  await expect(transcript(page).getByText('Total value')).toHaveCount(0);
});

test('a refused consent connects nothing and says so', async ({ page, sites }) => {
  await logIn(page, sites);
  await page.goto(`${sites.agent}accounts`);
  await page.getByRole('main').getByRole('link', { name: /connect/i }).click();
  await page.getByRole('button', { name: 'Don’t allow' }).click();
  await expect(page).toHaveURL(new RegExp(`^${sites.agent}accounts`));
  await expect(page.getByRole('main').getByRole('link', { name: /connect/i })).toBeVisible();

  // After a refusal, the page leads back to the chat.
  await page.goto(sites.agent);
  await say(page, 'Show my portfolio');
  const asked = card(page, /connect/i);
  await expect(asked).toBeVisible();
  const chat = page.url();
  await asked.getByRole('link', { name: /connect/i }).click();
  await page.getByRole('button', { name: 'Don’t allow' }).click();
  await page.getByRole('link', { name: 'Back to the chat' }).click();
  await expect(page).toHaveURL(chat);
});
