// Logging in and out through all three sites, and opening an account.
import { test, expect } from '../fixtures.js';
import { alice, bob, composer, logIn, logOut, say, transcript, typeCredentials } from '../people.js';

test('Alice logs in, is known, and logs out; then Bob is Bob', async ({ page, sites }) => {
  await logIn(page, sites, alice);
  await say(page, 'Who am I?');
  await expect(transcript(page)).toContainText('Alice');
  await logOut(page, sites);
  await logIn(page, sites, bob);
  await expect(page.getByRole('navigation', { name: 'Chats' })).not.toContainText('Who am I?');
  await say(page, 'Who am I?');
  await expect(transcript(page)).toContainText('Bob');
});

test('logging out ends every session, StockTrade’s own too', async ({ page, sites }) => {
  await logIn(page, sites);
  await page.goto(`${sites.tenant}approvals`);
  await expect(page.getByRole('heading', { name: 'Approvals' })).toBeVisible();
  await page.goto(`${sites.broker}auth/login`);
  await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible();
  await logOut(page, sites);
  await page.goto(sites.broker);
  await expect(page.getByRole('link', { name: 'Log in' }).first()).toBeVisible();
  await page.goto(`${sites.tenant}approvals`);
  await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible();
});

test.describe(() => {
  test.use({ expected: /status of 40[14]/ });

  test('logout hides the chat in every tab; login restores it', async ({ page, sites }) => {
    await logIn(page, sites, alice);
    await say(page, 'Who am I?');
    await expect(transcript(page)).toContainText('alice@example.com');
    await composer(page).fill('Half a thought');
    const other = await page.context().newPage();
    await logOut(other, sites);
    await expect(page.getByRole('heading', { name: 'Log in to see this chat' })).toBeVisible();
    await expect(page.locator('body')).not.toContainText('alice@example.com');
    await page.getByRole('main').getByRole('link', { name: 'Log in' }).click();
    await typeCredentials(page, alice);
    await expect(transcript(page)).toContainText('alice@example.com');
    await expect(composer(page)).toHaveValue('Half a thought');
  });
});

test.describe(() => {
  test.use({ expected: /status of 401/ });

  test('a wrong password says so, and says no more', async ({ page, sites }) => {
    await page.goto(sites.agent);
    await page.getByRole('link', { name: 'Log in' }).first().click();
    await typeCredentials(page, { ...alice, password: 'not-the-password' });
    const said = await page.getByRole('alert').innerText();
    await typeCredentials(page, { ...alice, email: 'nobody@example.com', password: 'not-the-password' });
    await expect(page.getByRole('alert')).toHaveText(said);
  });
});

test('what a visitor wrote becomes theirs at login', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'What is the price of WAYNE?');
  await expect(page).toHaveURL(/\/t\//);
  const thread = page.url();
  await logIn(page, sites);
  await page.goto(thread);
  await expect(transcript(page)).toContainText('What is the price of WAYNE?');
});

test('anybody may open an account, which starts with 10,000.00', async ({ page, sites }) => {
  const carol = { name: 'Carol', email: 'carol@example.com', password: 'a long enough one' };
  await page.goto(sites.agent);
  await page.getByRole('link', { name: 'Log in' }).first().click();
  await page.getByRole('link', { name: 'Open an account' }).click();
  await page.getByLabel('Name').fill(carol.name);
  await page.getByLabel('Email').fill(carol.email);
  await page.getByLabel('Password').fill(carol.password);
  await page.getByRole('button', { name: 'Open account' }).click();
  await expect(page).toHaveURL(new RegExp(`^${sites.agent}`));
  await say(page, 'Who am I?');
  await expect(transcript(page)).toContainText('Carol');
  await page.goto(sites.broker);
  await page.getByRole('link', { name: 'Log in' }).first().click();
  await expect(page.getByRole('main')).toContainText('10,000.00');
});

test('a login from a chat that just began leads back to it', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'Who am I?');
  await expect(page).toHaveURL(/\/t\//);
  const chat = page.url();
  await page.getByRole('link', { name: 'Log in' }).first().click();
  await typeCredentials(page, alice);
  await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible();
  await expect(page).toHaveURL(chat);
  await expect(transcript(page)).toContainText('Who am I?');
});

for (const before of ['without a cookie', 'with a chat']) {
  test(`two logins in one browser both succeed, ${before}`, async ({ page, sites, context }) => {
    if (before === 'with a chat') {
      await page.goto(sites.agent);
      await say(page, 'Who am I?');
    }
    const other = await context.newPage();
    await Promise.all([
      page.goto(`${sites.agent}auth/login?returnTo=/accounts`),
      other.goto(`${sites.agent}auth/login?returnTo=/`),
    ]);
    await expect(page.getByLabel('Password')).toBeVisible();
    await expect(other.getByLabel('Password')).toBeVisible();
    await typeCredentials(page, alice);
    await expect(page).toHaveURL(`${sites.agent}accounts`);
    await typeCredentials(other, alice);
    await expect(other).toHaveURL(sites.agent);
    await expect(other.getByRole('button', { name: 'Log out' })).toBeVisible();
    await page.reload();
    await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible();
  });
}
