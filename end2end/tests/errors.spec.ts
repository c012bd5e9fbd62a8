// Errors in the address: a page of the site, with a link to continue. Also the pages without JavaScript.
import { test, expect } from '../fixtures.js';
import { alice, ask, card, logIn, logInAndConnect, typeCredentials } from '../people.js';
import type { Site } from '../program.js';

test.describe(() => {
  test.use({ expected: /Failed to load resource/ });

  test('a wrong address is answered in the site’s look', async ({ page, sites }) => {
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
      // A visitor keeps the navigation, too.
      await expect(page.getByRole('navigation').first(), path).toBeVisible();
      await expect(page.getByRole('banner').getByRole('link', { name: 'Log in' }), path).toBeVisible();
    }
  });

  test('an error page keeps the navigation, and offers to log out', async ({ page, sites }) => {
    await logIn(page, sites);
    await page.goto(`${sites.broker}auth/login?returnTo=%2F`);
    const wrong: [Site, string, string][] = [
      ['agent', 'nothing', 'Connected accounts'],
      ['agent', 't/unknown', 'Connected accounts'],
      ['agent', 'auth/logout', 'Connected accounts'],
      ['tenant', 'nothing', 'Apps with access'],
      ['tenant', 'approvals/apr_unknown', 'Apps with access'],
      ['tenant', 'u/nope', 'Apps with access'],
      ['broker', 'nothing', 'Orders'],
      ['broker', 'stocks/NOPE', 'Orders'],
      ['broker', 'auth/logout', 'Orders'],
    ];
    for (const width of [1180, 360]) {
      await page.setViewportSize({ width, height: 780 });
      for (const [site, path, way] of wrong) {
        const answer = await page.goto(sites[site] + path);
        expect(answer?.headers()['cache-control'], path).toBe('no-store');
        await expect(page.getByRole('navigation').getByRole('link', { name: way }), path).toBeVisible();
        await expect(page.getByRole('button', { name: 'Log out' }), path).toBeVisible();
        await expect(page.getByRole('banner').getByRole('link', { name: 'Log in' }), path).toHaveCount(0);
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(tooWide, `${path} at ${width}`).toBeLessThanOrEqual(0);
      }
    }
    // An error page's form is refused with another session's CSRF token, too.
    for (const site of ['agent', 'broker'] as Site[]) {
      await page.goto(`${sites[site]}nothing`);
      await page.locator('form[action="/auth/logout"] [name=csrf_token]').evaluate((field) => field.setAttribute('value', 'x'));
      const refused = page.waitForResponse(`${sites[site]}auth/logout`);
      await page.getByRole('button', { name: 'Log out' }).click();
      expect((await refused).status(), site).toBe(403);
      await expect(page.getByRole('navigation').first(), site).toBeVisible();
      await expect(page.getByRole('button', { name: 'Log out' }), site).toBeVisible();
    }
    // The logout works from an error page. Where its form has no session, a page asks first.
    await page.goto(`${sites.tenant}nothing`);
    await page.getByRole('button', { name: 'Log out' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Log out of Mandate identity?');
    await page.getByRole('button', { name: 'Log out' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('You are logged out');
    await page.goto(`${sites.tenant}nothing`);
    await expect(page.getByRole('banner').getByRole('link', { name: 'Log in' })).toBeVisible();
    await page.goto(`${sites.agent}nothing`);
    await page.getByRole('button', { name: 'Log out' }).click();
    await expect(page).toHaveURL(sites.agent);
    await expect(page.getByRole('link', { name: 'Log in' }).first()).toBeVisible();
  });
});

test('without JavaScript: read the chat, approve, trade', async ({ page, sites, browser }) => {
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
