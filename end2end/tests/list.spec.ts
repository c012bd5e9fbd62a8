// The list of chats: grouped by day in the reader's time zone, loaded on scrolling, current without a reload.
import { test, expect } from '../fixtures.js';
import { say, transcript } from '../people.js';

test('another tab shows at once which chats wait', async ({ page, sites, context }) => {
  await page.goto(sites.agent);
  await say(page, 'What is the price of WAYNE?');
  await expect(transcript(page)).toContainText(/USD/);
  const list = page.getByRole('navigation', { name: 'Chats' });
  await expect(list.getByRole('link', { name: 'What is the price of WAYNE?', exact: true })).toHaveAttribute('aria-current', 'page');

  // A page without a chat, and one with another chat.
  const other = await context.newPage();
  await other.goto(`${sites.agent}search`);
  await expect(other.getByRole('heading', { name: 'Today' })).toBeVisible();
  const writer = await context.newPage();
  await writer.goto(sites.agent);
  await say(writer, 'Show my portfolio');
  await expect(transcript(writer).getByRole('link', { name: 'Log in' })).toBeVisible();
  for (const tab of [other, page, writer]) {
    // A hidden page updates when it is shown again.
    await tab.bringToFront();
    const links = tab.getByRole('navigation', { name: 'Chats' }).locator('.threads-thread');
    await expect(links.first()).toHaveAccessibleName(/^Show my portfolio,? Waits for you$/);
    await expect(links).toHaveCount(2);
  }
});

const row = (id: number, at: string) =>
  `<li id="l-thr_${id}" data-at="${Date.parse(at)}"><a class="threads-thread" href="/t/thr_${id}"><span class="threads-title">Chat ${id}</span></a></li>`;

test.describe('in Auckland', () => {
  test.use({ timezoneId: 'Pacific/Auckland' });

  test('chats are grouped by the reader’s days', async ({ page, sites }) => {
    await page.clock.setFixedTime('2026-11-28T12:00:00Z'); // one o’clock on the 29th
    await page.goto(sites.agent);
    const times = ['2026-11-28T11:30:00Z', '2026-11-28T10:30:00Z', '2026-11-27T10:30:00Z', '2026-11-20T11:30:00Z', '2026-11-01T00:00:00Z', '2026-10-31T10:30:00Z', '2026-10-31T11:30:00Z'];
    await page.route('**/api/threads?html', (route) =>
      route.fulfill({ contentType: 'text/html', body: times.map((at, id) => row(id, at)).join('') }),
    );
    await page.evaluate(() => document.dispatchEvent(new Event('mandate:list')));
    const list = page.getByRole('navigation', { name: 'Chats' });
    await expect(list).toMatchAriaSnapshot(`
      - navigation "Chats":
        - heading "Today"
        - list:
          - listitem:
            - link "Chat 0"
        - heading "Yesterday"
        - list:
          - listitem:
            - link "Chat 1"
        - heading "Previous 7 days"
        - list:
          - listitem:
            - link "Chat 2"
        - heading "November 2026"
    `);
  });
});

test('older chats load while scrolling, and by keyboard', async ({ page, sites }) => {
  await page.goto(sites.agent);
  const link = (page_: number) =>
    `<a class="button quiet wide threads-older" href="/chats" data-older="/api/threads?html&after=${page_}">Show older chats</a>`;
  const chats = (from: number) =>
    Array.from({ length: 100 }, (_, n) => row(from + n, new Date(Date.now() - (from + n) * 3_600_000).toISOString())).join('');
  await page.route('**/api/threads?html*', (route) => {
    const after = new URL(route.request().url()).searchParams.get('after');
    const body = after === null ? chats(0) + link(1) : after === '1' ? chats(100) + link(2) : chats(199);
    return route.fulfill({ contentType: 'text/html', body });
  });
  await page.evaluate(() => document.dispatchEvent(new Event('mandate:list')));
  const list = page.getByRole('navigation', { name: 'Chats' });
  const links = list.locator('.threads-thread');
  await expect(links.first()).toHaveText('Chat 0');
  // Scrolls to the very end, page by page. The last page repeats a chat of the one before.
  await expect(async () => {
    await list.evaluate((nav) => nav.scrollTo(0, nav.scrollHeight));
    await expect(links).toHaveCount(299, { timeout: 500 });
  }).toPass();
  await expect(list.getByRole('link', { name: 'Show older chats' })).toHaveCount(0);
  // Older chats stay when the newest are reloaded, and the focus stays where it is.
  await links.nth(250).focus();
  await page.evaluate(() => document.dispatchEvent(new Event('mandate:list')));
  await page.evaluate(() => fetch('/api/threads?html'));
  await expect(links).toHaveCount(299);
  await expect(links.nth(250)).toBeFocused();
});

test('without scripts the list has pages', async ({ page, sites, browser }) => {
  await page.goto(sites.agent);
  await say(page, 'What is the price of WAYNE?');
  await expect(transcript(page)).toContainText(/USD/);
  await expect(page.getByRole('button', { name: 'Stop' })).toBeHidden();
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const read = await plain.newPage();
  await read.goto(`${sites.agent}chats`);
  const all = read.getByRole('navigation', { name: 'All chats' });
  await expect(all.getByRole('heading', { name: 'Today' })).toBeVisible();
  await all.getByRole('link', { name: 'What is the price of WAYNE?', exact: true }).click();
  await expect(read.getByRole('log')).toContainText('What is the price of WAYNE?');
  await plain.close();
});
