/** passport-auth0 signs in: it asks /userinfo with the token in the query. */
import express from 'express';
import passport from 'passport';
import Auth0Strategy from 'passport-auth0';
import { afterAll, expect, test } from 'vitest';
import {
  browserOf,
  startApplicationTenant,
  WEB,
  WEB_SECRET,
} from '#test/support/application-tenant.ts';
import { serve } from '#test/support/serve.ts';

const app = express();
const { origin, close } = await serve(app);
const tenant = await startApplicationTenant(origin);
afterAll(() => Promise.all([tenant.close(), close()]));

/** Of the one browser at a time that there is here. */
let session = {};
app.use((request, _response, next) => {
  Object.assign(request, { session });
  next();
});
passport.use(
  new Auth0Strategy(
    {
      domain: tenant.tenant.domain,
      clientID: WEB,
      clientSecret: WEB_SECRET,
      callbackURL: `${origin}/callback`,
    },
    (_accessToken, _refreshToken, extra, profile, done) =>
      done(null, { scope: extra.scope, profile }),
  ),
);
const scope = 'openid profile email';
app.get('/login', passport.authenticate('auth0', { scope, connection: 'bitbucket' }));
app.get('/callback', passport.authenticate('auth0', { session: false }), (request, response) => {
  response.json('user' in request ? request.user : undefined);
});

test('a person signs in, with the profile of /userinfo', async () => {
  session = {};
  const browser = browserOf(tenant.max);
  const callback = await browser.open(new URL('/login', origin), `${origin}/callback`);
  const { status, body } = await browser.visit(callback);
  expect([status, JSON.parse(body)]).toEqual([
    200,
    {
      scope,
      profile: expect.objectContaining({
        provider: 'bitbucket',
        user_id: `bitbucket|${tenant.max.uuid}`,
        displayName: 'Max',
        picture: expect.stringMatching(/^https:/),
        emails: [{ value: 'max@example.com' }],
      }),
    },
  ]);
});

test('a person who is refused is not signed in', async () => {
  session = {};
  const browser = browserOf(tenant.nora);
  const callback = await browser.open(new URL('/login', origin), `${origin}/callback`);
  expect(callback.searchParams.get('error_description')).toMatch(/^bitbucket_workspace_required: /);
  expect((await browser.visit(callback)).status).toBe(401);
});
