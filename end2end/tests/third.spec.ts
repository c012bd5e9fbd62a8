// An API, a provider, an agent and a type that Mandate knows by garden.toml alone: login, connecting an account, its
// tokens from the vault, and an approval that the API enforces once. The agent is openid-client, the provider
// node-oidc-provider, both unmodified.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from '@playwright/test';
import { generateKeyPair, SignJWT, UnsecuredJWT, decodeJwt, decodeProtectedHeader } from 'jose';
import * as oidc from 'openid-client';
import { test as base, expect } from '../fixtures.js';
import { Garden, type Watering } from '../garden.js';
import { card, logIn, say, transcript, typeCredentials, type Person } from '../people.js';
import type { Sites } from '../program.js';

const carol: Person = { name: 'Carol', email: 'carol@example.com', password: 'mandate-demo' };
const watering: Watering = { type: 'watering', bed: 'north', litres: '12.5', day: '2027-06-01' };
const CIBA = 'urn:openid:params:grant-type:ciba';
const VAULT = 'urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token';

const test = base.extend<{ garden: Garden; folder: string }>({
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'garden-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  garden: async ({}, use) => {
    const garden = await Garden.plan();
    await use(garden);
    await garden.stop();
  },
  settings: async ({ garden, folder }, use) => use(garden.settings(folder)),
});
test.beforeEach(async ({ garden, sites }) => garden.start(sites.tenant));

type Tokens = Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>;
type Login = { client: oidc.Configuration; tokens: Tokens; sub: string };

/** The agent logs Carol in, with access to the orchard. */
async function login(page: Page, sites: Sites, garden: Garden): Promise<Login> {
  const client = await garden.client(sites.tenant);
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(client, {
    redirect_uri: garden.callback,
    scope: 'openid profile email offline_access orchard:look orchard:water',
    audience: garden.orchard,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
  });
  await page.goto(url.href);
  await typeCredentials(page, carol);
  for (const words of ['Gardener', 'Orchard', 'See the beds', 'Water beds, which you approve one by one']) {
    await expect(page.getByRole('main')).toContainText(words);
  }
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await expect(page.getByText('Back at Gardener.')).toBeVisible();
  const back = new URL(page.url());
  const tokens = await oidc.authorizationCodeGrant(client, back, { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true });
  return { client, tokens, sub: tokens.claims()!.sub };
}

/** Carol connects her account at Field Gate, by the My Account API. */
async function connect(page: Page, sites: Sites, garden: Garden, { client, tokens }: Login): Promise<Record<string, unknown>> {
  const scope = ['create', 'read', 'delete'].map((what) => `${what}:me:connected_accounts`).join(' ');
  const me = await oidc.refreshTokenGrant(client, tokens.refresh_token!, { audience: `${sites.tenant}me/`, scope });
  const account = (path: string, body: object) => garden.call(`${sites.tenant}me/v1/connected-accounts/${path}`, me.access_token, JSON.stringify(body));
  const code_verifier = oidc.randomPKCECodeVerifier();
  const started = await account('connect', {
    connection: 'fieldgate',
    redirect_uri: garden.callback,
    state: 'a state',
    code_challenge: await oidc.calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: 'S256',
    scopes: ['soil:read'],
  });
  expect(started.status, JSON.stringify(started.body)).toBe(201);
  const { connect_uri, auth_session, connect_params } = started.body as Record<string, any>;
  await page.goto(`${connect_uri}?ticket=${connect_params.ticket}`);
  await expect(page).toHaveURL(new RegExp(`^${garden.fieldgate}`));
  await expect(page.getByRole('heading')).toContainText('soil:read');
  await page.getByRole('button', { name: 'Open the gate' }).click();
  await expect(page.getByText('Back at Gardener.')).toBeVisible();
  const back = new URL(page.url()).searchParams;
  expect(back.get('state')).toBe('a state');
  const done = await account('complete', { auth_session, connect_code: back.get('connect_code'), redirect_uri: garden.callback, code_verifier });
  expect(done.status, JSON.stringify(done.body)).toBe(201);
  return done.body;
}

type Asked = { auth_req_id: string; approval_uri: string; txn: string; interval: number; expires_in: number };

/** The agent asks Carol for an approval. */
async function ask({ client, sub }: Login, sites: Sites, garden: Garden, more: Record<string, string> = {}): Promise<Asked> {
  const answer = await oidc.initiateBackchannelAuthentication(client, {
    scope: 'openid orchard:water',
    audience: garden.orchard,
    login_hint: JSON.stringify({ format: 'iss_sub', iss: sites.tenant, sub }),
    binding_message: 'K7 Q2',
    authorization_details: JSON.stringify([watering]),
    ...more,
  });
  return answer as unknown as Asked;
}

/** Carol decides on the page of the request. */
async function decide(page: Page, asked: Asked, name: string): Promise<void> {
  await page.goto(asked.approval_uri);
  await page.getByRole('button', { name, exact: true }).click();
}

const approved = (client: oidc.Configuration, { auth_req_id }: Asked) => oidc.genericGrantRequest(client, CIBA, { auth_req_id });

const vault = ({ client }: Login, subject_token: string, kind: string, connection = 'fieldgate') =>
  oidc.genericGrantRequest(client, VAULT, {
    subject_token,
    subject_token_type: `urn:ietf:params:oauth:token-type:${kind}`,
    requested_token_type: 'http://auth0.com/oauth/token-type/federated-connection-access-token',
    connection,
  });

test('login, another provider’s account, one use of approval', async ({ page, sites, garden }) => {
  const session = await login(page, sites, garden);
  const { client, tokens } = session;
  expect(tokens.claims()).toMatchObject({ iss: sites.tenant, name: 'Carol', email: carol.email });
  expect(decodeProtectedHeader(tokens.access_token).alg).toBe('ES256');
  expect((await garden.call(`${garden.orchard}/beds`, tokens.access_token)).body).toEqual(['north', 'south']);

  // The vault has no token before an account is connected.
  await expect(vault(session, tokens.refresh_token!, 'refresh_token')).rejects.toMatchObject({ error: 'federated_connection_refresh_token_not_found' });
  expect(await connect(page, sites, garden, session)).toMatchObject({ connection: 'fieldgate', scopes: ['soil:read'] });
  const theirs = await vault(session, tokens.refresh_token!, 'refresh_token');
  expect([theirs.scope, theirs.refresh_token]).toEqual(['soil:read', undefined]);
  expect(decodeJwt(theirs.access_token)).toMatchObject({ iss: garden.fieldgate, sub: 'carol-at-the-gate', aud: garden.soil });
  expect((await garden.call(`${garden.soil}/beds`, theirs.access_token)).body).toContainEqual({ bed: 'north', moisture: 31 });

  const asked = await ask(session, sites, garden, { agent_message: 'It is dry.' });
  const polling = oidc.pollBackchannelAuthenticationGrant(client, asked);
  await page.goto(`${sites.tenant}approvals`);
  await page.getByRole('link', { name: /Water the north bed/ }).click();
  await expect(page).toHaveURL(asked.approval_uri);
  for (const words of ['Gardener', 'K7 Q2', 'the north bed', '12.5 litres', 'It is dry.']) {
    await expect(page.getByRole('main')).toContainText(words);
  }
  await page.getByRole('button', { name: 'Approve this watering' }).click();
  const approval = await polling;
  expect(decodeJwt(approval.access_token)).toMatchObject({ aud: garden.orchard, sub: session.sub, txn: asked.txn, authorization_details: [watering] });
  const first = await garden.water(approval.access_token, watering);
  expect(first).toEqual({ status: 200, body: { approval: asked.txn, watered: 'north', times: 1 } });
  // A retry, also with a token fetched again after a lost answer, is the same watering.
  expect(await garden.water(approval.access_token, watering)).toEqual(first);
  expect(await garden.water((await approved(client, asked)).access_token, watering)).toEqual(first);
  expect([...garden.waterings.keys()]).toEqual([asked.txn]);
});

/** Forged and foreign tokens, made from the one of Carol's approval: description, token, expected status. */
async function forgeries({ tokens }: Login, token: string): Promise<[string, string, number][]> {
  const [header, claims] = [decodeProtectedHeader(token), decodeJwt(token)];
  const { privateKey } = await generateKeyPair('ES256');
  const forged = { ...claims, authorization_details: [{ ...watering, bed: 'south' }] };
  const [head, , signature] = token.split('.');
  return [
    ['other claims under the signature', [head, Buffer.from(JSON.stringify(forged)).toString('base64url'), signature].join('.'), 401],
    ['another key of the same name', await new SignJWT(forged).setProtectedHeader({ ...header, alg: 'ES256' }).sign(privateKey), 401],
    ['another algorithm', await new SignJWT(forged).setProtectedHeader({ ...header, alg: 'HS256' }).sign(Buffer.from(JSON.stringify(header))), 401],
    ['no signature', new UnsecuredJWT(forged).encode(), 401],
    ['the id token', tokens.id_token!, 401],
    ['a token of the login, without an approval', tokens.access_token, 403],
    ['no token at all', 'x', 401],
  ];
}

test('forged, changed, borrowed and revoked tokens water nothing', async ({ page, sites, garden }) => {
  const session = await login(page, sites, garden);
  const { client, tokens } = session;
  await connect(page, sites, garden, session);
  const theirs = await vault(session, tokens.refresh_token!, 'refresh_token');
  const me = await oidc.refreshTokenGrant(client, tokens.refresh_token!, { audience: `${sites.tenant}me/`, scope: 'read:me:connected_accounts' });
  const asked = await ask(session, sites, garden);
  await decide(page, asked, 'Approve this watering');
  const { access_token: token } = await approved(client, asked);

  for (const change of [{ bed: 'south' }, { litres: '12.50' }, { litres: 12.5 }, { day: '2027-06-02' }, { type: 'pruning' }, { note: 'x' }]) {
    expect((await garden.water(token, { ...watering, ...change })).status, JSON.stringify(change)).toBe(403);
  }
  const south = { ...watering, bed: 'south' };
  const refused: [string, string, number][] = [
    ...(await forgeries(session, token)),
    ['a token of the My Account API', me.access_token, 401],
    ['a token of Field Gate', theirs.access_token, 401],
  ];
  for (const [what, bad, status] of refused) expect((await garden.water(bad, south)).status, what).toBe(status);
  expect((await garden.call(`${garden.soil}/beds`, token)).status, 'the approval at the other API').toBe(401);

  // A revoked token is refused at once, although its signature is still valid.
  await oidc.tokenRevocation(client, token);
  expect((await garden.water(token, watering)).status).toBe(401);
  expect(garden.waterings.size).toBe(0);
});

test('what type, client or person don’t allow is refused', async ({ page, sites, garden }) => {
  const session = await login(page, sites, garden);
  const { client, tokens } = session;
  await connect(page, sites, garden, session);
  const details = (text: string) => ({ authorization_details: text });
  const plain = JSON.stringify(watering);
  const wrong: [Record<string, string>, string][] = [
    [details(`[${plain.replace('{', '{"bed":"south",')}]`), 'invalid_authorization_details'],
    [details(`[${plain.replace('{', '{"note":"x",')}]`), 'invalid_authorization_details'],
    [details(`[${plain.replace('"12.5"', '"12.50"')}]`), 'invalid_authorization_details'],
    [details(`[${plain.replace('"12.5"', '12.5')}]`), 'invalid_authorization_details'],
    [details(`[${plain.replace('"12.5"', '"400.1"')}]`), 'invalid_authorization_details'],
    [details(`[${plain.replace('north', 'west')}]`), 'invalid_authorization_details'],
    [details(`[${plain.replace('watering', 'pruning')}]`), 'invalid_authorization_details'],
    [details(`[${plain},${plain}]`), 'invalid_authorization_details'],
    [{ audience: garden.soil }, 'invalid_target'],
    [{ login_hint: JSON.stringify({ format: 'iss_sub', iss: sites.tenant, sub: 'usr_nobody' }) }, 'unknown_user_id'],
  ];
  for (const [more, error] of wrong) await expect(ask(session, sites, garden, more), JSON.stringify(more)).rejects.toMatchObject({ error });
  const impostor = { ...session, client: await garden.client(sites.tenant, 'not-the-secret') };
  await expect(ask(impostor, sites, garden)).rejects.toMatchObject({ error: 'invalid_client' });

  const asked = await ask(session, sites, garden);
  await expect(approved(client, asked)).rejects.toMatchObject({ error: 'authorization_pending' });
  await decide(page, asked, 'Deny');
  await expect(page.getByRole('main')).toContainText('No bed was watered.');
  await expect(approved(client, asked)).rejects.toMatchObject({ error: 'access_denied' });

  // The vault gives tokens of the account for a refresh token of this client, and for nothing else.
  await expect(vault(session, tokens.access_token, 'access_token')).rejects.toMatchObject({ error: 'invalid_grant' });
  await expect(vault(session, tokens.refresh_token!, 'refresh_token', 'another')).rejects.toThrow();
  await expect(vault(session, `${tokens.refresh_token!}x`, 'refresh_token')).rejects.toMatchObject({ error: 'invalid_grant' });
});

test('the chat reads the other provider’s API', async ({ page, sites, garden }) => {
  await logIn(page, sites, carol);
  await say(page, 'How moist are the beds?');
  const asked = card(page, 'Connect Field Gate');
  await expect(asked).toContainText('See how moist the soil is');
  await asked.getByRole('link', { name: /connect/i }).click();
  await page.getByRole('button', { name: 'Open the gate' }).click();
  await expect(transcript(page).getByRole('cell', { name: '64', exact: true })).toBeVisible();
  const { token } = garden.seen.filter(({ path }) => path === '/soil/beds').at(-1)!;
  expect(decodeJwt(token)).toMatchObject({ iss: garden.fieldgate, aud: garden.soil });
});

test('examples/verify-python takes an approval once', async ({ page, sites, garden, folder }) => {
  const session = await login(page, sites, garden);
  const asked = await ask(session, sites, garden);
  await decide(page, asked, 'Approve this watering');
  const { access_token: token } = await approved(session.client, asked);

  const example = join(process.cwd(), '../examples/verify-python');
  const python = join(example, '.venv/bin/python');
  expect(existsSync(python), `${python} is not there: make test installs it`).toBe(true);
  const env = { ...process.env, ...garden.api(sites.tenant) };
  const child = spawn(python, ['-B', join(example, 'try.py'), join(folder, 'used.sqlite')], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const verify = async (token: string, body: object, kind = 'watering'): Promise<Record<string, unknown>> => {
    child.stdin.write(`${JSON.stringify({ token, body, kind })}\n`);
    return JSON.parse((await lines.next()).value) as Record<string, unknown>;
  };
  try {
    const south = { ...watering, bed: 'south' };
    for (const [what, bad] of await forgeries(session, token)) expect(await verify(bad, south), what).toHaveProperty('refused');
    for (const change of [{ bed: 'south' }, { litres: 12.5 }, { type: 'pruning' }, { note: 'x' }]) {
      const answer = await verify(token, { ...watering, ...change });
      expect(answer, JSON.stringify(change)).toEqual({ refused: 'this is not what was approved' });
    }
    expect(await verify(token, watering, 'pruning')).toEqual({ refused: 'this is not what was approved' });
    const used = { approval: asked.txn, person: session.sub };
    expect(await verify(token, watering)).toEqual({ ...used, first: true });
    expect(await verify(token, watering)).toEqual({ ...used, first: false });
    await oidc.tokenRevocation(session.client, token);
    expect(await verify(token, watering)).toEqual({ refused: 'this is no active access token' });
  } finally {
    const ended = new Promise((done) => child.once('exit', done));
    child.stdin.end();
    await ended;
  }
});
