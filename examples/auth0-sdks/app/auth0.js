// The SDKs, configured as for an Auth0 tenant: AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET and AUTH0_SECRET.
import { Auth0AI, getAccessTokenFromTokenVault, getAsyncAuthorizationCredentials } from '@auth0/ai-vercel';
import { Auth0Client } from '@auth0/nextjs-auth0/server';
import { tool } from 'ai';
import { z } from 'zod';

export const { LEDGER } = process.env;

export const auth0 = new Auth0Client({
  enableConnectAccountEndpoint: true,
  authorizationParameters: { scope: 'openid profile email offline_access ledger:read', audience: LEDGER },
});

const ai = new Auth0AI();

/** A tool that reads an account at another provider, with a token of the vault. */
export const portfolio = ai.withTokenVault(
  {
    connection: 'stocktrade',
    scopes: ['portfolio:read'],
    refreshToken: async () => (await auth0.getSession()).tokenSet.refreshToken,
  },
  tool({
    description: 'Reads the portfolio',
    inputSchema: z.object({}),
    execute: () => read(getAccessTokenFromTokenVault()),
  }),
);

export async function read(token) {
  const response = await fetch(`${process.env.STOCKTRADE}/api/portfolio`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, cash: (await response.json()).cashBalance };
}

/** A tool that needs the person's approval of its exact arguments. */
export const write = ai.withAsyncAuthorization(
  {
    userID: async () => (await auth0.getSession()).user.sub,
    audience: LEDGER,
    scopes: ['ledger:write'],
    bindingMessage: async () => 'A1 B2',
    authorizationDetails: async (entry) => [{ type: 'ledger_entry', ...entry, currency: 'EUR' }],
    onAuthorizationRequest: 'block',
    onUnauthorized: async (error) => ({ error: error.name, code: error.code }),
  },
  tool({
    description: 'Writes an entry',
    inputSchema: z.object({ account: z.string(), amount: z.string() }),
    execute: async (entry) => post(getAsyncAuthorizationCredentials().accessToken, entry),
  }),
);

/** A tool that needs the person's approval of access, by a message alone. */
export const exportAll = ai.withAsyncAuthorization(
  {
    userID: async () => (await auth0.getSession()).user.sub,
    audience: LEDGER,
    scopes: ['ledger:export'],
    bindingMessage: async () => 'Export this year for your tax adviser?',
    onAuthorizationRequest: 'block',
    onUnauthorized: async (error) => ({ error: error.name, code: error.code }),
  },
  tool({
    description: 'Exports all entries',
    inputSchema: z.object({}),
    execute: () => exported(getAsyncAuthorizationCredentials().accessToken),
  }),
);

/** Exports the ledger. Returns its answer. */
export async function exported(token) {
  const response = await fetch(`${LEDGER}/export`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, ...(await response.json()) };
}

/** Writes an entry to the ledger. Returns its answer. */
export async function post(token, entry) {
  const body = JSON.stringify({ type: 'ledger_entry', ...entry, currency: 'EUR' });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${LEDGER}/entries`, { method: 'POST', headers, body });
  return { status: response.status, ...(await response.json()) };
}
