/**
 * Which custom claims Auth0 sets. https://auth0.com/docs/secure/tokens/json-web-tokens/create-custom-claims
 */

/** Bare names that a token already has a meaning for, or that Auth0 keeps for itself. */
const RESTRICTED = new Set([
  ...[
    'acr',
    'act',
    'active',
    'amr',
    'at_hash',
    'ath',
    'attest',
    'aud',
    'auth_time',
    'authorization_details',
  ],
  ...[
    'azp',
    'c_hash',
    'client_id',
    'cnf',
    'cty',
    'dest',
    'entitlements',
    'events',
    'exp',
    'gty',
    'groups',
    'htm',
    'htu',
    'iat',
    'internalService',
  ],
  ...[
    'iss',
    'jcard',
    'jku',
    'jti',
    'jwe',
    'jwk',
    'kid',
    'may_act',
    'mky',
    'nbf',
    'nonce',
    'object_id',
    'org_id',
  ],
  ...[
    'org_name',
    'orig',
    'origid',
    'permissions',
    'roles',
    'rph',
    's_hash',
    'scope',
    'sid',
    'sip_callid',
    'sip_cseq_num',
    'sip_date',
    'sip_from_tag',
    'sip_via_branch',
    'sub',
  ],
  ...['sub_jwk', 'toe', 'txn', 'typ', 'uuid', 'vot', 'vtm', 'x5t#S256'],
]);

/** The domains under which Auth0 drops a namespaced claim. */
const AUTH0_DOMAIN = /(^|\.)(auth0\.com|webtask\.io|webtask\.run)$/;

/** A name that Auth0 does not take is dropped without a word, as Auth0 drops it. */
export function isClaimSet(name: string): boolean {
  if (RESTRICTED.has(name) || /^urn:auth0(:|$)/i.test(name)) return false;
  const isUrl = /^https?:/i.test(name) && URL.canParse(name);
  return !isUrl || !AUTH0_DOMAIN.test(new URL(name).hostname);
}
