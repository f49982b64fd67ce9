/** express-openid-connect signs in, is refused, asks /userinfo and signs out, by either way out. */
import express, { type ErrorRequestHandler } from 'express';
import { auth, type ConfigParams } from 'express-openid-connect';
import { afterAll, describe, expect, test } from 'vitest';
import {
  API,
  browserOf,
  startApplicationTenant,
  WEB,
  WEB_SECRET,
} from '#test/support/application-tenant.ts';
import { serve } from '#test/support/serve.ts';

const apps = [express(), express()] as const;
const [first, second] = await Promise.all([serve(apps[0]), serve(apps[1])]);
const tenant = await startApplicationTenant(first.origin, second.origin);
afterAll(() => Promise.all([tenant.close(), first.close(), second.close()]));

function configure(app: express.Express, baseURL: string, ways: Partial<ConfigParams>): void {
  app.use(
    auth({
      authRequired: false,
      issuerBaseURL: tenant.issuer,
      baseURL,
      clientID: WEB,
      clientSecret: WEB_SECRET,
      secret: 'of the cookies of this application',
      authorizationParams: {
        response_type: 'code',
        audience: API,
        scope: 'openid profile email offline_access read:reports',
        connection: 'bitbucket',
      },
      ...ways,
    }),
  );
  app.get('/', async (request, response) => {
    if (!request.oidc.isAuthenticated()) {
      response.json({});
      return;
    }
    const user = await request.oidc.fetchUserInfo();
    const refreshed = await request.oidc.accessToken?.refresh();
    response.json({ user, claims: request.oidc.idTokenClaims, expiresIn: refreshed?.expires_in });
  });
  const tellError: ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(400).json({ error: error.error, description: error.error_description });
  };
  app.use(tellError);
}
configure(apps[0], first.origin, { auth0Logout: true });
configure(apps[1], second.origin, { idpLogout: true });

describe.each([
  ['/v2/logout', first.origin],
  ['/oidc/logout', second.origin],
])('with %s', (path, origin) => {
  const at = (pathname: string) => new URL(pathname, origin);

  test('a person signs in, is known at /userinfo, is refreshed, and signs out', async () => {
    const browser = browserOf(tenant.max);
    const callback = await browser.open(at('/login'), `${origin}/callback`);
    expect((await browser.visit(callback)).location).toBe(origin);
    expect(JSON.parse((await browser.visit(at('/'))).body)).toMatchObject({
      user: { sub: `bitbucket|${tenant.max.uuid}`, email: 'max@example.com' },
      claims: { sid: expect.any(String) },
      expiresIn: 86_400,
    });

    const out = await browser.visit(at('/logout'));
    expect(out.location).toContain(`${tenant.issuer.slice(0, -1)}${path}?`);
    const back = await browser.visit(new URL(out.location ?? ''));
    expect([back.status, back.location]).toEqual([302, origin]);
    expect(JSON.parse((await browser.visit(at('/'))).body)).toEqual({});
  });

  test('a person who is refused is told why', async () => {
    const browser = browserOf(tenant.nora);
    const callback = await browser.open(at('/login'), `${origin}/callback`);
    const { status, body } = await browser.visit(callback);
    expect([status, JSON.parse(body)]).toEqual([
      400,
      {
        error: 'access_denied',
        description: expect.stringMatching(/^bitbucket_workspace_required: /),
      },
    ]);
  });
});
