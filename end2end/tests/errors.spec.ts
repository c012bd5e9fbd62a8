// Errors in the address: a page of the site, with a way on. And what works without JavaScript.
import { test, expect } from '../fixtures.js';
import { alice, ask, card, logInAndConnect, typeCredentials } from '../people.js';
import type { Site } from '../program.js';

test.describe(() => {
  test.use({ expected: /Failed to load resource/ });

  test('an address that leads nowhere, or that can’t be read, is answered in the site’s look', async ({ page, sites }) => {
    const wrong: [Site, string, string][] = [
      ['agent', 'nothing', 'Go to the chat'],
      ['agent', 't/%FF', 'Go to the chat'],
      // A browser opens an address that only takes a form.
      ['agent', 'auth/logout', 'Go to the chat'],
      ['tenant', 'u/nope', 'Go to your approvals'],
      ['broker', 'auth/logout', 'Go to StockTrade'],
      ['broker', 'orders/x', 'Go to StockTrade'],
      ['tenant', 'nothing', 'Go to your approvals'],
      ['tenant', 'approvals/%FF', 'Go to your approvals'],
      ['broker', 'nothing', 'Go to StockTrade'],
      ['broker', 'stocks/WAYNE?quantity=1&quantity=2', 'Go to StockTrade'],
      ['broker', 'u/login?request=over', 'Go to StockTrade'],
    ];
    for (const [site, path, way] of wrong) {
      const answer = await page.goto(sites[site] + path);
      expect(path === 'auth/logout' ? [405] : [400, 404], path).toContain(answer?.status());
      await expect(page.locator('html'), path).toHaveAttribute('data-site', site === 'tenant' ? 'identity' : site);
      await expect(page.getByRole('heading', { level: 1 }), path).toBeVisible();
      await expect(page.getByRole('link', { name: way }), path).toBeVisible();
    }
  });
});

test('without JavaScript: read the chat, approve, and trade by hand', async ({ page, sites, browser }) => {
  await logInAndConnect(page, sites);
  const { order } = await ask(page, 'Buy 5 WAYNE');
  const address = await order.getByRole('link', { name: /approval/i }).getAttribute('href');
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const there = await plain.newPage();

  await there.goto(sites.agent);
  await expect(there.locator('.chat-noscript')).toBeInViewport();
  await expect(there.getByRole('heading', { name: 'What can I do for you?' })).toBeInViewport();
  await there.goto(page.url());
  await expect(card(there, 'Buy 5 WAYNE')).toContainText('Waiting for you');
  await expect(there.getByRole('button', { name: 'Send' })).toBeHidden();

  await there.goto(address!);
  await there.getByRole('button', { name: 'Approve this order' }).click();
  await expect(there.getByRole('main')).toContainText('You approved this');
  await expect(order).toContainText(/Placed|Filled/);

  await there.goto(sites.broker);
  await there.getByRole('link', { name: 'Log in' }).first().click();
  if (await there.getByLabel('Password').isVisible()) await typeCredentials(there, alice);
  await there.goto(`${sites.broker}stocks/ACME`);
  await there.getByLabel('Quantity').fill('2');
  await there.getByRole('button', { name: 'Review order' }).click();
  await there.getByRole('button', { name: 'Place order' }).click();
  await expect(there.getByRole('main')).toContainText('Order filled');
  await plain.close();
});
