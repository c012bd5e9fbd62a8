// An API that isn't compiled in: with its part of mandate.toml alone, the chat and /mcp can read it and book a room,
// once, as its person approved it (docs/PROTECT-YOUR-API.md).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { Caller, connected, text } from '../caller.js';
import { test as base, expect } from '../fixtures.js';
import { alice, bob, card, logIn, openApproval, say, transcript, type Person } from '../people.js';
import { freePort, type Sites } from '../program.js';

const SECRET = 'a-secret-of-the-rooms-that-only-a-test-knows';
const example = join(process.cwd(), '../examples/bookings');

/** The example API, and the tokens that reached it. */
class Rooms {
  readonly seen: { url: string; token: string; body: string }[] = [];
  server?: Server;

  constructor(readonly folder: string, readonly port: number) {}

  /** Its part of mandate.toml, at this port. */
  get config(): string {
    const file = join(this.folder, 'mandate.toml');
    writeFileSync(file, readFileSync(join(example, 'mandate.toml'), 'utf8').replaceAll('localhost:4000', `localhost:${this.port}`));
    return file;
  }

  get audience(): string {
    return `http://localhost:${this.port}`;
  }

  /** Starts it in this process, which resolves *.localhost on every system. A restart keeps the bookings. */
  async start(sites: Sites): Promise<void> {
    const [{ api }, { checker }] = await Promise.all([import(`${example}/dist/api.js`), import(`${example}/dist/tokens.js`)]);
    const check = await checker({ issuer: sites.tenant, audience: this.audience, id: 'bookings', secret: SECRET });
    const app = api(check, join(this.folder, 'rooms.sqlite'));
    this.server = createServer((request, response) => {
      const seen = { url: request.url!, token: request.headers.authorization?.slice(7) ?? '', body: '' };
      this.seen.push(seen);
      request.on('data', (part) => (seen.body += part));
      app(request, response);
    });
    await new Promise<void>((done) => this.server!.listen(this.port, 'localhost', done));
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((done) => (this.server ? this.server.close(() => done()) : done()));
  }

  /** The last booking request, with its token. */
  get booking(): { token: string; body: Record<string, unknown> } {
    const { token, body } = this.seen.filter((request) => request.url === '/bookings').at(-1)!;
    return { token, body: JSON.parse(body) };
  }

  async book(token: string, body: object): Promise<{ status: number; answer: Record<string, unknown> }> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`${this.audience}/bookings`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  }
}

const test = base.extend<{ rooms: Rooms }>({
  rooms: async ({}, use) => {
    const rooms = new Rooms(mkdtempSync(join(tmpdir(), 'rooms-')), await freePort());
    await use(rooms);
    await rooms.stop();
    rmSync(rooms.folder, { recursive: true, force: true });
  },
  settings: async ({ rooms }, use) => use({ MANDATE_CONFIG: rooms.config, ROOMS_SECRET: SECRET }),
});
test.beforeEach(async ({ rooms, sites }) => rooms.start(sites));

/** Grants the access that the last card asks for. */
async function allow(page: Page): Promise<void> {
  await card(page, /connect rooms/i).last().getByRole('link', { name: /connect/i }).click();
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
}

/** Logs in, and asks for a room until its card waits. */
async function ask(page: Page, sites: Sites, words: string, person: Person = alice): Promise<Page> {
  await logIn(page, sites, person);
  await say(page, words);
  await allow(page);
  return openApproval(page, card(page, /^(Blue|Green) room/).last());
}

test('a room is booked as it was approved, and shown', async ({ page, sites, rooms }) => {
  await logIn(page, sites);
  // The first card asks for access to read, and nothing else.
  await say(page, 'Which rooms are free?');
  await card(page, /connect rooms/i).getByRole('link', { name: /connect/i }).click();
  await expect(page.getByRole('main')).toContainText('See free rooms');
  await expect(page.getByRole('main')).not.toContainText('Book rooms');
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await expect(transcript(page).getByRole('cell', { name: '145.00 EUR' })).toBeVisible();
  await say(page, 'Book the blue room on Friday');
  await allow(page);
  const asked = card(page, /^Blue room/);
  await expect(asked).toContainText('80.00');
  const approval = await openApproval(page, asked);
  const main = approval.getByRole('main');
  for (const words of ['Blue room', 'People', '80.00', 'Rooms', (await asked.locator('.code').innerText()).trim()]) {
    await expect(main).toContainText(words);
  }
  await main.getByRole('button', { name: /^Approve/ }).click();
  await expect(transcript(page).getByText(/Booked: Blue room/).last()).toBeVisible();
  await expect(main).toContainText('You approved this');
  const { token, body } = rooms.booking;
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
  expect(claims['aud']).toBe(rooms.audience);
  expect(claims['authorization_details']).toEqual([body]);
  expect(approval.url()).toContain(String(claims['txn']));
});

test('a forged booking is refused, and an approval books once', async ({ page, sites, rooms, browser }) => {
  const approval = await ask(page, sites, 'Book the blue room on 2027-03-05');
  await approval.getByRole('button', { name: /^Approve/ }).click();
  await expect(transcript(page).getByText(/Booked: Blue room/).last()).toBeVisible();
  const { token, body } = rooms.booking;
  for (const change of [{ room: 'green' }, { price: '8.00' }, { from: '2027-03-04' }, { people: 9 }, { note: 'x' }]) {
    expect((await rooms.book(token, { ...body, ...change })).status, JSON.stringify(change)).toBe(403);
  }
  // A retry, also after a restart, gives the same booking: the night isn't booked twice.
  const first = await rooms.book(token, body);
  await rooms.stop();
  await rooms.start(sites);
  expect((await rooms.book(token, body)).answer).toEqual(first.answer);
  // A token for reading can't book, and tokens of StockTrade or the agent are refused.
  const read = rooms.seen.find((request) => request.url.startsWith('/rooms/'))!.token;
  expect((await rooms.book(read, body)).status).toBe(403);
  const [header, claims, signature] = token.split('.');
  const other = { ...JSON.parse(Buffer.from(claims!, 'base64url').toString()), txn: 'apr_made_up' };
  const forged = [header, Buffer.from(JSON.stringify(other)).toString('base64url'), signature].join('.');
  expect((await rooms.book(forged, body)).status).toBe(401);

  // Another person's approval for a taken day: the chat says so, and nothing is booked twice.
  const second = await (await browser.newContext()).newPage();
  const theirs = await ask(second, sites, 'Book the blue room on 2027-03-05', bob);
  await theirs.getByRole('button', { name: /^Approve/ }).click();
  await expect(transcript(second)).toContainText(/taken/i);
  await second.context().close();
});

test('denied: nothing is booked', async ({ page, sites, rooms }) => {
  const approval = await ask(page, sites, 'Book the green room on 2027-03-08');
  await approval.getByRole('button', { name: 'Deny', exact: true }).click();
  await expect(card(page, /^Green room/).last()).toContainText('You denied it. Nothing was booked.');
  await expect(transcript(page).getByText('Nothing was booked. I won’t').or(transcript(page).getByText("Nothing was booked. I won't"))).toBeVisible();
  expect(rooms.seen.filter((request) => request.url === '/bookings')).toEqual([]);
});

test('another program books a room over MCP', async ({ page, sites, rooms }) => {
  test.setTimeout(90_000);
  await logIn(page, sites);
  const caller = await Caller.start();
  const mcp = await connected(page, sites, caller);
  const { tools } = await mcp.listTools();
  const tool = tools.find((tool) => tool.name === 'book_room')!;
  expect(tool.inputSchema.properties).toMatchObject({ room: { enum: ['blue', 'green'] } });
  expect(text(await mcp.callTool({ name: 'list_rooms', arguments: {} }))).toContain('145.00 EUR');
  const input = { room: 'green', from: '2027-03-09', to: '2027-03-10', people: 12 };
  const answer = mcp.callTool({ name: 'book_room', arguments: input }, undefined, { timeout: 60_000 });
  await page.goto(`${sites.tenant}approvals`);
  await page.getByRole('link', { name: /Green room/ }).click();
  await expect(page.getByRole('main')).toContainText('Test Caller');
  await expect(page.getByRole('main')).toContainText('290.00');
  await page.getByRole('button', { name: /^Approve/ }).click();
  const result = await answer;
  expect(result.isError ?? false, text(result)).toBe(false);
  expect(text(result)).toMatch(/Booked/);
  expect(rooms.booking.body).toMatchObject({ ...input, price: '290.00' });
  // The caller's own token never reaches the API.
  expect(rooms.seen.map((request) => request.token)).not.toContain(caller.granted!.access_token);
  expect((await rooms.book(caller.granted!.access_token, rooms.booking.body)).status).toBe(401);
  await mcp.close();
  caller.close();
});
