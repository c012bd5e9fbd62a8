// A program on this computer that uses the tools over MCP, with the official TypeScript client.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { UnauthorizedError, type OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import type { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from './fixtures.js';
import { alice, typeCredentials } from './people.js';
import type { Sites } from './program.js';

/** Keeps its registration and tokens in memory. */
export class Caller implements OAuthClientProvider {
  asked?: URL;
  registered?: OAuthClientInformationMixed;
  granted?: OAuthTokens;
  private verifier = '';
  private readonly callbacks: URL[] = [];

  private constructor(private readonly server: Server, readonly scope?: string) {}

  static async start(scope?: string): Promise<Caller> {
    const server = createServer();
    const caller = new Caller(server, scope);
    server.on('request', (request, response) => {
      if (request.url?.startsWith('/callback')) caller.callbacks.push(new URL(request.url, caller.redirectUrl));
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Back</title><p>Back in the program.');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return caller;
  }

  get redirectUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/callback`;
  }

  get clientMetadata(): OAuthClientMetadata {
    return {
      client_name: 'Test Caller',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...(this.scope ? { scope: this.scope } : {}),
    };
  }

  private readonly sent = randomUUID();
  state = (): string => this.sent;
  clientInformation = (): OAuthClientInformationMixed | undefined => this.registered;
  saveClientInformation = (information: OAuthClientInformationMixed): void => void (this.registered = information);
  tokens = (): OAuthTokens | undefined => this.granted;
  saveTokens = (tokens: OAuthTokens): void => void (this.granted = tokens);
  redirectToAuthorization = (url: URL): void => {
    // The SDK asks for all scopes in the challenge. A person may be asked for fewer.
    if (this.scope) url.searchParams.set('scope', this.scope);
    this.asked = url;
  };
  saveCodeVerifier = (verifier: string): void => void (this.verifier = verifier);
  codeVerifier = (): string => this.verifier;

  /** The person opens the address, logs in if asked, and allows. Returns the callback’s parameters. */
  async consent(page: Page): Promise<URL> {
    await page.goto(this.asked!.href);
    if (await page.getByLabel('Password').isVisible()) await typeCredentials(page, alice);
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Test Caller');
    // The client registered itself, with a redirect URI on this computer (THREATS.md line 38).
    await expect(page.getByRole('main')).toContainText('Unverified');
    await expect(page.getByRole('main')).toContainText('127.0.0.1');
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await expect(page.getByText('Back in the program.')).toBeVisible();
    const back = this.callbacks.at(-1)!;
    expect(back.searchParams.get('state')).toBe(this.sent);
    return back;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

export const client = (): Client => new Client({ name: 'end2end', version: '1.0.0' });

/** Connects, with the person’s consent. */
export async function connected(page: Page, sites: Sites, caller: Caller): Promise<Client> {
  const address = new URL(`${sites.agent}mcp`);
  const transport = new StreamableHTTPClientTransport(address, { authProvider: caller });
  await expect(client().connect(transport)).rejects.toBeInstanceOf(UnauthorizedError);
  const asked = caller.asked!;
  expect(asked.href.startsWith(`${sites.tenant}authorize?`)).toBe(true);
  expect(asked.searchParams.get('resource')).toBe(address.href);
  expect(asked.searchParams.get('code_challenge_method')).toBe('S256');
  const back = await caller.consent(page);
  expect(back.searchParams.get('iss')).toBe(sites.tenant);
  await transport.finishAuth(back.searchParams.get('code')!);
  const ready = client();
  await ready.connect(new StreamableHTTPClientTransport(address, { authProvider: caller }));
  return ready;
}

export const text = (result: unknown): string =>
  ((result as { content?: { text?: string }[] }).content ?? []).map((part) => part.text ?? '').join('\n');
