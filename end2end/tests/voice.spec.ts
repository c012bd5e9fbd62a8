// What a person hears who can't see the screen: one voice, in order, whole blocks only, and silence afterwards; and the
// last minute of an approval, with five more.
import type { BrowserContext, Page } from '@playwright/test';
import { expect } from '../fixtures.js';
import { test } from '../fixtures.js';
import { stream, withModel } from '../model.js';
import { ask, logInAndConnect, openApproval, say, transcript } from '../people.js';

type Heard = { heard: string[] };

/** From here on, pages record what their voice says. */
async function listen(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const heard: string[] = ((window as unknown as Heard).heard = []);
    const look = (changes: MutationRecord[]) => {
      for (const { target } of changes) {
        const region = (target as Element).closest?.('[aria-live=polite], [aria-live=assertive], [role=status]');
        if (region?.textContent?.trim()) heard.push(region.textContent.trim());
      }
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
  });
}

const heard = (page: Page) => page.evaluate(() => (window as unknown as Heard).heard);
const times = async (page: Page, text: string) => (await heard(page)).filter((one) => one === text).length;

withModel((_, response) => stream(response, ['The first', ' block.\n\n', 'The *second* is', ' **longer**.\n\n- a\n- list\n\n', 'The end.'].map((content) => ({ content }))))(
  'an answer is heard in whole blocks, in order, once each',
  async ({ page, context, sites }) => {
    await listen(context);
    await page.goto(sites.agent);
    await say(page, 'Hello');
    await expect(transcript(page)).toContainText('The end.');
    await expect.poll(() => heard(page)).toEqual(['The first block.', 'The second is longer.', 'a list', 'The end.']);
    await expect(page.locator('#voice')).toBeEmpty();
    // What was said before isn't said again.
    await page.reload();
    await expect(transcript(page)).toContainText('The end.');
    await say(page, 'Hello again');
    await expect.poll(async () => (await heard(page)).length).toBe(4);
  },
);

test.describe('the last minute', () => {
  test.use({ settings: { APPROVAL_SECONDS: '68' } });

  test('an approval says so, and offers five more, once', async ({ page, context, sites }) => {
    await listen(context);
    await logInAndConnect(page, sites);
    const { order } = await ask(page, 'Buy 5 WAYNE');
    const approval = await openApproval(page, order);
    const offer = 'One minute left to approve Buy 5 WAYNE. You can take 5 more minutes.';
    const more = approval.getByRole('button', { name: 'Give me 5 more minutes' });
    await expect(more).toBeHidden();
    await expect.poll(() => heard(page)).toContain(offer);
    await expect(order.getByRole('link', { name: /^Give me 5 more minutes/ })).toBeVisible();
    await expect.poll(() => heard(approval)).toContain('One minute left. You can take 5 more minutes.');
    await more.click();
    await expect.poll(() => heard(approval)).toContain('It waits 5 minutes longer.');
    await expect.poll(() => heard(page)).toContain('Buy 5 WAYNE waits 5 minutes longer.');
    await expect(more).toHaveCount(0);
    await expect(order.getByRole('link', { name: /^Give me 5 more minutes/ })).toHaveCount(0);
    await expect(order).toContainText(/[56]:\d\d left/);
    await expect(approval.getByRole('main')).toContainText(/[56]:\d\d/);
    for (const [at, text] of [[page, offer], [page, 'Buy 5 WAYNE waits 5 minutes longer.'], [approval, 'It waits 5 minutes longer.']] as const) {
      expect(await times(at, text), text).toBe(1);
    }
    for (const at of [page, approval]) await expect(at.locator('#voice')).toBeEmpty();
  });

  test('orders that were asked together get them together, and the ticks stay', async ({ page, context, sites }) => {
    await listen(context);
    await logInAndConnect(page, sites);
    await say(page, 'Buy 1 ACME and 3 WAYNE');
    const orders = page.getByRole('article').filter({ hasText: 'Waiting for you' });
    await expect(orders).toHaveCount(2);
    const approval = await openApproval(page, orders.last());
    const acme = approval.getByRole('checkbox', { name: 'Buy 1 ACME' });
    await acme.uncheck();
    await approval.getByRole('button', { name: 'Give me 5 more minutes' }).click();
    await expect.poll(() => heard(approval)).toContain('They wait 5 minutes longer.');
    await expect(acme).not.toBeChecked();
    await expect(approval.getByRole('checkbox', { name: 'Buy 3 WAYNE' })).toBeChecked();
    for (const order of await orders.all()) await expect(order).toContainText(/[56]:\d\d left/);
    await expect.poll(() => heard(page)).toEqual(expect.arrayContaining(['Buy 1 ACME waits 5 minutes longer.', 'Buy 3 WAYNE waits 5 minutes longer.']));
    await approval.getByRole('button', { name: 'Approve what is ticked' }).click();
    await expect(page.getByRole('article').filter({ hasText: '3 WAYNE' })).toContainText(/Placed|Filled/);
  });
});
