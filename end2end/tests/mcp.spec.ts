// The tools over MCP, with the official TypeScript client: discovery, registration, consent, calls, step-up, and an
// order that a person approves.
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Caller, client, connected, text } from '../caller.js';
import { test, expect } from '../fixtures.js';
import { logInAndConnect } from '../people.js';

test('discovery, registration, consent, and the tools', async ({ page, sites }) => {
  await logInAndConnect(page, sites);
  const caller = await Caller.start('portfolio:read trade:read trade:write');
  const mcp = await connected(page, sites, caller);
  const { tools } = await mcp.listTools();
  const names = tools.map((tool) => tool.name);
  for (const name of [
    'whoami', 'get_stock_price', 'get_stock_info', 'search_stocks', 'get_portfolio', 'get_portfolio_history',
    'get_order_history', 'get_order_status', 'create_order', 'cancel_order',
  ]) {
    expect(names).toContain(name);
  }
  for (const tool of tools) {
    expect(tool.description, tool.name).toBeTruthy();
    expect(tool.inputSchema.type, tool.name).toBe('object');
    // The token alone determines the person.
    expect(Object.keys(tool.inputSchema.properties ?? {}).join(), tool.name).not.toMatch(/user|person|subject/i);
  }
  expect(tools.find((tool) => tool.name === 'get_portfolio')?.annotations?.readOnlyHint).toBe(true);
  expect(text(await mcp.callTool({ name: 'whoami', arguments: {} }))).toContain('Alice');
  expect(text(await mcp.callTool({ name: 'get_stock_price', arguments: { symbol: 'WAYNE' } }))).toMatch(/\d+\.\d\d/);
  expect(text(await mcp.callTool({ name: 'get_portfolio', arguments: {} }))).toMatch(/10,?000\.00/);
  const wrong = await mcp.callTool({ name: 'get_stock_price', arguments: { symbol: 'NOPE' } });
  expect(wrong.isError).toBe(true);

  expect(mcp.getServerVersion()?.icons?.map((icon) => icon.mimeType)).toContain('image/png');
  for (const icon of mcp.getServerVersion()?.icons ?? []) {
    expect((await fetch(icon.src)).headers.get('content-type')).toContain(icon.mimeType);
  }
  const { resources } = await mcp.listResources();
  expect(resources.map((resource) => resource.uri)).toEqual(['mandate://portfolio', 'mandate://prices']);
  const { contents } = await mcp.readResource({ uri: 'mandate://portfolio' });
  expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({ cashBalance: '10000.00' });
  await expect(mcp.readResource({ uri: 'mandate://nothing' })).rejects.toThrow('There is no such resource');
  const { prompts } = await mcp.listPrompts();
  expect(prompts.map((prompt) => prompt.title)).toEqual(['Briefing', 'Explain my last order']);
  expect((await mcp.getPrompt({ name: 'briefing' })).messages).toHaveLength(1);
  await mcp.close();
  caller.close();
});

test('an order waits for the person, whose page names the caller', async ({ page, sites }) => {
  test.setTimeout(90_000);
  await logInAndConnect(page, sites);
  const caller = await Caller.start('portfolio:read trade:read trade:write');
  const mcp = await connected(page, sites, caller);
  const progress: string[] = [];
  const answer = mcp.callTool(
    { name: 'create_order', arguments: { symbol: 'WAYNE', side: 'BUY', quantity: 3 } },
    undefined,
    { onprogress: (note) => progress.push(note.message ?? ''), resetTimeoutOnProgress: true, timeout: 60_000 },
  );
  await page.goto(`${sites.tenant}approvals`);
  await page.getByRole('link', { name: /Buy 3 WAYNE/ }).click();
  const main = page.getByRole('main');
  await expect(main).toContainText('Test Caller');
  await expect(main).toContainText(/unverified/i);
  const code = await main.locator('.code').innerText();
  // Progress arrives every ten seconds, with the code and the approval page's address.
  await expect.poll(() => progress.some((note) => note.includes(code) && note.includes(sites.tenant)), { timeout: 25_000 }).toBe(true);
  await page.getByRole('button', { name: 'Approve this order' }).click();
  const result = await answer;
  expect(result.isError ?? false).toBe(false);
  expect(text(result)).toMatch(/WAYNE/);
  const history = text(await mcp.callTool({ name: 'get_order_history', arguments: {} }));
  expect(history).toContain('WAYNE');
  await mcp.close();
  caller.close();
});

test('denied: the caller is told, and nothing is placed', async ({ page, sites }) => {
  await logInAndConnect(page, sites);
  const caller = await Caller.start('portfolio:read trade:read trade:write');
  const mcp = await connected(page, sites, caller);
  const answer = mcp.callTool({ name: 'create_order', arguments: { symbol: 'WAYNE', side: 'BUY', quantity: 4 } });
  await page.goto(`${sites.tenant}approvals`);
  await page.getByRole('link', { name: /Buy 4 WAYNE/ }).click();
  await page.getByRole('button', { name: 'Deny' }).click();
  expect(text(await answer)).toMatch(/denied/i);
  expect(text(await mcp.callTool({ name: 'get_order_history', arguments: {} }))).not.toContain('WAYNE');
  await mcp.close();
  caller.close();
});

test('line 43: 401 and 403 name what the token lacks', async ({ page, sites }) => {
  const address = `${sites.agent}mcp`;
  const call = (token: string | undefined, name: string, args: object = {}) =>
    fetch(address, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
    });
  const anonymous = await call(undefined, 'whoami');
  expect(anonymous.status).toBe(401);
  const challenge = anonymous.headers.get('www-authenticate') ?? '';
  expect(challenge).toContain(`resource_metadata="${sites.agent}.well-known/oauth-protected-resource/mcp"`);
  expect(challenge).toContain('scope="');
  for (const path of ['', '/mcp']) {
    const metadata = await (await fetch(`${sites.agent}.well-known/oauth-protected-resource${path}`)).json();
    expect(metadata).toMatchObject({ resource: address, authorization_servers: [sites.tenant] });
  }

  await logInAndConnect(page, sites);
  const caller = await Caller.start('portfolio:read');
  const mcp = await connected(page, sites, caller);
  await mcp.close();
  const token = caller.granted!.access_token;
  expect(caller.granted!.scope).not.toContain('trade:write');
  const refused = await call(token, 'create_order', { symbol: 'WAYNE', side: 'BUY', quantity: 1 });
  expect(refused.status).toBe(403);
  expect(refused.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  expect(refused.headers.get('www-authenticate')).toMatch(/scope="[^"]*trade:write/);
  // A token for the broker's API is refused at /mcp, and one for /mcp at the broker (line 20).
  const elsewhere = await fetch(`${sites.broker}api/portfolio`, { headers: { authorization: `Bearer ${token}` } });
  expect(elsewhere.status).toBe(401);
  // A page of another origin (line 43).
  const foreign = await fetch(address, { method: 'POST', headers: { origin: 'http://evil.example' }, body: '{}' });
  expect(foreign.status).toBe(403);
  caller.close();
});

test('line 56: revoked access ends at once, with its order', async ({ page, sites }) => {
  await logInAndConnect(page, sites);
  const caller = await Caller.start('portfolio:read trade:read trade:write');
  const mcp = await connected(page, sites, caller);
  const ping = () =>
    fetch(`${sites.agent}mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
        authorization: `Bearer ${caller.granted!.access_token}`,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    });
  expect((await ping()).status).toBe(200);
  const answer = mcp.callTool({ name: 'create_order', arguments: { symbol: 'WAYNE', side: 'BUY', quantity: 3 } });
  await page.goto(`${sites.tenant}approvals`);
  await expect(page.getByRole('link', { name: /Buy 3 WAYNE/ })).toContainText('Waits for you');
  await page.getByRole('navigation').getByRole('link', { name: 'Apps with access' }).click();
  const app = page.getByRole('region', { name: 'Test Caller' });
  for (const said of ['Registered itself, unverified', '127.0.0.1', 'Prepare orders', 'ago']) await expect(app).toContainText(said);
  // By keyboard: the first step explains the effect, the second revokes.
  await app.locator('summary').press('Enter');
  await expect(app).toContainText('Its access ends at once');
  await app.getByRole('button', { name: 'Revoke access' }).press('Enter');
  const main = page.getByRole('main');
  await expect(main).toContainText('Test Caller can no longer act for you');
  await expect(main).toContainText('No app has access');
  const refused = await ping();
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"');
  const ended = await answer;
  expect(ended.isError).toBe(true);
  expect(text(ended)).toMatch(/denied.*Nothing was placed/s);
  // Only the person can grant a new token.
  delete caller.granted;
  await expect(client().connect(new StreamableHTTPClientTransport(new URL(`${sites.agent}mcp`), { authProvider: caller }))).rejects.toBeInstanceOf(UnauthorizedError);
  await page.goto(caller.asked!.href);
  await expect(page.getByRole('button', { name: 'Allow', exact: true })).toBeVisible();
  await page.goto(`${sites.tenant}approvals`);
  await expect(page.getByRole('link', { name: /Buy 3 WAYNE/ })).toContainText('Denied');
  caller.close();
});

test('a caller without an account is told where to connect', async ({ page, sites }) => {
  const caller = await Caller.start('portfolio:read');
  const mcp = await connected(page, sites, caller);
  const answer = await mcp.callTool({ name: 'get_portfolio', arguments: {} });
  expect(answer.isError).toBe(true);
  expect(text(answer)).toContain(`${sites.agent}accounts`);
  await mcp.close();
  caller.close();
});

/** A page of another origin that the operator listed. */
const listed = test.extend<{ inspector: string }>({
  inspector: async ({}, use) => {
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Inspector</title>');
    });
    await new Promise<void>((done) => server.listen(0, done));
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.closeAllConnections();
    server.close();
  },
  settings: async ({ inspector }, use) => use({ MCP_ORIGINS: inspector }),
  expected: async ({}, use) => use(/blocked by CORS policy|Failed to load resource/),
});

listed('line 43: a listed page uses /mcp with its own token, another page does not', async ({ page, sites, inspector }) => {
  await logInAndConnect(page, sites);
  const caller = await Caller.start('portfolio:read');
  await (await connected(page, sites, caller)).close();
  const whoami = (headers: Record<string, string>) =>
    page.evaluate(
      async ([address, given]) => {
        const response = await fetch(address as string, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            'mcp-protocol-version': '2025-11-25',
            ...(given as Record<string, string>),
          },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'whoami', arguments: {} } }),
        }).catch(() => undefined);
        return response && [response.status, response.headers.get('www-authenticate') ?? '', await response.text()].join(' ');
      },
      [`${sites.agent}mcp`, headers] as const,
    );
  const authorization = `Bearer ${caller.granted!.access_token}`;
  await page.goto(inspector);
  expect(await whoami({ authorization })).toMatch(/^200 .*Alice/s);
  // The person is logged in here, but a cookie isn't a token. The page can read where to get one.
  expect(await whoami({})).toMatch(/^401 Bearer resource_metadata="/);
  await page.goto(inspector.replace('127.0.0.1', 'localhost'));
  expect(await whoami({ authorization })).toBeUndefined();
  caller.close();
});
