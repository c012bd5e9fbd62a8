// A turn survives a reload, a second tab, a lost connection, a restart of the program, and an expired login.
import { test, expect, loginGone } from '../fixtures.js';
import { ask, composer, logIn, logInAndConnect, openApproval, say, transcript, typeCredentials } from '../people.js';

test('a reload in the middle of an answer', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'What is the price of WAYNE?');
  await expect(page).toHaveURL(/\/t\//);
  await page.reload();
  await expect(transcript(page)).toContainText(/WAYNE.*\d+\.\d\d USD/s);
  await expect(transcript(page).getByText('What is the price of WAYNE?', { exact: true })).toHaveCount(1);
});

test('a second tab shows the same, live', async ({ page, sites }) => {
  await logInAndConnect(page, sites);
  const { order } = await ask(page, 'Buy 5 WAYNE');
  const second = await page.context().newPage();
  await second.goto(page.url());
  const same = second.getByRole('article').filter({ hasText: 'Buy 5 WAYNE' });
  await expect(same).toContainText('Waiting for you');
  const approval = await openApproval(page, order);
  await approval.getByRole('button', { name: 'Approve this order' }).click();
  await second.bringToFront();
  await expect(same).toContainText(/Placed|Filled/);
});

test.describe(() => {
  test.use({ expected: /net::ERR_INTERNET_DISCONNECTED|Failed to load resource|ERR_NETWORK/ });

  test('back online, a page shows what happened meanwhile', async ({ page, sites, browser }) => {
    await logInAndConnect(page, sites);
    const { order } = await ask(page, 'Buy 5 WAYNE');
    const address = await order.getByRole('link', { name: /approval/i }).getAttribute('href');
    const elsewhere = await browser.newContext({ storageState: await page.context().storageState() });
    await page.context().setOffline(true);
    const approval = await elsewhere.newPage();
    await approval.goto(address!);
    await approval.getByRole('button', { name: 'Approve this order' }).click();
    await expect(approval.getByRole('main')).toContainText('You approved this');
    await page.context().setOffline(false);
    await expect(order).toContainText(/Placed|Filled/, { timeout: 20_000 });
    await elsewhere.close();
  });
});

test.describe(() => {
  test.use({ expected: /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|Failed to load resource/ });

  test('a message written offline is sent when back online', async ({ page, sites, mandate }) => {
    await page.goto(sites.agent);
    await say(page, 'Who am I?');
    await expect(transcript(page)).toContainText(/don.t know/);
    await mandate.stop();
    const lost = page.getByText('The connection is lost');
    await expect(lost).toBeVisible();
    await composer(page).fill('What is the price of WAYNE?');
    await composer(page).press('Enter');
    await composer(page).fill('What is the price of ACME?');
    await composer(page).press('Enter');
    await expect(page.getByText('Not sent yet.')).toHaveCount(2);
    await mandate.serve();
    await expect(page.getByText('Not sent yet.')).toHaveCount(0, { timeout: 20_000 });
    await expect(transcript(page)).toContainText(/WAYNE.*\d+\.\d\d USD/s);
    await expect(transcript(page)).toContainText(/ACME.*\d+\.\d\d USD/s);
    for (const text of ['What is the price of WAYNE?', 'What is the price of ACME?']) {
      await expect(transcript(page).getByText(text, { exact: true })).toHaveCount(1);
    }
    await expect(lost).toBeHidden();
  });

  test('the program stops and starts again while an order waits', async ({ page, sites, mandate }) => {
    await logInAndConnect(page, sites);
    const { order } = await ask(page, 'Buy 5 WAYNE');
    await mandate.stop();
    await mandate.serve();
    const approval = await openApproval(page, order);
    await approval.getByRole('button', { name: 'Approve this order' }).click();
    await expect(order).toContainText(/Placed|Filled/, { timeout: 30_000 });
  });
});

test.describe(() => {
  test.use({ expected: loginGone });

  test('a message of an expired login is sent after login', async ({ page, sites }) => {
    await logIn(page, sites);
    await say(page, 'Who am I?');
    await expect(transcript(page)).toContainText('Alice');
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    expect(cookies.some((cookie) => cookie.name === 'mandate_agent')).toBe(true);
    await composer(page).fill('What is the price of LEX?');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('main').getByRole('link', { name: /log in/i }).first().click();
    await typeCredentials(page, { name: 'Alice', email: 'alice@example.com', password: 'mandate-demo' });
    await expect(transcript(page)).toContainText(/LEX.*\d+\.\d\d USD/s);
    await expect(transcript(page).getByText('What is the price of LEX?', { exact: true })).toHaveCount(1);
  });
});

test.describe('a model that fails', () => {
  test.use({ settings: { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', OPENAI_API_KEY: 'unused' } });

  test('says what happened and offers to try again', async ({ page, sites }) => {
    await page.goto(sites.agent);
    await say(page, 'Hello');
    await expect(page.getByRole('button', { name: /retry|try again/i })).toBeVisible({ timeout: 30_000 });
  });
});
