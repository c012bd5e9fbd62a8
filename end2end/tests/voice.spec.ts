// Screen readers: finished blocks and changes of a card are announced once each, in order, through one live region.
import type { Page } from '@playwright/test';
import type { ServerResponse } from 'node:http';
import { expect, test } from '../fixtures.js';
import { stream, withModel } from '../model.js';
import { ask, logInAndConnect, openApproval, say, transcript } from '../people.js';

/** Records the announcements of this tab and of those that it opens, until the next page. */
async function listen(page: Page): Promise<void> {
  await page.context().addInitScript(() => {
    const said: string[] = ((window as unknown as { said: string[] }).said = []);
    const hear = ({ target }: MutationRecord) => {
      if (target instanceof HTMLElement && target.ariaLive === 'polite') said.push(target.textContent ?? '');
    };
    new MutationObserver((changes) => changes.forEach(hear)).observe(document, { childList: true, subtree: true });
  });
}

/** The announced texts, without the notice of a slow model. Expects that the region was empty after each. */
async function said(page: Page): Promise<string[]> {
  const all = await page.evaluate(() => (window as unknown as { said: string[] }).said);
  const texts = all.filter((_, at) => at % 2 === 0);
  expect(all).toEqual(texts.flatMap((text) => [text, '']).slice(0, all.length));
  return texts.filter((text) => !text.startsWith('Still waiting for the model'));
}

/** Waits until the voice has announced exactly these. */
async function hears(page: Page, texts: (string | RegExp)[]): Promise<void> {
  await expect(async () => expect(await said(page)).toHaveLength(texts.length)).toPass({ timeout: 20_000 });
  for (const [at, text] of (await said(page)).entries()) expect(text).toMatch(texts[at]!);
  await expect(page.locator('[aria-live=polite]')).toBeEmpty();
}

let answer: ServerResponse;
const withWriter = withModel((messages, response) => {
  if (messages[0]!.content.startsWith('Write a title')) stream(response, [{ content: 'A title' }]);
  else answer = response.writeHead(200, { 'content-type': 'text/event-stream' });
});

/** The model writes a piece of its answer. */
async function writes(content: string, end?: 'end'): Promise<void> {
  await expect.poll(() => answer?.writableEnded).toBe(false);
  const choice = { index: 0, delta: { content }, finish_reason: null };
  const last = { index: 0, delta: {}, finish_reason: 'stop' };
  for (const choices of end ? [[choice], [last]] : [[choice]]) {
    answer.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`);
  }
  if (end) answer.end('data: [DONE]\n\n');
}

withWriter.describe(() => {
  withWriter.use({ expected: /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|Failed to load resource/ });

  withWriter('an answer: finished blocks, and none again after a break or a reload', async ({ page, sites, mandate }) => {
    await listen(page);
    await page.goto(sites.agent);
    await say(page, 'Tell me');
    const log = transcript(page);
    await writes('One is');
    await expect(log.locator('.prose-tail')).toContainText('One is');
    await writes(' finished.\n\nTwo is\n');
    await expect(log.locator('.prose-tail')).toContainText('Two is');
    await hears(page, ['One is finished.']);
    await writes('long.', 'end');
    const first = ['One is finished.', /^Two is\s+long\.$/];
    await hears(page, first);

    await mandate.stop();
    const lost = page.getByText('The connection is lost');
    await expect(lost).toBeVisible();
    await mandate.serve();
    await expect(lost).toBeHidden();
    await say(page, 'And then?');
    await writes('Five.', 'end');
    await hears(page, [...first, 'Five.']);

    await page.reload();
    await say(page, 'And then?');
    await writes('Six.', 'end');
    await hears(page, ['Six.']);
  });
});

test('an order is announced: waits, approved, placed', async ({ page, sites }) => {
  await listen(page);
  await logInAndConnect(page, sites);
  const { order, code } = await ask(page, 'Buy 5 WAYNE');
  const asked = [/ask for your approval/, `Buy 5 WAYNE waits for your approval. The code is ${code}.`];
  await hears(page, asked);
  const approval = await openApproval(page, order);
  // The approval page doesn't announce its own request, which the person reads there.
  expect(await said(approval)).toEqual([]);
  await approval.getByRole('button', { name: 'Approve this order' }).click();
  await expect(approval.getByRole('main')).toContainText('You approved this');
  await page.bringToFront();
  await expect.poll(async () => (await said(page)).at(-1), { timeout: 20_000 }).toMatch(/You approved it/);
  // A busy machine may place the order before the page learns that it was approved.
  const approved = (await said(page)).includes('Buy 5 WAYNE: approved.') ? ['Buy 5 WAYNE: approved.'] : [];
  await hears(page, [...asked, ...approved, 'Buy 5 WAYNE: done.', /You approved it/]);
});

test.describe(() => {
  test.use({ settings: { APPROVAL_SECONDS: '64' } });

  test('the last minute is announced; five more by keyboard', async ({ page, sites }) => {
    await listen(page);
    await logInAndConnect(page, sites);
    const { order } = await ask(page, 'Buy 5 WAYNE');
    const approval = await openApproval(page, order);
    await hears(approval, ['One minute left. You can take 5 more minutes.']);
    const more = approval.getByRole('button', { name: 'Give me 5 more minutes' });
    await expect(async () => {
      await approval.keyboard.press('Tab');
      await expect(more).toBeFocused({ timeout: 1 });
    }).toPass({ intervals: [1] });
    await approval.keyboard.press('Enter');
    await expect(more).toBeHidden();
    await expect(approval.getByRole('main')).toContainText(/[56]:\d\d/);
    await hears(approval, ['One minute left. You can take 5 more minutes.', /5 minutes/]);
    await page.bringToFront();
    await hears(page, [/ask for your approval/, /waits for your approval/, 'One minute left to approve Buy 5 WAYNE. You can take 5 more minutes.', 'Buy 5 WAYNE waits 5 minutes longer.']);
  });
});
