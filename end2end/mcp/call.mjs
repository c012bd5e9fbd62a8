// Calls a tool of a running Mandate over MCP, with the official TypeScript client: discovery, registration, PKCE and
// `resource`, like any MCP client.
//
//   node end2end/mcp/call.mjs                                          lists the tools
//   node end2end/mcp/call.mjs get_portfolio
//   node end2end/mcp/call.mjs create_order '{"symbol":"WAYNE","side":"BUY","quantity":5}'
//   node end2end/mcp/call.mjs --as alice@example.com get_portfolio     logs in and allows automatically (demo people)
//   MCP_URL=http://localhost:3000/mcp sets the address.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { randomUUID } from 'node:crypto';
import dns from 'node:dns';
import { createServer } from 'node:http';

// Not every system resolves *.localhost, but browsers do (RFC 6761 §6.3).
const lookup = dns.lookup;
dns.lookup = (name, ...rest) => lookup(name.endsWith('.localhost') ? '127.0.0.1' : name, ...rest);

const words = process.argv.slice(2);
const demo = words[0] === '--as' ? words.splice(0, 2)[1] : undefined;
const [tool, json = '{}'] = words;
const address = new URL(process.env.MCP_URL ?? 'http://localhost:3000/mcp');

/** A program on this computer: the browser returns to a local port, and tokens stay in memory. */
class Caller {
  static async start() {
    const caller = new Caller();
    caller.back = new Promise((came) => {
      caller.server = createServer((request, response) => {
        response.setHeader('content-type', 'text/plain').end('You can close this page.\n');
        const url = new URL(request.url, caller.redirectUrl);
        if (url.pathname === '/callback') came(url);
      });
    });
    await new Promise((done) => caller.server.listen(0, '127.0.0.1', done));
    return caller;
  }

  sent = randomUUID();
  get redirectUrl() {
    return `http://127.0.0.1:${this.server.address().port}/callback`;
  }
  get clientMetadata() {
    return {
      client_name: 'MCP on the command line',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    };
  }
  state = () => this.sent;
  clientInformation = () => this.registered;
  saveClientInformation = (information) => void (this.registered = information);
  tokens = () => this.granted;
  saveTokens = (tokens) => void (this.granted = tokens);
  saveCodeVerifier = (verifier) => void (this.verifier = verifier);
  codeVerifier = () => this.verifier;

  async redirectToAuthorization(url) {
    if (demo) await allow(url, demo);
    else console.error(`Open this in a browser, and allow it there:\n\n  ${url}\n`);
  }

  /** The authorization code that the browser returns, if the state matches. */
  async code() {
    const url = await this.back;
    if (url.searchParams.get('state') !== this.sent) throw new Error('the answer has another state');
    const error = url.searchParams.get('error');
    if (error) throw new Error(`not allowed: ${error}`);
    return url.searchParams.get('code');
  }
}

/** Acts like a person in a browser: follows redirects, logs in with the demo password, presses Allow. */
async function allow(start, email) {
  const cookies = new Map();
  let request = { url: new URL(start) };
  for (let step = 0; step < 30; step++) {
    const { url, form } = request;
    const jar = [...(cookies.get(url.host) ?? new Map())].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: jar, ...(form ? { origin: url.origin, 'sec-fetch-site': 'same-origin' } : {}) },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0].split(/=(.*)/s);
      if (!cookies.has(url.host)) cookies.set(url.host, new Map());
      cookies.get(url.host).set(name, value);
    }
    const to = response.headers.get('location');
    const page = await response.text();
    const refresh = page.match(/http-equiv="refresh"[^>]*content="\d+; ?url=([^"]+)"/i);
    if (to ?? refresh) request = { url: new URL(to ?? plain(refresh[1]), url) };
    else if (page.startsWith('You can close')) return;
    else request = filledIn(page, url, email);
  }
  throw new Error('the login leads nowhere');
}

/** The page's form, as the person would send it. */
function filledIn(page, url, email) {
  const form = page.match(/<form[^>]*action="(\/u\/(?:login|consent))"[\s\S]*?<\/form>/);
  if (!form) throw new Error(`a page that wasn't expected at ${url.pathname}: ${page.replace(/<[^>]*>/g, ' ').slice(0, 300)}`);
  const fields = {};
  for (const [input] of form[0].matchAll(/<input[^>]*>/g)) {
    const name = input.match(/name="([^"]*)"/)?.[1];
    if (name) fields[name] = plain(input.match(/value="([^"]*)"/)?.[1] ?? '');
  }
  const answer = form[1] === '/u/login' ? { email, password: 'mandate-demo' } : { decision: 'allow' };
  return { url: new URL(form[1], url), form: { ...fields, ...answer } };
}

const plain = (text) => text.replace(/&quot;/g, '"').replace(/&#x27;|&#39;/g, "'").replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

const caller = await Caller.start();
const connect = async () => {
  const client = new Client({ name: 'mandate-call', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(address, { authProvider: caller });
  try {
    await client.connect(transport);
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    await transport.finishAuth(await caller.code());
    return connect();
  }
  return client;
};
const client = await connect();
if (tool) {
  const options = {
    timeout: 330_000,
    resetTimeoutOnProgress: true,
    onprogress: ({ message, progress, total }) => console.error(`${progress}/${total} s  ${message}`),
  };
  const { tools } = await client.listTools();
  if (!tools.some(({ name }) => name === tool)) throw new Error(`no such tool: ${tools.map(({ name }) => name).join(', ')}`);
  const result = await client.callTool({ name: tool, arguments: JSON.parse(json) }, undefined, options);
  for (const part of result.content) console.log(part.text);
  process.exitCode = result.isError ? 1 : 0;
} else {
  const { tools } = await client.listTools();
  for (const { name, description, _meta } of tools) {
    console.log(`${name}  [${_meta?.['mandate/requiredScopes']?.join(' ') ?? ''}]\n    ${description}`);
  }
}
await client.close();
caller.server.closeAllConnections();
caller.server.close();
