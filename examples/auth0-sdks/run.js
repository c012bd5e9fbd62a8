// Runs the SDKs against Mandate, in a browser, and prints what passed. scripts/auth0-sdks prepares and starts it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, request as ask } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { chromium } from 'playwright-core';

const folder = process.env.FOLDER;
const root = join(import.meta.dirname, '../..');
const children = [];
const port = async () => {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
};
const ports = { tls: await port(), app: await port(), ledger: await port(), agent: await port(), id: await port(), trade: await port() };
const [app, ledger] = [`http://localhost:${ports.app}`, `http://localhost:${ports.ledger}`];
const [id, trade] = ['https://id.example.test', 'https://trade.example.test'];
const secret = () => randomBytes(32).toString('base64url');
const secrets = { AUTH0_CLIENT_SECRET: secret(), LEDGER_SECRET: secret() };

/** Starts a program, with a log of this name, and waits for a line of its output. */
function start(name, command, words, env, ready) {
  const log = join(folder, `${name}.log`);
  const options = { env: { ...process.env, ...secrets, ...env }, stdio: ['ignore', 'pipe', openSync(log, 'a')], cwd: root };
  const child = spawn(command, words, options);
  children.push({ child, log });
  return new Promise((done, failed) => {
    child.once('exit', (code) => failed(new Error(`${name} ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => ready.test(line) && done());
  });
}

/** TLS in front of Mandate, by host name. */
async function proxy() {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(join(folder, name)));
  const to = { 'chat.example.test': ports.agent, 'id.example.test': ports.id, 'trade.example.test': ports.trade };
  const server = createHttps({ key, cert }, (request, response) => {
    const { method, url, headers } = request;
    const behind = ask({ port: to[headers.host], method, path: url, headers: { ...headers, 'x-forwarded-for': '127.0.0.1' } }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    behind.once('error', () => response.destroy());
    request.pipe(behind);
  });
  await new Promise((done) => server.listen(ports.tls, '127.0.0.1', done));
  process.env.TLS_PORT = String(ports.tls);
  return server;
}

/** The app's own API: accepts an entry only as approved, and each approval once. Exporting needs an approved scope. */
async function api() {
  const metadata = await (await fetch(`${id}/.well-known/openid-configuration`)).json();
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const entries = new Map();
  const answer = async (request) => {
    let body = '';
    for await (const part of request) body += part;
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const expected = { issuer: `${id}/`, audience: ledger, typ: 'at+jwt', algorithms: ['RS256', 'ES256'] };
    const verified = await jwtVerify(token, keys, expected).catch((error) => String(error));
    if (typeof verified === 'string') return [401, { error: verified }];
    const authorization = `Basic ${btoa(`ledger:${secrets.LEDGER_SECRET}`)}`;
    const asked = await fetch(metadata.introspection_endpoint, { method: 'POST', headers: { authorization }, body: new URLSearchParams({ token }) });
    if ((await asked.json()).active !== true) return [401, { error: 'not active' }];
    const { txn, scope, authorization_details: details } = verified.payload;
    if (request.url === '/export') {
      // The scope alone doesn't prove an approval; `txn` does.
      const may = txn && scope.split(' ').includes('ledger:export');
      return may ? [200, { entries: entries.size }] : [403, { error: 'not approved' }];
    }
    if (!txn || !isDeepStrictEqual(details, [JSON.parse(body)])) return [403, { error: 'not what was approved' }];
    if (!entries.has(txn)) entries.set(txn, entries.size + 1);
    return [201, { entry: entries.get(txn) }];
  };
  const server = createHttp(async (request, response) => {
    const [status, body] = await answer(request).catch((error) => [500, { error: String(error) }]);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise((done) => server.listen(ports.ledger, 'localhost', done));
  return { server, entries };
}

let passed = 0;
async function check(what, run) {
  await run();
  passed += 1;
  console.log(`ok  ${what}`);
}

const tls = await proxy();
let ownApi, browser;
try {
  const config = readFileSync(new URL('mandate.toml', import.meta.url), 'utf8').replaceAll('4100', ports.app).replaceAll('4101', ports.ledger);
  writeFileSync(join(folder, 'mandate.toml'), config);
  await start('mandate', process.env.MANDATE, ['serve'], {
    MANDATE_CONFIG: join(folder, 'mandate.toml'),
    DATA_DIR: join(folder, 'data'),
    AGENT_URL: 'https://chat.example.test', TENANT_URL: id, BROKER_URL: trade,
    AGENT_LISTEN: `127.0.0.1:${ports.agent}`, TENANT_LISTEN: `127.0.0.1:${ports.id}`, BROKER_LISTEN: `127.0.0.1:${ports.trade}`,
    PROXIES: '127.0.0.1', DATABASE_URL: '', OPENAI_API_KEY: '', OPENAI_BASE_URL: '', ISSUER: '', MASTER_KEY: '',
  }, /^Ready/);
  ownApi = await api();
  await start('app', process.execPath, [join(import.meta.dirname, 'node_modules/next/dist/bin/next'), 'dev', '-p', ports.app, import.meta.dirname], {
    NODE_OPTIONS: `--import ${new URL('here.js', import.meta.url)}`,
    AUTH0_DOMAIN: 'id.example.test', AUTH0_CLIENT_ID: 'ledger-app', AUTH0_SECRET: randomBytes(32).toString('hex'), APP_BASE_URL: app,
    LEDGER: ledger, STOCKTRADE: trade, NEXT_TELEMETRY_DISABLED: '1',
  }, /Ready in/);
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', `--host-resolver-rules=MAP *.example.test 127.0.0.1:${ports.tls}`],
  });
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-US' });
  const page = await context.newPage();
  page.setDefaultTimeout(90_000);
  const get = async (path) => (await context.request.get(app + path, { timeout: 90_000 })).json();
  const post = async (data, path = 'approve') => (await context.request.post(`${app}/api/${path}`, { data, timeout: 90_000 })).json();
  /** Decides on the next request, on Mandate identity's own page. */
  const decide = async (title, button) => {
    const approvals = await context.newPage();
    await approvals.goto(`${id}/approvals`);
    // The list refreshes itself when a request comes.
    const waiting = approvals.getByRole('region', { name: 'Waiting for you' });
    await waiting.getByRole('link', { name: title }).click({ timeout: 90_000 });
    const main = await approvals.getByRole('main').innerText();
    await approvals.getByRole('button', { name: button }).click();
    await approvals.getByText(/You approved this|You denied this/).first().waitFor();
    await approvals.close();
    return main;
  };

  let sub;
  await check('@auth0/nextjs-auth0: login, with the audience of the app’s own API', async () => {
    await page.goto(`${app}/auth/login`);
    await page.getByRole('link', { name: 'Open an account' }).click();
    await page.getByLabel('Name').fill('Rosa');
    await page.getByLabel('Email').fill('rosa@example.org');
    await page.getByLabel('Password').fill('four words make one');
    await page.getByRole('button', { name: 'Open account' }).click();
    await page.getByText('See your entries').waitFor();
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.getByText('Logged in as Rosa').waitFor();
  });
  await check('both: no token where no account is connected', async () => {
    const answer = await get('/api/vault');
    sub = answer.sub;
    assert.match(sub, /^usr_/);
    assert.equal(answer.nextjs.code, 'failed_to_exchange_refresh_token', JSON.stringify(answer));
    assert.equal(answer.ai.code, 'TOKEN_VAULT_ERROR', JSON.stringify(answer));
  });
  await check('@auth0/nextjs-auth0: connect an account (/auth/connect)', async () => {
    await page.goto(`${app}/auth/connect?connection=stocktrade&scopes=portfolio:read&returnTo=/`);
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.getByText('Logged in as Rosa').waitFor();
  });
  await check('both: a token for the connection reads the account (getAccessTokenForConnection, withTokenVault)', async () => {
    const answer = await get('/api/vault');
    assert.deepEqual([answer.nextjs, answer.ai], Array(2).fill({ status: 200, cash: '10000.00' }), JSON.stringify(answer));
  });
  await check('@auth0/nextjs-auth0: approval (getTokenByBackchannelAuth), which the API takes once, as approved', async () => {
    const answer = post({ by: 'nextjs', entry: { account: 'rent', amount: '800.00' } });
    const shown = await decide(/Rent: 800.00/, 'Approve this entry');
    for (const words of ['Ledger app', 'C3 D4', 'Rent', '800.00']) assert.ok(shown.includes(words), `${words}: ${shown}`);
    const details = [{ type: 'ledger_entry', account: 'rent', amount: '800.00', currency: 'EUR' }];
    assert.deepEqual(await answer, { status: 201, entry: 1, again: { status: 201, entry: 1 }, changed: 403, authorizationDetails: details });
  });
  await check('@auth0/ai: approval (withAsyncAuthorization)', async () => {
    const answer = post({ by: 'ai', entry: { account: 'food', amount: '12.50' } });
    const shown = await decide(/Food: 12.50/, 'Approve this entry');
    assert.ok(shown.includes('A1 B2'), shown);
    assert.deepEqual(await answer, { status: 201, entry: 2 });
  });
  await check('both: approval without details, by scopes and message', async () => {
    for (const [by, message, expected] of [
      ['nextjs', 'Export the entries of March?', { status: 200, entries: 2, entry: 403 }],
      ['ai', 'Export this year for your tax adviser?', { status: 200, entries: 2 }],
    ]) {
      const answer = post({ by }, 'export');
      const shown = await decide(/Access to Ledger/, 'Approve this request');
      for (const words of ['Ledger app', message, 'Export all your entries']) assert.ok(shown.includes(words), `${words}: ${shown}`);
      assert.deepEqual(await answer, expected);
    }
    const denied = post({ by: 'ai' }, 'export');
    await decide(/Access to Ledger/, 'Deny');
    assert.equal((await denied).code, 'ASYNC_AUTHORIZATION_ACCESS_DENIED', JSON.stringify(await denied));
  });
  await check('both: denied', async () => {
    let answer = post({ by: 'ai', entry: { account: 'food', amount: '13.00' } });
    await decide(/Food: 13.00/, 'Deny');
    assert.equal((await answer).code, 'ASYNC_AUTHORIZATION_ACCESS_DENIED', JSON.stringify(await answer));
    answer = post({ by: 'nextjs', entry: { account: 'food', amount: '14.00' } });
    await decide(/Food: 14.00/, 'Deny');
    assert.equal((await answer).code, 'access_denied', JSON.stringify(await answer));
    assert.equal(ownApi.entries.size, 2);
  });
  await check('@auth0/nextjs-auth0: logout', async () => {
    await page.goto(`${app}/auth/logout`);
    await page.getByText('Logged out').waitFor();
  });
  console.log(`All ${passed} passed.`);
} catch (error) {
  console.error(error);
  for (const { log } of children) console.error(readFileSync(log, 'utf8').slice(-4000));
  process.exitCode = 1;
} finally {
  await browser?.close();
  for (const { child } of children) {
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
  }
  for (const server of [tls, ownApi?.server]) {
    server?.closeAllConnections();
    server?.close();
  }
  rmSync(new URL('.next', import.meta.url), { recursive: true, force: true });
}
