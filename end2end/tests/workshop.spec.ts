// The workshop, as a reader does it in a fresh program: each step turns green by itself, in English and in German.
import type { Page } from '@playwright/test';
import { composer, openApproval, transcript, typeCredentials, alice } from '../people.js';
import { expect, test } from '../fixtures.js';
import { freePort, type Sites } from '../program.js';

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

/** Back at the step, which turns green without a reload. */
async function green(page: Page, sites: Sites, number: number, words: Words): Promise<void> {
  await page.goto(`${sites.agent}workshop/${number}`);
  await expect(page.locator('.guide-check .note.good')).toContainText(words.done);
  await expect(page.locator('.workshop-steps li').nth(number - 1).locator('a')).toHaveClass('done');
}

async function look(page: Page, name: string): Promise<void> {
  const size = page.viewportSize()!;
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide, `${name} at ${width} pixels scrolls sideways`).toBeLessThanOrEqual(width);
    await page.screenshot({ path: `results/look/${name}-${width}.png`, fullPage: true });
  }
  await page.setViewportSize(size);
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
      test.setTimeout(120_000);
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
      await say(page, words);
      await green(page, sites, 3, words);

      await step(page, sites, 4, words);
      await page.getByRole('link', { name: words.connect }).click();
      await page.getByRole('button', { name: /^(Allow|Erlauben)$/ }).click();
      await expect(page).toHaveURL(/workshop|accounts/);
      await page.goto(`${sites.agent}workshop/4`);
      await say(page, words);
      await expect(transcript(page)).toContainText(/Cash|cash|Guthaben/);
      await page.goto(`${sites.agent}workshop/4`);
      await page.getByRole('button', { name: words.attempt }).click();
      await green(page, sites, 4, words);
      await look(page, `workshop-4-${words.lang}`);

      await page.goto(`${sites.agent}workshop/5`);
      await page.getByRole('button', { name: words.client }).click();
      await page.getByRole('button', { name: /^(Allow|Erlauben)$/ }).click();
      await expect(page).toHaveURL(`${sites.agent}workshop/5`);
      await expect(page.locator('[data-client-log]')).toContainText('tools/call get_portfolio');
      await expect(page.locator('.guide-check .note.good')).toContainText('Workshop page');
      await look(page, `workshop-5-${words.lang}`);

      await step(page, sites, 6, words);
      await say(page, words);
      const order = page.getByRole('article').last();
      await expect(order).toContainText(/Waiting for you|Wartet auf dich/);
      const approval = await openApproval(page, order);
      // The step is open meanwhile, and turns green by itself.
      await page.goto(`${sites.agent}workshop/6`);
      await expect(page.locator('.guide-check .note.waiting')).toBeVisible();
      await approval.getByRole('button', { name: /^(Approve this order|Auftrag freigeben)$/ }).click();
      await page.bringToFront();
      await expect(page.locator('.guide-check .note.good')).toContainText(words.done);
      await look(page, `workshop-6-${words.lang}`);
      // The workshop's own client is no other app.
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
    });
  });
}
