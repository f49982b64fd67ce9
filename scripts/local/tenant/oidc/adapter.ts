/**
 * Where oidc-provider keeps what it issues. What it is told is kept is kept: a token that an
 * application has been given is good after a restart too. Clients are not its own: they are the
 * tenant's applications, as the Management API has them.
 */
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { TenantMemory } from '../memory.ts';
import type { StoredClient, TenantStore } from '../store.ts';

/**
 * No application and no browser holds these over a restart: a login that was under way then is
 * begun anew, and a grant is kept with the token that is issued for it.
 */
const OF_A_MOMENT = ['Interaction', 'AuthorizationCode', 'Grant'];

export function createAdapter(
  store: TenantStore,
  { payloads, ...memory }: Pick<TenantMemory, 'payloads' | 'changed' | 'changedSoon'>,
): (model: string) => Adapter {
  return (model) => {
    const changed = async () => {
      if (OF_A_MOMENT.includes(model)) memory.changedSoon();
      else await memory.changed();
    };
    const keyOf = (id: string) => `${model} ${id}`;
    const findBy = (isMatch: (payload: AdapterPayload) => boolean) =>
      [...payloads]
        .filter(([key]) => key.startsWith(`${model} `))
        .map(([, payload]) => payload)
        .find(isMatch);
    return {
      upsert: async (id, payload) => {
        payloads.set(keyOf(id), payload);
        await changed();
      },
      find: async (id) => {
        if (model !== 'Client') return payloads.get(keyOf(id));
        const client = store.clients.get(id);
        return client === undefined ? undefined : describeClient(client);
      },
      findByUid: async (uid) => findBy((payload) => payload.uid === uid),
      findByUserCode: async (userCode) => findBy((payload) => payload.userCode === userCode),
      consume: async (id) => {
        const payload = payloads.get(keyOf(id));
        if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1_000);
        await changed();
      },
      destroy: async (id) => {
        payloads.delete(keyOf(id));
        await changed();
      },
      revokeByGrantId: async (grantId) => {
        for (const [key, payload] of payloads) {
          if (payload.grantId === grantId) payloads.delete(key);
        }
        await changed();
      },
    };
  };
}

const AUTH_METHODS = [
  'none',
  'client_secret_post',
  'client_secret_basic',
  'private_key_jwt',
] as const;

/**
 * An application, as OpenID Connect registers clients. One without a callback cannot be sent
 * anybody back to, so it has no code flow; its other grants are not the worse for it.
 */
function describeClient(client: StoredClient): AdapterPayload {
  const callbacks = client.callbacks ?? [];
  const grantTypes = (client.grant_types ?? []).filter(
    (type) => type !== 'implicit' && (type !== 'authorization_code' || callbacks.length > 0),
  );
  const method = AUTH_METHODS.find((known) => known === client.token_endpoint_auth_method);
  return {
    client_id: client.client_id,
    ...(client.client_secret === '' ? {} : { client_secret: client.client_secret }),
    ...(client.jwks === undefined ? {} : { jwks: client.jwks }),
    token_endpoint_auth_method: method ?? 'client_secret_post',
    application_type: client.app_type === 'native' ? 'native' : 'web',
    grant_types: grantTypes,
    response_types: grantTypes.includes('authorization_code') ? ['code'] : [],
    redirect_uris: callbacks,
    id_token_signed_response_alg: 'RS256',
  };
}
