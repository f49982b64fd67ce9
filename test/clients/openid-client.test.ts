/** openid-client, as an application with a secret: what discovery says is what it goes by. */
import * as oidc from 'openid-client';
import { afterAll, expect, test } from 'vitest';
import {
  API,
  browserOf,
  startApplicationTenant,
  WEB,
  WEB_SECRET,
} from '#test/support/application-tenant.ts';

const HOME = 'http://localhost:3000';
const CALLBACK = `${HOME}/callback`;
const tenant = await startApplicationTenant(HOME);
afterAll(() => tenant.close());
const config = await oidc.discovery(new URL(tenant.issuer), WEB, WEB_SECRET);

const authorizationUrl = () =>
  oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email offline_access read:reports',
    audience: API,
    connection: 'bitbucket',
    state: 'of-the-app',
  });

test('a person signs in, is known at /userinfo, is refreshed, and signs out', async () => {
  const browser = browserOf(tenant.max);
  const answer = await browser.open(authorizationUrl(), CALLBACK);
  const checks = { expectedState: 'of-the-app' };
  const tokens = await oidc.authorizationCodeGrant(config, answer, checks);
  const sub = tokens.claims()?.sub ?? '';
  expect(sub).toBe(`bitbucket|${tenant.max.uuid}`);
  expect(tokens.scope).toBe('openid profile email offline_access read:reports');
  expect(await oidc.fetchUserInfo(config, tokens.access_token, sub)).toMatchObject({
    name: 'Max',
    email_verified: true,
  });
  const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
  expect(refreshed).toMatchObject({ expires_in: 86_400, scope: tokens.scope });

  const out = oidc.buildEndSessionUrl(config, {
    id_token_hint: refreshed.id_token ?? '',
    post_logout_redirect_uri: HOME,
    state: 'on the way out',
  });
  const { location } = await browser.visit(out);
  expect(location).toBe(`${HOME}/?state=on+the+way+out`);
});

test('a person who is refused is told why', async () => {
  const answer = await browserOf(tenant.nora).open(authorizationUrl(), CALLBACK);
  const refused = oidc.authorizationCodeGrant(config, answer, { expectedState: 'of-the-app' });
  await expect(refused).rejects.toMatchObject({
    error: 'access_denied',
    error_description: expect.stringMatching(/^bitbucket_workspace_required: /),
  });
});

test('revokes a refresh token', async () => {
  const answer = await browserOf(tenant.max).open(authorizationUrl(), CALLBACK);
  const { refresh_token = '' } = await oidc.authorizationCodeGrant(config, answer, {
    expectedState: 'of-the-app',
  });
  await oidc.tokenRevocation(config, refresh_token);
  await expect(oidc.refreshTokenGrant(config, refresh_token)).rejects.toMatchObject({
    error: 'invalid_grant',
  });
});
