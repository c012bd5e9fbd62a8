// A made-up garden: an API, a provider of accounts and an agent that Mandate knows only by garden.toml.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import * as oidc from 'openid-client';
import { freePort, type Settings } from './program.js';

/** Secrets that only the tests know. */
const secrets = {
  GARDENER_SECRET: 'the-gardener-keeps-this-under-a-flowerpot',
  ORCHARD_SECRET: 'the-orchard-keeps-this-behind-its-wall',
  FIELDGATE_SECRET: 'the-field-gate-opens-with-this-alone',
};

// node-oidc-provider says at each start that its defaults aren't for production.
for (const level of ['info', 'warn'] as const) {
  const say = console[level];
  console[level] = (...words: unknown[]) => void (String(words[0]).includes('oidc-provider') || say(...words));
}

export type Watering = { type: 'watering'; bed: string; litres: string; day: string };
export type Answer = { status: number; body: Record<string, unknown> };

class Refused extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((done) => server.listen(port, 'localhost', done));
}

async function text(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request) body += part;
  return body;
}

export class Garden {
  /** The tokens that reached the API, by path. */
  readonly seen: { path: string; token: string }[] = [];
  /** The waterings of used approvals, by the approvals' ids. */
  readonly waterings = new Map<string, { person: string; watering: Watering }>();
  private readonly servers: Server[] = [];
  private gate?: JWTVerifyGetKey;
  private identity?: { issuer: string; keys: JWTVerifyGetKey; introspection: string };

  private constructor(readonly ports: { orchard: number; fieldgate: number; gardener: number }) {}

  static async plan(): Promise<Garden> {
    return new Garden({ orchard: await freePort(), fieldgate: await freePort(), gardener: await freePort() });
  }

  readonly agent = 'gardener';
  readonly secret = secrets.GARDENER_SECRET;
  get callback(): string {
    return `http://127.0.0.1:${this.ports.gardener}/callback`;
  }
  get orchard(): string {
    return `http://localhost:${this.ports.orchard}/orchard`;
  }
  get soil(): string {
    return `http://localhost:${this.ports.orchard}/soil`;
  }
  get fieldgate(): string {
    return `http://localhost:${this.ports.fieldgate}`;
  }

  /** The API's settings, as examples/verify-python takes them. */
  api(issuer: string): Settings {
    return { ISSUER: issuer, AUDIENCE: this.orchard, API_ID: 'orchard', API_SECRET: secrets.ORCHARD_SECRET };
  }

  /** Mandate's settings, with garden.toml at these ports in a folder. */
  settings(folder: string): Settings {
    const file = join(folder, 'mandate.toml');
    const { orchard, fieldgate, gardener } = this.ports;
    const config = readFileSync('garden.toml', 'utf8');
    const ports = { GARDENER: gardener, ORCHARD: orchard, FIELDGATE: fieldgate };
    writeFileSync(file, config.replace(/(?<=:)(GARDENER|ORCHARD|FIELDGATE)\b/g, (name) => String(ports[name as keyof typeof ports])));
    return { MANDATE_CONFIG: file, ...secrets };
  }

  /** Starts all three, for a Mandate identity that runs. */
  async start(issuer: string): Promise<void> {
    const found = await fetch(`${issuer}.well-known/oauth-authorization-server`);
    const metadata = (await found.json()) as Record<string, string>;
    if (metadata['issuer'] !== issuer) throw new Error(`${issuer} calls itself ${metadata['issuer']}`);
    const keys = createRemoteJWKSet(new URL(metadata['jwks_uri']!));
    this.identity = { issuer, keys, introspection: metadata['introspection_endpoint']! };
    this.gate = createRemoteJWKSet(new URL(`${this.fieldgate}/jwks`));
    await this.serve(this.ports.orchard, (request) => this.respond(request));
    const answer = await this.provider(issuer);
    await this.serve(this.ports.fieldgate, answer);
    await this.serve(this.ports.gardener, () => ({ html: '<!doctype html><title>Back</title><p>Back at Gardener.' }));
  }

  async stop(): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    }
  }

  private async serve(
    port: number,
    answer: (request: IncomingMessage, response: ServerResponse) => unknown,
  ): Promise<void> {
    const server = createServer(async (request, response) => {
      try {
        const said = (request.url === '/favicon.ico' ? {} : await answer(request, response)) as { html?: string } | undefined;
        if (said?.html) response.setHeader('content-type', 'text/html').end(said.html);
        else if (said) response.setHeader('content-type', 'application/json').end(JSON.stringify(said));
      } catch (error) {
        const status = error instanceof Refused ? error.status : 500;
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: String(error) }));
      }
    });
    this.servers.push(server);
    await listen(server, port);
  }

  /** The API: `/orchard` with tokens of Mandate identity, `/soil` with those of Field Gate. */
  private async respond(request: IncomingMessage): Promise<unknown> {
    const path = new URL(request.url!, this.orchard).pathname;
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    this.seen.push({ path, token });
    const body = await text(request);
    if (path === '/soil/beds') {
      const { scope } = await this.verified(token, this.gate!, this.fieldgate, this.soil);
      if (!String(scope).split(' ').includes('soil:read')) throw new Refused(403, 'soil:read is needed');
      return [{ bed: 'north', moisture: 31 }, { bed: 'south', moisture: 64 }];
    }
    const claims = await this.verified(token, this.identity!.keys, this.identity!.issuer, this.orchard);
    if (!(await this.isActive(token))) throw new Refused(401, 'the token is no longer active');
    if (path === '/orchard/beds') {
      if (!String(claims['scope']).split(' ').includes('orchard:look')) throw new Refused(403, 'orchard:look is needed');
      return ['north', 'south'];
    }
    if (path !== '/orchard/waterings' || request.method !== 'POST') throw new Refused(404, 'there is no such thing');
    const [detail, ...more] = (claims['authorization_details'] ?? []) as Watering[];
    const txn = claims['txn'];
    if (detail?.type !== 'watering' || more.length > 0 || typeof txn !== 'string') throw new Refused(403, 'an approval is needed');
    const asked = JSON.parse(body) as Watering;
    if (!isDeepStrictEqual(asked, detail)) throw new Refused(403, 'this is not what was approved');
    const before = this.waterings.get(txn);
    if (before && before.person !== claims.sub) throw new Refused(403, 'this approval is somebody else’s');
    if (!before) this.waterings.set(txn, { person: claims.sub!, watering: detail });
    return { approval: txn, watered: detail.bed, times: 1 };
  }

  private async verified(token: string, keys: JWTVerifyGetKey, issuer: string, audience: string): Promise<JWTPayload> {
    const expected = { issuer, audience, typ: 'at+jwt', algorithms: ['RS256', 'ES256'], requiredClaims: ['sub', 'exp'] };
    const verified = await jwtVerify(token, keys, expected).catch((error) => {
      throw new Refused(401, String(error));
    });
    return verified.payload;
  }

  private async isActive(token: string): Promise<boolean> {
    const response = await fetch(this.identity!.introspection, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`orchard:${secrets.ORCHARD_SECRET}`)}` },
      body: new URLSearchParams({ token }),
      redirect: 'error',
    });
    if (!response.ok) throw new Refused(503, `introspection answered ${response.status}`);
    return ((await response.json()) as { active: boolean }).active;
  }

  /** Field Gate: node-oidc-provider as it is, with one page that logs in and allows. */
  private async provider(identity: string): Promise<(request: IncomingMessage, response: ServerResponse) => unknown> {
    const { default: Provider, errors } = await import('oidc-provider');
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const provider = new Provider(this.fieldgate, {
      clients: [
        {
          client_id: 'mandate-at-the-gate',
          client_secret: secrets.FIELDGATE_SECRET,
          redirect_uris: [`${identity}connected-accounts/callback`],
          grant_types: ['authorization_code', 'refresh_token'],
        },
      ],
      jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
      cookies: { keys: ['a key of this test alone'] },
      features: {
        devInteractions: { enabled: false },
        revocation: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_context, resource) => {
            if (resource !== this.soil) throw new errors.InvalidTarget();
            return { scope: 'soil:read', audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 600 };
          },
        },
      },
      findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    });
    const rest = provider.callback();
    return async (request, response) => {
      if (!request.url!.startsWith('/interaction/')) return void rest(request, response);
      const { params } = await provider.interactionDetails(request, response);
      if (request.method !== 'POST') {
        const title = `Field Gate: allow ${String(params['scope'])}`;
        return { html: `<!doctype html><title>Field Gate</title><h1>${title}</h1><form method="post"><button>Open the gate</button></form>` };
      }
      const accountId = 'carol-at-the-gate';
      const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
      grant.addOIDCScope('openid offline_access');
      grant.addResourceScope(this.soil, 'soil:read');
      const result = { login: { accountId }, consent: { grantId: await grant.save() } };
      return void (await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false }));
    };
  }

  /** Asks the API for a watering. Returns its answer. */
  async water(token: string, watering: object): Promise<Answer> {
    return this.call(`${this.orchard}/waterings`, token, JSON.stringify(watering));
  }

  async call(url: string, token: string, body?: string): Promise<Answer> {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(url, body === undefined ? { headers } : { method: 'POST', headers, body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** The agent's configuration as a client of Mandate identity, by discovery. */
  async client(issuer: string, secret = this.secret): Promise<oidc.Configuration> {
    return oidc.discovery(new URL(issuer), this.agent, secret, oidc.ClientSecretPost(secret), {
      execute: [oidc.allowInsecureRequests],
    });
  }
}
