// The identity service with an independent client: openid-client, which checks what the standards require.
import * as oidc from 'openid-client';
import { test, expect } from '../fixtures.js';
import { alice, typeCredentials } from '../people.js';

test('openid-client registers, logs in, refreshes, logs out', async ({ page, sites }) => {
  const redirectUri = 'http://127.0.0.1:9/callback';
  const config = await oidc.dynamicClientRegistration(
    new URL(sites.tenant),
    {
      client_name: 'An independent client',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    oidc.None(),
    { execute: [oidc.allowInsecureRequests] },
  );
  const metadata = config.serverMetadata();
  expect(metadata.issuer).toBe(sites.tenant);
  expect(metadata.code_challenge_methods_supported).toEqual(['S256']);
  expect(metadata['authorization_response_iss_parameter_supported']).toBe(true);
  expect(metadata.response_types_supported).toEqual(['code']);

  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const expectedNonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile email offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
  });
  const answered = page.waitForRequest((request) => request.url().startsWith(redirectUri));
  await page.goto(url.href);
  await typeCredentials(page, alice);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('An independent client');
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  const back = new URL((await answered).url());

  const tokens = await oidc.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true });
  expect(tokens.claims()).toMatchObject({ iss: sites.tenant, name: 'Alice', email: 'alice@example.com' });
  const person = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()!.sub);
  expect(person.name).toBe('Alice');

  // A public client's refresh token rotates. Reuse of the old one ends the family (line 14).
  const first = tokens.refresh_token!;
  const second = await oidc.refreshTokenGrant(config, first);
  expect(second.refresh_token).not.toBe(first);
  // A lost answer (line 14): within 30 s the old token gets the same successor. After the successor was used, it ends
  // the family.
  expect((await oidc.refreshTokenGrant(config, first)).refresh_token).toBe(second.refresh_token);
  const third = await oidc.refreshTokenGrant(config, second.refresh_token!);
  await expect(oidc.refreshTokenGrant(config, first)).rejects.toMatchObject({ error: 'invalid_grant' });
  await expect(oidc.refreshTokenGrant(config, third.refresh_token!)).rejects.toMatchObject({ error: 'invalid_grant' });

  // The code is used up (line 13).
  await expect(
    oidc.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, expectedNonce }),
  ).rejects.toMatchObject({ error: 'invalid_grant' });
});

test.use({ expected: /127\.0\.0\.1:9|ERR_CONNECTION_REFUSED|ERR_UNSAFE_PORT/ });
