/** A page with auth0-spa-js: a button for each thing that it does, and what came of it as JSON. */
import { Auth0Client } from '@auth0/auth0-spa-js';

const { domain, clientId, audience } = document.documentElement.dataset;
const options = {
  domain,
  clientId,
  authorizationParams: {
    redirect_uri: `${location.origin}/callback`,
    audience,
    scope: 'openid profile email read:reports',
    connection: 'bitbucket',
  },
};
/** With refresh tokens, and with a frame instead of them. */
const client = new Auth0Client({ ...options, useRefreshTokens: true });
const framing = new Auth0Client(options);

const out = document.querySelector('output');
const show = (promise) =>
  promise
    .catch(({ error, error_description: description }) => ({ error, description }))
    .then((value) => {
      out.textContent = JSON.stringify(value ?? null);
    });

const describe = async ({ scope, expires_in }) => {
  const { email, sub } = await client.getUser();
  return { email, sub, scope, expires_in };
};
const actions = {
  login: () => client.loginWithRedirect(),
  popup: async () => {
    await client.loginWithPopup();
    return describe(await client.getTokenSilently({ detailedResponse: true }));
  },
  refresh: async () =>
    describe(await client.getTokenSilently({ cacheMode: 'off', detailedResponse: true })),
  frame: async () => {
    const { scope } = await framing.getTokenSilently({ cacheMode: 'off', detailedResponse: true });
    return { scope };
  },
  logout: () => client.logout({ logoutParams: { returnTo: location.origin } }),
};
for (const [name, act] of Object.entries(actions)) {
  document.querySelector(`button[name=${name}]`).addEventListener('click', () => {
    out.textContent = '';
    show(act());
  });
}

if (location.pathname === '/callback') {
  show(
    client
      .handleRedirectCallback()
      .then(() => client.getTokenSilently({ detailedResponse: true }))
      .then(describe),
  );
}
