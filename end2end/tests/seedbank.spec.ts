// An account at a provider of OAuth 2 without OpenID metadata, which Mandate knows by seedbank.toml alone: connected in
// the chat, refreshed, and revoked. The provider is an unmodified node-oidc-provider.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect } from '../fixtures.js';
import { card, logIn, say, transcript, type Person } from '../people.js';
import { SeedBank } from '../seedbank.js';

const carol: Person = { name: 'Carol', email: 'carol@example.com', password: 'mandate-demo' };

const test = base.extend<{ bank: SeedBank; folder: string }>({
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'seedbank-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  bank: async ({}, use) => {
    const bank = await SeedBank.plan();
    await use(bank);
    await bank.stop();
  },
  settings: async ({ bank, folder }, use) => use(bank.settings(folder)),
});
test.beforeEach(async ({ bank, sites }) => bank.start(sites.tenant));

test('without metadata: connected, refreshed, revoked', async ({ page, sites, bank }) => {
  await logIn(page, sites, carol);
  await say(page, 'Which seeds are there?');
  const asked = card(page, 'Connect Seed Bank');
  await expect(asked).toContainText('See which seeds you keep there');
  await asked.getByRole('link', { name: /connect/i }).click();
  await expect(page.getByRole('heading')).toHaveText('Seed Bank: allow seeds:read');
  await page.getByRole('button', { name: 'Open the drawer' }).click();
  await expect(transcript(page).getByRole('cell', { name: '3400', exact: true })).toBeVisible();

  // Each token lives 30 s, and each refresh token is for one use.
  for (const times of [2, 3]) {
    await say(page, 'Which seeds are there?');
    await expect(transcript(page).getByRole('cell', { name: '3400', exact: true })).toHaveCount(times);
  }
  expect(new Set(bank.seen).size).toBe(3);

  await page.goto(`${sites.agent}accounts`);
  await expect(page.getByRole('main')).toContainText('See which seeds you keep there');
  const token = bank.seen.at(-1)!;
  expect(await bank.accepts(token)).toBe(true);
  await page.getByText('Disconnect', { exact: true }).click();
  await page.getByRole('button', { name: 'Disconnect Seed Bank' }).click();
  await expect(page.getByText('The account is disconnected.')).toBeVisible();
  expect(await bank.accepts(token), 'the grant is revoked, and its tokens').toBe(false);
  expect(bank.missed, 'nothing is discovered').toEqual([]);
});

test('without metadata: declined, nothing is connected', async ({ page, sites }) => {
  await logIn(page, sites, carol);
  await say(page, 'Which seeds are there?');
  await card(page, 'Connect Seed Bank').getByRole('link', { name: /connect/i }).click();
  await page.getByRole('button', { name: 'Keep it shut' }).click();
  await expect(page.getByText(/Seed Bank wasn.t connected/)).toBeVisible();
  await page.goto(`${sites.agent}accounts`);
  await expect(page.getByRole('main').getByRole('link', { name: /connect/i })).toBeVisible();
});
