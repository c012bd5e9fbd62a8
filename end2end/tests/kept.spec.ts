// An unsent message stays its author's, and a page whose scripts fail says so.
import { test, expect, loginGone } from '../fixtures.js';
import { alice, ask, bob, card, composer, logIn, logInAndConnect, say, transcript, typeCredentials } from '../people.js';

test.describe(() => {
  test.use({ expected: loginGone });

  test('another person never sees a kept message or draft', async ({ page, sites }) => {
    const secret = 'What is the price of LEX?';
    await logIn(page, sites);
    await page.goto(sites.agent);
    await page.context().clearCookies();
    await composer(page).fill(secret);
    await page.getByRole('button', { name: 'Send' }).click();
    await expect(page.getByText('Your login has expired')).toBeVisible();
    await composer(page).fill('and a draft of mine');

    // Bob, in the same tab.
    await page.getByRole('main').getByRole('link', { name: 'Log in' }).click();
    await typeCredentials(page, bob);
    await expect(page.getByText('Bob', { exact: true }).first()).toBeVisible();
    await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
    await expect(page.getByText(secret)).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Send again' })).toHaveCount(0);
    await expect(composer(page)).toHaveValue('');
    await composer(page).fill('Who am I?');
    await page.getByRole('button', { name: 'Send' }).click();
    await expect(transcript(page)).toContainText('Bob');
    await page.goto(sites.agent);
    await expect(page.getByText(secret)).toHaveCount(0);

    // A visitor, who may be anyone, doesn't see it, either.
    await page.context().clearCookies();
    await page.goto(sites.agent);
    await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
    await expect(page.getByText(secret)).toHaveCount(0);
    await expect(composer(page)).toHaveValue('');

    // When Alice is back, it is sent.
    await page.getByRole('link', { name: 'Log in' }).first().click();
    await typeCredentials(page, alice);
    await expect(transcript(page).getByText(secret, { exact: true })).toHaveCount(1);
    await expect(transcript(page)).toContainText(/LEX.*\d+\.\d\d USD/s);
  });

  test('Withdraw with an expired login offers the login', async ({ page, sites }) => {
    await logInAndConnect(page, sites);
    const { order } = await ask(page, 'Buy 5 WAYNE');
    await page.context().clearCookies();
    await order.getByRole('button', { name: 'Withdraw' }).click();
    await expect(order).toContainText('Your login has expired');
    await order.getByRole('link', { name: 'Log in' }).click();
    await typeCredentials(page, alice);
    const again = card(page, 'Buy 5 WAYNE');
    await again.getByRole('button', { name: 'Withdraw' }).click();
    await expect(again).toContainText('You withdrew it');
  });
});

test.describe(() => {
  test.use({ expected: /Failed to load resource|Failed to fetch|error loading|TypeError|preload/ });

  for (const half of ['.js', '_bg.wasm']) {
    test(`a chat without its ${half} offers to load it again`, async ({ page, sites }) => {
      const code = (url: URL) => url.pathname.startsWith('/pkg/') && url.pathname.endsWith(half);
      await page.route(code, (route) => route.abort());
      await page.goto(sites.agent);
      const told = page.getByRole('alert');
      await expect(told).toContainText('its buttons don’t work yet');
      await expect(page.getByRole('button', { name: 'Send' })).toBeDisabled();
      await page.unroute(code);
      await told.getByRole('link', { name: 'Load again' }).click();
      await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
      await expect(told).toBeHidden();
      await say(page, 'Who am I?');
    });
  }
});

test('times are how long ago, with the exact one on hover', async ({ page, sites }) => {
  await logInAndConnect(page, sites);
  const { order } = await ask(page, 'Buy 5 WAYNE');
  const address = await order.getByRole('link', { name: /approval/i }).getAttribute('href');
  const approval = await page.context().newPage();
  await approval.goto(address!);
  await approval.getByRole('button', { name: 'Approve this order' }).click();
  await page.bringToFront();
  await expect(order).toContainText(/Approved by you, (just now|\d+ seconds? ago)/);
  for (const path of ['orders', '']) {
    await approval.goto(sites.broker + path);
    const times = approval.getByRole('main').locator('time:not(.chart time):not(figure time)');
    await expect(times.first()).toHaveText(/just now|\d+ (second|minute)s? ago/);
    for (const time of await times.all()) expect(await time.getAttribute('title')).toMatch(/\d\d:\d\d:\d\d/);
  }
});
