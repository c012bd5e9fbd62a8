// Requests that the API accepts and refuses, with tokens of an issuer that this test runs.
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { api } from './api.js';
import { checker } from './tokens.js';

const AUDIENCE = 'https://rooms.example';
const servers: Server[] = [];
const revoked = new Set<string>();
const { publicKey, privateKey } = await generateKeyPair('RS256');
const other = await generateKeyPair('RS256');
const key = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  return `http://localhost:${(server.address() as AddressInfo).port}/`;
}

const issuer: string = await listen(
  createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      const token = new URLSearchParams(body).get('token') ?? '';
      const documents: Record<string, unknown> = {
        '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}keys`, introspection_endpoint: `${issuer}ask` },
        '/keys': { keys: [key] },
        '/ask': { active: request.headers.authorization === `Basic ${btoa('bookings:s')}` && !revoked.has(token) },
      };
      response.end(JSON.stringify(documents[request.url ?? ''] ?? {}));
    });
  }),
);
const check = await checker({ issuer, audience: AUDIENCE, id: 'bookings', secret: 's' });
const file = join(mkdtempSync(join(tmpdir(), 'bookings-')), 'db.sqlite');
const start = () => listen(createServer(api(check, file)));
const site = await start();
after(() => servers.forEach((server) => server.close()));

const detail = { type: 'room_booking', room: 'blue', from: '2026-12-04', to: '2026-12-05', people: 2, price: '160.00', currency: 'EUR' };

function token(more: JWTPayload, { signer = privateKey, typ = 'at+jwt', expires = '2m' } = {}): Promise<string> {
  const claims = { sub: 'alice', aud: AUDIENCE, iss: issuer, ...more };
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1', typ }).setIssuedAt().setExpirationTime(expires).sign(signer);
}

const approved = (txn: string, entry: object = detail, more: JWTPayload = {}) =>
  token({ txn, authorization_details: [entry], scope: 'rooms:book', ...more });

async function call(path: string, bearer: string, body?: object, at = site): Promise<[number, any]> {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  const response = await fetch(at + path, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers });
  return [response.status, await response.json()];
}

test('reading needs a scope', async () => {
  const [status, rooms] = await call('rooms', await token({ scope: 'rooms:read' }));
  assert.deepEqual([status, rooms.length], [200, 2]);
  assert.equal((await call('rooms', await token({ scope: 'rooms:reader' })))[0], 403);
  assert.equal((await call('rooms', 'nonsense'))[0], 401);
});

test('an approval books once, and its receipt is its person’s', async () => {
  const bearer = await approved('apr_1');
  const [status, booking] = await call('bookings', bearer, detail);
  assert.deepEqual([status, booking.status, booking.approval], [201, 'Booked', 'apr_1']);
  // A retry, also with another token of the same approval or after a restart, gives the same booking.
  assert.deepEqual((await call('bookings', bearer, detail))[1], booking);
  assert.deepEqual((await call('bookings', await approved('apr_1'), detail, await start()))[1], booking);
  assert.deepEqual((await call('bookings?txn=apr_1', bearer))[1], [booking]);
  assert.deepEqual((await call('bookings?txn=apr_1', await token({ sub: 'bob', scope: 'rooms:read' })))[1], []);
  assert.deepEqual(await call('bookings', await approved('apr_2'), detail), [409, { error: 'The room is taken' }]);
});

test('forgeries are refused', async () => {
  const free = { ...detail, from: '2027-01-04', to: '2027-01-04', price: '80.00' };
  const bearer = await approved('apr_3', free);
  for (const [changed, status] of [
    [{ room: 'green' }, 403],
    [{ price: '8.00' }, 403],
    [{ price: 80 }, 403],
    [{ people: 3 }, 403],
    [{ extra: 'x' }, 403],
  ] as const) {
    assert.equal((await call('bookings', bearer, { ...free, ...changed }))[0], status, JSON.stringify(changed));
  }
  const cheap = { ...free, price: '8.00' };
  assert.equal((await call('bookings', await approved('apr_4', cheap), cheap))[0], 409, 'the price isn’t the room’s');
  const forged: [string, string, number][] = [
    ['no approval', await token({ scope: 'rooms:book' }), 403],
    ['no id of the approval', await token({ authorization_details: [free] }), 403],
    ['two entries', await token({ txn: 'apr_5', authorization_details: [free, free] }), 403],
    ['another type', await approved('apr_5', { ...free, type: 'room_cancellation' }), 403],
    ['expired', await token({ txn: 'apr_5', authorization_details: [free] }, { expires: '-1m' }), 401],
    ['another audience', await approved('apr_5', free, { aud: 'https://other.example' }), 401],
    ['another issuer', await approved('apr_5', free, { iss: 'https://other.example/' }), 401],
    ['another key', await token({ txn: 'apr_5', authorization_details: [free] }, { signer: other.privateKey }), 401],
    ['an id token', await token({ txn: 'apr_5', authorization_details: [free] }, { typ: 'JWT' }), 401],
  ];
  for (const [what, bad, status] of forged) assert.equal((await call('bookings', bad, free))[0], status, what);
  revoked.add(bearer);
  assert.equal((await call('bookings', bearer, free))[0], 401, 'revoked');
  // Another person's token can't use it again, not even for a room that is free.
  for (const entry of [detail, free]) {
    const theirs = await call('bookings', await approved('apr_1', entry, { sub: 'bob' }), entry);
    assert.deepEqual(theirs, [403, { error: 'Another person used this approval' }]);
  }
  assert.deepEqual((await call('rooms?on=2027-01-04', await token({ scope: 'rooms:read' })))[1].length, 2);
});
