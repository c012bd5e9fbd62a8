// An order: requested in the chat, decided on the identity service's page, placed once by the broker.
import { test, expect } from '../fixtures.js';
import { ask, card, composer, logInAndConnect, openApproval, say, transcript } from '../people.js';

test('approved in a second tab: placed once, and said so', async ({ page, sites }) => {
  await logInAndConnect(page, sites);
  // The live region announces one text after the other, and is empty afterwards.
  const voice = page.locator('[aria-live=polite]');
  await voice.evaluate((region) => {
    const said: string[] = ((window as unknown as { said: string[] }).said = []);
    new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, { childList: true });
  });
  const { order, code } = await ask(page, 'Buy 5 WAYNE');
  await expect(order).toContainText(/\d:\d\d/);
  const said = () => page.evaluate(() => (window as unknown as { said: string[] }).said.filter(Boolean));
  await expect.poll(said).toContain(`Buy 5 WAYNE waits for your approval. The code is ${code}.`);
  await expect.poll(async () => (await said()).some((text) => /ask for your approval/.test(text))).toBe(true);
  await expect(voice).toBeEmpty();
  await expect(order).toContainText('5');
  const approval = await openApproval(page, order);
  expect(approval.url()).toContain(`${sites.tenant}approvals/`);
  const facts = approval.getByRole('main');
  await expect(facts.getByRole('heading', { level: 1 })).toHaveText('Buy 5 WAYNE');
  // The page waits one second for StockTrade's facts. On a busy machine they may come later.
  const company = 'Wayne Enterprises (WAYNE)';
  if (!(await facts.textContent())?.includes(company)) {
    await expect(async () => {
      await approval.reload();
      await expect(facts).toContainText(company, { timeout: 2_000 });
    }).toPass({ timeout: 20_000 });
  }
  for (const words of [code, 'StockTrade · Alice', 'Buy 5 WAYNE', company, 'Price now', 'In all at most', 'You don’t approve this text']) {
    await expect(facts).toContainText(words);
  }
  await approval.getByRole('button', { name: 'Approve this order' }).click();
  await expect(order).toContainText(/Placed|Filled/);
  await expect(approval.getByRole('main')).toContainText('You approved this');
  // The page shows the outcome in StockTrade's words.
  await expect(approval.getByRole('main')).toContainText(/StockTrade placed it: bought 5 WAYNE at \d+\.\d\d USD/);
  // The page leads back to the thread that asked.
  await approval.getByRole('link', { name: /Back to/ }).click();
  await expect(approval).toHaveURL(page.url());

  // The same code appears in chat, approvals and order history.
  await approval.goto(`${sites.tenant}approvals`);
  await expect(approval.getByRole('main')).toContainText(code);
  // StockTrade recognises the login, so the link to the orders needs no login form.
  const [history] = await Promise.all([
    page.context().waitForEvent('page'),
    order.getByRole('link', { name: /See the order/ }).click(),
  ]);
  await expect(history).toHaveURL(`${sites.broker}orders`);
  await expect(history.getByText('Buy 5 WAYNE')).toHaveCount(1);
  await expect(history.getByRole('main')).toContainText(code);
  await expect(history.getByRole('main')).toContainText('Mandate chat');
});

test('line 55 · denied: only a message naming it asks again', async ({ page, sites }) => {
  await logInAndConnect(page, sites);
  const { order } = await ask(page, 'Buy 5 WAYNE');
  const approval = await openApproval(page, order);
  await approval.getByRole('button', { name: 'Deny' }).click();
  await expect(approval.getByRole('main')).toContainText('You denied this');
  await expect(order).toContainText('Denied');
  const orders = page.getByRole('article').filter({ hasText: 'Buy 5 WAYNE' });
  // In two messages the model calls for the same order. The second doesn't name the stock.
  await say(page, 'Buy WAYNE');
  await expect(transcript(page)).toContainText('How many shares of WAYNE?');
  await say(page, '5');
  await expect(transcript(page)).toContainText('ask again by myself');
  await expect(transcript(page).getByText('Waiting for you')).toHaveCount(0);
  await expect(orders).toHaveCount(1);
  // Nothing else waits for approval.
  await approval.goto(`${sites.tenant}approvals`);
  await expect(approval.getByRole('button', { name: 'Approve this order' })).toHaveCount(0);
  const again = await ask(page, 'Buy 5 WAYNE');
  await expect(orders).toHaveCount(2);
  await expect(again.order).toContainText('You denied the same request');
});

test('line 55 · two orders: one page, the unticked is denied', async ({ page, sites }) => {
  await logInAndConnect(page, sites);
  await say(page, 'Buy 5 WAYNE and 3 STARK');
  const orders = page.getByRole('article').filter({ hasText: 'Waiting for you' });
  await expect(orders).toHaveCount(2);
  const codes = await orders.locator('.code').allInnerTexts();
  expect(codes[0]).toBe(codes[1]);
  const approval = await openApproval(page, orders.last());
  const main = approval.getByRole('main');
  await expect(main.getByRole('heading', { level: 1 })).toHaveText('2 requests together');
  for (const words of [codes[0]!, 'Buy 5 WAYNE', 'Buy 3 STARK', 'All together', 'at most']) {
    await expect(main).toContainText(words);
  }
  // By keyboard: each tick has the request's name.
  const stark = main.getByRole('checkbox', { name: 'Buy 3 STARK' });
  await expect(stark).toBeChecked();
  await stark.focus();
  await approval.keyboard.press('Space');
  await main.getByRole('button', { name: 'Approve what is ticked' }).click();
  await expect(card(page, 'Buy 5 WAYNE')).toContainText(/Placed|Filled/);
  await expect(card(page, 'Buy 3 STARK')).toContainText('Denied');
  // Each request has a page of its own again, which leads to the other.
  await expect(main.getByRole('heading', { level: 1 })).toHaveText('Buy 3 STARK');
  await main.getByRole('link', { name: 'Buy 5 WAYNE' }).click();
  await expect(main).toContainText('You approved this');
});

test.describe(() => {
  // A decision on an outdated page is refused.
  test.use({ expected: /status of 409/ });

  test('withdrawn in the chat: the approval page says so', async ({ page, sites }) => {
    await logInAndConnect(page, sites);
    const { order } = await ask(page, 'Buy 5 WAYNE');
    const approval = await openApproval(page, order);
    await order.getByRole('button', { name: 'Withdraw' }).click();
    await expect(order).toContainText('Withdrawn');
    // A decision on a page left open is refused (THREATS.md line 55). The page may refresh itself before the click.
    const approve = approval.getByRole('button', { name: 'Approve this order' });
    if (await approve.isVisible()) await approve.click({ timeout: 5_000 }).catch(() => {});
    await expect(approval.getByRole('main')).toContainText(/withdrawn/i);
    await expect(approval.getByRole('button', { name: 'Approve this order' })).toHaveCount(0);
  });
});

test('while it waits, this thread and another go on', async ({ page, sites }) => {
  await logInAndConnect(page, sites);
  const { order } = await ask(page, 'Buy 5 WAYNE');
  await say(page, 'What is the price of STARK?');
  await expect(transcript(page)).toContainText(/STARK.*\d+\.\d\d USD/s);
  await expect(order).toContainText('Waiting for you');
  await page.getByRole('link', { name: 'New chat' }).click();
  await say(page, 'Who am I?');
  await expect(transcript(page)).toContainText('Alice');
});

test('the inbox is live: a request appears by itself', async ({ page, sites }) => {
  await logInAndConnect(page, sites);
  const inbox = await page.context().newPage();
  await inbox.goto(`${sites.tenant}approvals`);
  await expect(inbox.getByRole('main')).toContainText('Nothing waits for you');
  const { code } = await ask(page, 'Buy 5 WAYNE');
  await expect(inbox.getByRole('main')).toContainText(code);
  await inbox.getByRole('link', { name: /Buy 5 WAYNE/ }).click();
  await inbox.getByRole('button', { name: 'Approve this order' }).click();
  await expect(inbox.getByRole('main')).toContainText('You approved this');
});

test('with the keyboard alone', async ({ page, sites }) => {
  await logInAndConnect(page, sites);
  // Enter sends only after WebAssembly has started.
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
  await composer(page).focus();
  await page.keyboard.type('Buy 5 WAYNE');
  await page.keyboard.press('Enter');
  const order = page.getByRole('article').filter({ hasText: 'Buy 5 WAYNE' }).last();
  await expect(order).toContainText('Waiting for you');
  const link = order.getByRole('link', { name: /approval/i });
  for (let presses = 0; presses < 60 && !(await focused(link)); presses++) await page.keyboard.press('Shift+Tab');
  expect(await focused(link)).toBe(true);
  const outline = await link.evaluate((element) => getComputedStyle(element).outlineStyle);
  expect(outline, 'focus is visible').not.toBe('none');
  const opened = page.context().waitForEvent('page');
  await page.keyboard.press('Enter');
  const approval = await opened;
  await approval.waitForLoadState();
  const approve = approval.getByRole('button', { name: 'Approve this order' });
  for (let presses = 0; presses < 40 && !(await focused(approve)); presses++) await approval.keyboard.press('Tab');
  await approval.keyboard.press('Enter');
  await expect(approval.getByRole('main')).toContainText('You approved this');
  await expect(order).toContainText(/Placed|Filled/);
});

async function focused(locator: import('@playwright/test').Locator): Promise<boolean> {
  return locator.evaluate((element) => element === document.activeElement);
}

test.describe('a request that nobody decides', () => {
  test.use({ settings: { APPROVAL_SECONDS: '20' } });

  test('expired: chat and page say so, and nothing is placed', async ({ page, sites }) => {
    await logInAndConnect(page, sites);
    const { order } = await ask(page, 'Buy 5 WAYNE');
    const approval = await openApproval(page, order);
    await expect(order).toContainText('Expired', { timeout: 40_000 });
    await expect(approval.getByRole('main')).toContainText(/Expired|in time/, { timeout: 15_000 });
    await expect(approval.getByRole('button', { name: 'Approve this order' })).toHaveCount(0);
    await approval.goto(sites.broker);
    await approval.getByRole('link', { name: 'Log in' }).first().click();
    await approval.goto(`${sites.broker}orders`);
    await expect(approval.getByText('Buy 5 WAYNE')).toHaveCount(0);
  });
});

test.describe('three processes', () => {
  test.use({ apart: true });

  test('the same journey', async ({ page, sites }) => {
    await logInAndConnect(page, sites);
    const { order } = await ask(page, 'Buy 5 WAYNE');
    const approval = await openApproval(page, order);
    await approval.getByRole('button', { name: 'Approve this order' }).click();
    await expect(order).toContainText(/Placed|Filled/);
  });
});
