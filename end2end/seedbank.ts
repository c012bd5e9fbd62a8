// Seed Bank: an unmodified node-oidc-provider as a provider of OAuth 2 alone. It serves no metadata and no keys, gives
// no ID token, names the account's owner at its own endpoint, and issues each refresh token for one use.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Provider from 'oidc-provider';
import { freePort, type Settings } from './program.js';

// node-oidc-provider says at each start that its defaults aren't for production.
for (const level of ['info', 'warn'] as const) {
  const say = console[level];
  console[level] = (...words: unknown[]) => void (String(words[0]).includes('oidc-provider') || say(...words));
}

const SECRET = 'the-seed-bank-keeps-this-in-its-vault';

export class SeedBank {
  /** The tokens that reached the API. */
  readonly seen: string[] = [];
  /** The requests for addresses that don't exist. */
  readonly missed: string[] = [];
  private server?: Server;
  private provider?: Provider;

  private constructor(private readonly port: number) {}

  static async plan(): Promise<SeedBank> {
    return new SeedBank(await freePort());
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** Mandate's settings, with seedbank.toml at this port in a folder. */
  settings(folder: string): Settings {
    const file = join(folder, 'mandate.toml');
    writeFileSync(file, readFileSync('seedbank.toml', 'utf8').replace(/(?<=:)SEEDBANK\b/g, String(this.port)));
    return { MANDATE_CONFIG: file, SEEDBANK_SECRET: SECRET };
  }

  /** Starts it, for a Mandate identity that runs. */
  async start(identity: string): Promise<void> {
    const { default: Oidc } = await import('oidc-provider');
    const provider = new Oidc(this.url, {
      clients: [
        {
          client_id: 'mandate-at-the-bank',
          client_secret: SECRET,
          redirect_uris: [`${identity}connected-accounts/callback/seedbank`],
          grant_types: ['authorization_code', 'refresh_token'],
        },
      ],
      scopes: ['seeds:read'],
      cookies: { keys: ['a key of this test alone'] },
      features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
      findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      issueRefreshToken: () => true,
      rotateRefreshToken: true,
      // Too short for the vault to keep a token, so that each question refreshes it.
      ttl: { AccessToken: 30 },
    });
    this.provider = provider;
    this.server = createServer(async (request, response) => {
      try {
        await this.respond(request, response);
      } catch (error) {
        response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ error: String(error) }));
      }
    });
    await new Promise<void>((done) => this.server!.listen(this.port, 'localhost', done));
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((done) => (this.server ? this.server.close(() => done()) : done()));
  }

  /** Whether the API accepts a token. */
  async accepts(token: string): Promise<boolean> {
    return (await fetch(`${this.url}/seeds/kept`, { headers: { authorization: `Bearer ${token}` } })).ok;
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const provider = this.provider!;
    const { pathname } = new URL(request.url!, this.url);
    const json = (status: number, body: unknown) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname.startsWith('/.well-known/') || pathname === '/jwks' || pathname === '/favicon.ico') {
      if (pathname !== '/favicon.ico') this.missed.push(pathname);
      return void response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end();
    }
    if (pathname === '/account' || pathname === '/seeds/kept') {
      const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      if (pathname === '/seeds/kept') this.seen.push(token);
      const found = await provider.AccessToken.find(token);
      if (!found?.scope?.split(' ').includes('seeds:read')) return json(401, { error: 'invalid_token' });
      return json(200, pathname === '/account'
        ? { account: { number: 4711, holder: 'Carol of the Seeds' } }
        : [{ seed: 'bean', kept: 12 }, { seed: 'poppy', kept: 3400 }]);
    }
    if (!pathname.startsWith('/interaction/')) return void (await provider.callback()(request, response));
    const { params } = await provider.interactionDetails(request, response);
    if (request.method !== 'POST') {
      const title = `Seed Bank: allow ${String(params['scope'])}`;
      const buttons = '<button>Open the drawer</button> <button formaction="?no">Keep it shut</button>';
      response.setHeader('content-type', 'text/html');
      return void response.end(`<!doctype html><title>Seed Bank</title><h1>${title}</h1><form method="post">${buttons}</form>`);
    }
    const accountId = 'carol-at-the-bank';
    const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
    grant.addOIDCScope('seeds:read');
    const result = request.url!.endsWith('?no')
      ? { error: 'access_denied' }
      : { login: { accountId }, consent: { grantId: await grant.save() } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
}
