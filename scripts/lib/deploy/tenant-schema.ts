/**
 * The JSON schema of tenant.yaml: what this package knows how to plan, to deploy and to read back,
 * and nothing else. Data only.
 */
const text = { type: 'string', minLength: 1 } as const;
const texts = { type: 'array', items: text } as const;
const settings = { type: 'object' } as const;
const flag = { type: 'boolean' } as const;

function listOf(required: readonly string[], properties: Readonly<Record<string, object>>): object {
  return { type: 'array', items: { type: 'object', required, properties, additionalProperties: false } };
}

/** What an application can be given, as the types of the `auth0` package have it. */
const CLIENT_FIELDS = [
  ...['description', 'logo_uri', 'app_type', 'is_first_party', 'oidc_conformant', 'grant_types'],
  ...['callbacks', 'allowed_origins', 'web_origins', 'allowed_logout_urls', 'initiate_login_uri'],
  ...['token_endpoint_auth_method', 'is_token_endpoint_ip_header_trusted', 'jwt_configuration'],
  ...['client_metadata', 'refresh_token', 'encryption_key', 'sso', 'sso_disabled', 'addons'],
  ...['cross_origin_authentication', 'cross_origin_loc', 'custom_login_page_on', 'mobile'],
  ...['custom_login_page', 'custom_login_page_preview', 'form_template', 'session_transfer'],
  ...['native_social_login', 'fedcm_login', 'oidc_logout', 'oidc_backchannel_logout'],
  ...['client_aliases', 'allowed_clients', 'default_organization', 'organization_usage'],
  ...['organization_require_behavior', 'organization_discovery_methods', 'token_exchange'],
  ...['require_pushed_authorization_requests', 'require_proof_of_possession', 'token_quota'],
  ...['signed_request_object', 'compliance_level', 'par_request_expiry', 'redirection_policy'],
  ...['skip_non_verifiable_callback_uri_confirmation_prompt', 'third_party_security_mode'],
];

const CONNECTION_FIELDS = {
  name: text,
  strategy: text,
  options: settings,
  enabled_clients: texts,
  display_name: text,
  is_domain_connection: flag,
  show_as_button: flag,
  realms: texts,
  metadata: settings,
  authentication: settings,
  connected_accounts: settings,
};

export const TENANT_SCHEMA = {
  type: 'object',
  required: ['connections', 'clients', 'clientGrants', 'actions', 'triggers'],
  additionalProperties: false,
  properties: {
    connections: listOf(['name', 'strategy', 'options'], CONNECTION_FIELDS),
    clients: listOf(['name'], {
      name: text,
      ...Object.fromEntries(CLIENT_FIELDS.map((field) => [field, {}])),
    }),
    clientGrants: listOf(['client_id', 'audience', 'scope'], {
      client_id: text,
      audience: text,
      scope: texts,
    }),
    actions: listOf(['name', 'code', 'runtime', 'supported_triggers', 'deployed', 'secrets'], {
      name: text,
      code: text,
      runtime: text,
      // What is not deployed cannot be bound, and gates nobody.
      deployed: { enum: [true] },
      supported_triggers: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: ['id', 'version'],
          properties: { id: { enum: ['post-login'] }, version: text },
          additionalProperties: false,
        },
      },
      dependencies: listOf(['name', 'version'], { name: text, version: text }),
      secrets: listOf(['name', 'value'], { name: text, value: text }),
    }),
    triggers: {
      type: 'object',
      required: ['post-login'],
      additionalProperties: false,
      properties: {
        'post-login': listOf(['action_name', 'display_name'], {
          action_name: text,
          display_name: text,
        }),
      },
    },
  },
} as const;
