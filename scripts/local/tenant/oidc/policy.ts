/** When an authorization request needs a sign-in, and when the login flow runs for it. */
import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { findConnection, isEnabledFor, type TenantStore } from '../store.ts';

const { Check, Prompt } = interactionPolicy;

/** Once somebody is signed in, by Bitbucket now or by a session, `run` is what lets them go on. */
export function createPolicy(
  store: TenantStore,
  run: (ctx: KoaContextWithOIDC) => Promise<void>,
): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  // The tenant's applications are its own: nobody is asked to consent.
  policy.remove('consent');
  policy
    .get('login')
    ?.checks.add(
      new Check('other_session', 'Login required', 'login_required', (ctx) =>
        isSessionUsable(ctx, store) ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT,
      ),
    );
  const check = new Check('post_login', 'The login flow', async (ctx) => {
    await run(ctx);
    return Check.NO_NEED_TO_PROMPT;
  });
  policy.add(new Prompt({ name: 'post_login', requestable: false }, check));
  return policy;
}

/**
 * A session is good for an application that its connection is enabled for, and for a request that
 * asks for no other connection. Otherwise it would let in where a sign-in would not.
 */
function isSessionUsable({ oidc }: KoaContextWithOIDC, store: TenantStore): boolean {
  const accountId = oidc.session?.accountId;
  if (accountId === undefined) return true; // the check for a session says what is needed
  const name = store.users.get(accountId)?.identities[0]?.connection;
  const connection = name === undefined ? undefined : findConnection(store, name);
  const wanted = oidc.params?.connection ?? name;
  return (
    connection !== undefined &&
    wanted === name &&
    isEnabledFor(store, connection, oidc.client?.clientId ?? '')
  );
}
