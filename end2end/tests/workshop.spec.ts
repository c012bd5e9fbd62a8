// Does the workshop in a fresh program, as a reader would: each step turns green by itself, in English and German.
import type { Page } from '@playwright/test';
import { join } from 'node:path';
import { composer, logIn, logOut, openApproval, transcript, typeCredentials, alice, bob } from '../people.js';
import { expect, test } from '../fixtures.js';
import { folder, isLook } from '../look.js';
import { freePort, type Sites } from '../program.js';
import * as wcag from '../wcag.js';

let looked = 0;

type Words = {
  lang: string; done: RegExp; again: RegExp; bare: string; chat: string; logIn: string; connect: string;
  attempt: string; client: string; noTools: RegExp; missing: Record<number, RegExp>;
};
const english: Words = {
  lang: 'en', done: /^Done, /, again: /Start again/, bare: 'Ask without tools',
  chat: 'Open the chat with this sentence', logIn: 'Log in', connect: 'Connect StockTrade', attempt: 'Try to buy with this token', client: 'Connect this page as a client',
  noTools: /I can.t know that/,
  missing: { 1: /haven’t asked without tools/, 2: /No price was asked for/, 3: /aren’t logged in/, 4: /isn’t connected/, 6: /No order was asked for/ },
};
const german: Words = {
  lang: 'de', done: /^Erledigt, /, again: /Von vorn beginnen/, bare: 'Ohne Werkzeuge fragen',
  chat: 'Chat mit diesem Satz öffnen', logIn: 'Anmelden', connect: 'StockTrade verbinden', attempt: 'Mit diesem Token zu kaufen versuchen', client: 'Diese Seite als Client verbinden',
  noTools: /Das kann ich nicht wissen/,
  missing: { 1: /noch nicht ohne Werkzeuge/, 2: /noch nach keinem Kurs/, 3: /nicht angemeldet/, 4: /nicht verbunden/, 6: /noch kein Auftrag/ },
};

/** Opens a step and expects what its check says. */
async function step(page: Page, sites: Sites, number: number, words: Words, says?: RegExp): Promise<void> {
  await page.goto(`${sites.agent}workshop/${number}`);
  await expect(page.locator('html')).toHaveAttribute('lang', words.lang);
  await expect(page.locator('.guide-check .note')).toContainText(says ?? words.missing[number]!);
}

/** Opens the chat with the step's sentence typed in, and sends it. */
async function say(page: Page, words: Words): Promise<void> {
  const sentence = (await page.locator('.workshop-acts .quote').innerText()).trim();
  await page.getByRole('link', { name: words.chat }).click();
  await expect(composer(page)).toHaveValue(sentence);
  await page.getByRole('button', { name: /^(Send|Senden)$/ }).click();
  // It was accepted.
  await expect(page).toHaveURL(/\/t\//);
}

/** Returns to the step, which turns green without a reload. */
async function green(page: Page, sites: Sites, number: number, words: Words): Promise<void> {
  await page.goto(`${sites.agent}workshop/${number}`);
  await expect(page.locator('.guide-check .note.good')).toContainText(words.done);
  await expect(page.locator('.workshop-steps li').nth(number - 1).locator('a')).toHaveClass('done');
}

/** Checks a page at both widths, in themes by turns; `make look` in both. */
async function look(page: Page, name: string): Promise<void> {
  const size = page.viewportSize()!;
  const all = [[360, 'light'], [1280, 'dark'], [360, 'dark'], [1280, 'light']] as const;
  const turn = looked++ % 2 ? 2 : 0;
  for (const [width, colorScheme] of isLook ? all : all.slice(turn, turn + 2)) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect.soft([...(await wcag.reflow(page, width)), ...(await wcag.axe(page))], `${name}, ${width}, ${colorScheme}`).toEqual([]);
    if (isLook) await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
  }
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

/** Turns the recording on by the step's links there and back, and logs in again so that the login is recorded. */
async function record(page: Page, sites: Sites, words: Words): Promise<void> {
  await expect(page.locator('.diagram')).toContainText('as recorded in a test');
  await page.getByRole('link', { name: 'Record your requests at Mandate identity' }).click();
  await expect(page).toHaveURL(`${sites.tenant}recording?step=3`);
  await page.getByRole('button', { name: 'Record my requests for two hours' }).click();
  await page.getByRole('link', { name: 'Back to step 3 of the workshop' }).click();
  await expect(page).toHaveURL(`${sites.agent}workshop/3`);
  await expect(page.locator('.diagram')).toContainText('Your requests are recorded until');
  await logOut(page, sites);
  await page.goto(`${sites.agent}workshop/3`);
  await page.getByRole('main').getByRole('link', { name: words.logIn }).click();
  await typeCredentials(page, alice);
  await expect(page).toHaveURL(`${sites.agent}workshop/3`);
}

/** The row of a request in the step's diagram. */
function row(page: Page, request: string) {
  return page.locator('.diagram .diagram-text > li').filter({ hasText: request });
}

/** Expects that the reader's own requests are drawn, this one among them. */
async function flowed(page: Page, request: string): Promise<void> {
  await expect(page.locator('.diagram')).toContainText('This really flowed');
  await expect(row(page, request).first()).toContainText(/→ \d{3} · \d+\sms/);
}

/** Follows a request's number to the site that recorded it, expects these texts there, and returns to the step. */
async function follow(page: Page, sites: Sites, number: number, request: string, site: string, sees: (string | RegExp)[]) {
  const summary = row(page, request).last();
  await summary.locator('summary').click();
  await summary.getByRole('link', { name: /^Its parameters: number \d+ at/ }).click();
  await expect(page).toHaveURL(new RegExp(`^${site}recording\\?step=${number}#r\\d+$`));
  const record = page.locator(new URL(page.url()).hash);
  await expect(record).toBeVisible();
  for (const text of sees) await expect(record).toContainText(text);
  // A secret value is shortened, or not shown at all.
  await expect(record).toContainText(/kept out|\S{4}… \(\d+\)/);
  await expect(page.locator('.records section').filter({ has: record }).locator('summary')).toContainText(request);
  await look(page, site === sites.broker ? 'recording-stocktrade' : 'recording-identity');
  await page.getByRole('link', { name: `Back to step ${number} of the workshop` }).click();
  await expect(page).toHaveURL(`${sites.agent}workshop/${number}`);
}

/** Presses a button of *Try to break it*, and expects the answer. */
async function breaks(page: Page, button: RegExp, answer: string): Promise<void> {
  const tried = page.locator('.workshop-attempt').filter({ hasText: button });
  await tried.getByRole(/code/i.test(button.source) ? 'link' : 'button', { name: button }).click();
  await expect(tried.locator('.note.good')).toContainText(answer);
  await expect(page).toHaveURL(/#(try|break)$/);
}

// Under http, only a client at localhost itself may register: the page of step 5 is one.
const port = await freePort();
const agent = `http://localhost:${port}`;

for (const [locale, words] of [['en-US', english], ['de-DE', german]] as const) {
  test.describe(locale, () => {
    test.use({
      locale,
      settings: { AGENT_URL: agent, AGENT_LISTEN: `127.0.0.1:${port}` },
      // The first call of the page's client has no token.
      expected: /401 \(Unauthorized\) \(http:\/\/localhost:\d+\/mcp\)/,
    });

    test(`a reader does the steps (${words.lang})`, async ({ page, sites: given }) => {
      test.setTimeout(300_000);
      const sites = { ...given, agent: `${agent}/` };
      await page.goto(`${sites.agent}workshop`);
      await expect(page).toHaveURL(`${sites.agent}workshop`);
      await step(page, sites, 1, words);
      await look(page, `workshop-1-${words.lang}`);
      await page.getByRole('button', { name: words.bare }).click();
      await expect(page).toHaveURL(/\/t\//);
      await expect(transcript(page)).toContainText(words.noTools);
      await green(page, sites, 1, words);

      await step(page, sites, 2, words);
      await say(page, words);
      await green(page, sites, 2, words);
      await look(page, `workshop-2-${words.lang}`);

      await step(page, sites, 3, words);
      await look(page, `workshop-3-${words.lang}`);
      await page.getByRole('main').getByRole('link', { name: words.logIn }).click();
      await typeCredentials(page, alice);
      await expect(page).toHaveURL(`${sites.agent}workshop/3`);
      const english = words.lang === 'en';
      if (english) await record(page, sites, words);
      await say(page, words);
      await page.getByRole('link', { name: /^Workshop · (back to step|zurück zu Schritt) 3$/ }).click();
      await expect(page).toHaveURL(`${sites.agent}workshop/3`);
      await green(page, sites, 3, words);
      if (english) await flowed(page, 'POST /u/login');
      await breaks(page, /Use a code twice|Einen Code zweimal benutzen/, '400 invalid_grant');
      await look(page, `workshop-3-done-${words.lang}`);

      await step(page, sites, 4, words);
      await page.getByRole('link', { name: words.connect }).click();
      await page.getByRole('button', { name: /^(Allow|Erlauben)$/ }).click();
      await expect(page).toHaveURL(/workshop|accounts/);
      await page.goto(`${sites.agent}workshop/4`);
      await say(page, words);
      await expect(transcript(page)).toContainText(/Cash|cash|Guthaben/);
      await page.goto(`${sites.agent}workshop/4`);
      await breaks(page, new RegExp(words.attempt), '403');
      await green(page, sites, 4, words);
      if (english) await flowed(page, 'GET /api/portfolio');
      await look(page, `workshop-4-${words.lang}`);

      await page.goto(`${sites.agent}workshop/5`);
      await page.getByRole('button', { name: words.client }).click();
      await page.getByRole('button', { name: /^(Allow|Erlauben)$/ }).click();
      await expect(page).toHaveURL(`${sites.agent}workshop/5`);
      await expect(page.locator('[data-client-log]')).toContainText('tools/call get_portfolio');
      await expect(page.locator('.guide-check .note.good')).toContainText('Workshop page');
      // The arguments can't name another person: the answer is the reader's own portfolio.
      await page.getByRole('button', { name: /another person’s portfolio|dem Depot eines anderen/ }).click();
      await expect(page.locator('[data-client-log] li').last()).toContainText('bob@example.com');
      await breaks(page, /Send a token for|Ein Token für/, '401');
      await look(page, `workshop-5-${words.lang}`);

      await step(page, sites, 6, words);
      await say(page, words);
      const order = page.getByRole('article').last();
      await expect(order).toContainText(/Waiting for you|Wartet auf dich/);
      const approval = await openApproval(page, order);
      // The open step turns green by itself.
      await page.goto(`${sites.agent}workshop/6`);
      await expect(page.locator('.guide-check .note.waiting')).toBeVisible();
      // A row that the reader opened stays open when their requests arrive.
      const ordered = row(page, 'POST /api/orders');
      await ordered.locator('summary').click();
      if (english) await expect(ordered).not.toContainText(' ms');
      await approval.getByRole('button', { name: /^(Approve this order|Auftrag freigeben)$/ }).click();
      await page.bringToFront();
      await expect(page.locator('.guide-check .note.good')).toContainText(words.done);
      if (english) {
        await flowed(page, 'POST /api/orders');
        await expect(ordered.getByText('An attacker would try')).toBeVisible();
        await page.goto(`${sites.agent}workshop/6`);
        await follow(page, sites, 6, 'POST /bc-authorize', sites.tenant, ['client_notification_token', 'authorization_details', '"quantity":5', 'client_secret']);
        // The last one is the exchange of the approval for a token, at StockTrade.
        await follow(page, sites, 6, 'POST /oauth/token', sites.broker, ['A token for this one order', 'actor_token', 'on_behalf_of', 'client_secret', /subject_token.*\S{4}… \(\d+\)/]);
      }
      await breaks(page, /twice more|noch zweimal/, '201');
      await breaks(page, /one share more|einer Aktie mehr/, '403');
      await breaks(page, /Mandate chat’s server|Server von Mandate chat/, '401');
      await look(page, `workshop-6-${words.lang}`);
      // The workshop's own client doesn't count as another app.
      await page.goto(`${sites.agent}workshop/7`);
      await expect(page.locator('.guide-check .note.quiet')).toBeVisible();
      await look(page, `workshop-7-${words.lang}`);
      await page.goto(`${sites.agent}mcp`);
      await look(page, `mcp-${words.lang}`);

      await page.goto(`${sites.agent}workshop/6`);
      await page.getByRole('button', { name: words.again }).click();
      await page.goto(`${sites.agent}workshop/6`);
      await expect(page.locator('.guide-check .note.good')).toHaveCount(0);
      await expect(page.locator('.workshop-steps a.done')).toHaveCount(0);

      // Undo what the workshop made.
      await page.getByRole('link', { name: /^(Take back|Zurücknehmen)/ }).click();
      await expect(page.getByRole('checkbox')).toHaveCount(2);
      await look(page, `workshop-end-${words.lang}`);
      await page.getByRole('button', { name: /^(End what|Angekreuztes)/ }).click();
      await expect(page.locator('.note.good')).toContainText('401');
      await expect(page.getByRole('checkbox')).toHaveCount(0);
    });
  });
}

test('two readers at once see their own progress alone', async ({ browser, sites }) => {
  test.setTimeout(120_000);
  const contexts = [await browser.newContext({ locale: 'en-US' }), await browser.newContext({ locale: 'de-DE' })];
  const [her, him] = await Promise.all(contexts.map((context) => context.newPage())) as [Page, Page];
  await Promise.all([logIn(her, sites, alice), logIn(him, sites, bob)]);
  await Promise.all([step(her, sites, 2, english), step(him, sites, 3, german, /angemeldet/)]);
  await Promise.all([say(her, english), say(him, german)]);
  await Promise.all([green(her, sites, 2, english), green(him, sites, 3, german)]);
  await expect(her.locator('.workshop-steps a.done')).toHaveCount(1);
  await expect(him.locator('.workshop-steps a.done')).toHaveCount(1);
  await step(her, sites, 3, english, /Now ask/);
  await step(him, sites, 2, german);
  await him.getByRole('button', { name: german.again }).click();
  await him.goto(`${sites.agent}workshop/3`);
  await expect(him.locator('.workshop-steps a.done')).toHaveCount(0);
  await her.goto(`${sites.agent}workshop/2`);
  await expect(her.locator('.workshop-steps a.done')).toHaveCount(1);
  await Promise.all(contexts.map((context) => context.close()));
});
