// Verifies access tokens of Mandate identity (RFC 9068), and asks it whether they are still active (RFC 7662).
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';

/** One entry of `authorization_details` (RFC 9396). */
export type Detail = Record<string, string | number>;

/** A refusal, with its HTTP answer. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface Settings {
  /** Mandate identity, with the slash at its end. */
  issuer: string;
  audience: string;
  /** The API's id and secret, to ask whether a token is active. */
  id: string;
  secret: string;
}

/** Checks the bearer token of a request. */
export type Check = (authorization: string | undefined) => Promise<JWTPayload>;

export async function checker({ issuer, audience, id, secret }: Settings): Promise<Check> {
  const found = await fetch(`${issuer}.well-known/openid-configuration`);
  const metadata = (await found.json()) as { issuer: string; jwks_uri: string; introspection_endpoint: string };
  if (metadata.issuer !== issuer) throw new Error(`${issuer} calls itself ${metadata.issuer}`);
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));

  return async (authorization) => {
    const token = /^Bearer ([^\s]+)$/.exec(authorization ?? '')?.[1];
    if (!token) throw new Refused(401, 'A bearer token is needed.');
    const expected = { issuer, audience, typ: 'at+jwt', algorithms: ['RS256', 'ES256'], requiredClaims: ['sub', 'exp'] };
    const verified = await jwtVerify(token, keys, expected).catch(() => {
      throw new Refused(401, 'This token is not valid here.');
    });
    // The approval or grant behind it may have been revoked since (RFC 7662).
    const answer = await fetch(metadata.introspection_endpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
      redirect: 'error',
    }).catch(() => undefined);
    if (!answer?.ok) throw new Refused(503, 'Tokens can’t be checked right now.');
    if (((await answer.json()) as { active?: unknown }).active !== true) {
      throw new Refused(401, 'This token is no longer active.');
    }
    return verified.payload;
  };
}

/** Accepts only tokens that have one of these scopes. */
export function needs(claims: JWTPayload, ...scopes: string[]): void {
  const granted = String(claims['scope'] ?? '').split(' ');
  if (!scopes.some((scope) => granted.includes(scope))) throw new Refused(403, `This needs ${scopes.join(' or ')}.`);
}

/** The approval that a token carries: its id, and the one entry that was approved. */
export function approval(claims: JWTPayload, type: string): { txn: string; detail: Detail } {
  const details = claims['authorization_details'];
  const detail = Array.isArray(details) && details.length === 1 ? (details[0] as Detail) : undefined;
  const txn = claims['txn'];
  if (detail?.['type'] !== type || typeof txn !== 'string' || txn === '') {
    throw new Refused(403, 'This needs an approval.');
  }
  return { txn, detail };
}
