/**
 * Auth0's dialect of OAuth, put into the standard's words before oidc-provider reads it: JSON at
 * the token endpoint, `audience` for `resource`, `offline_access` without a consent page, and all
 * of a grant's scopes where a machine asks for none.
 */
import type { IncomingMessage } from 'node:http';
import { errors } from 'oidc-provider';
import { readBody } from '#scripts/local/net/exchange.ts';
import { findGrantedScopes } from '../management-api/client-grants.ts';
import type { TenantStore } from '../store.ts';
import { OFFLINE_ACCESS } from './scopes.ts';

/** Kept beside the request as parameters of its own: see `EXTRA_PARAMS`. */
const WANTS_REFRESH_TOKEN = 'wants_refresh_token';
const ORIGINAL_QUERY = 'original_query';
export const EXTRA_PARAMS = {
  connection: null,
  [WANTS_REFRESH_TOKEN]: null,
  [ORIGINAL_QUERY]: null,
  /** No application here is for organizations, and by default none is. */
  organization: (_ctx: unknown, value: string | undefined): void => {
    if (value === undefined) return;
    // UNVERIFIED: the sentence. Documented is that `organization_usage` is `deny` by default.
    throw new errors.InvalidRequest('parameter organization is not allowed for this client');
  },
};

/** What oidc-provider knows of `prompt`; the tenant's own applications ask nobody to consent. */
const PROMPTS = ['none', 'login'];

export function wantsRefreshToken(params: Readonly<Record<string, unknown>>): boolean {
  return params[WANTS_REFRESH_TOKEN] === 'true';
}

/** The query as the application sent it, which is what an Action sees, also after a sign-in. */
export function originalQuery(params: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(String(params[ORIGINAL_QUERY] ?? '')));
}

/** Rewrites the query of a request to /authorize. */
export function translateAuthorize(message: IncomingMessage): void {
  const url = new URL(message.url ?? '/', 'https://localhost');
  const original = url.search;
  translateAudience(url.searchParams, message);
  url.searchParams.delete(WANTS_REFRESH_TOKEN);
  if (dropOfflineAccess(url.searchParams)) url.searchParams.set(WANTS_REFRESH_TOKEN, 'true');
  const prompts = (url.searchParams.get('prompt') ?? '').split(' ');
  url.searchParams.delete('prompt');
  const known = prompts.filter((prompt) => PROMPTS.includes(prompt));
  if (known.length > 0) url.searchParams.set('prompt', known.join(' '));
  url.searchParams.set(ORIGINAL_QUERY, original);
  message.url = url.pathname + url.search;
}

/** Rewrites the body of a request to /oauth/token, which is read here and replayed as a form. */
export async function translateToken(message: IncomingMessage, store: TenantStore): Promise<void> {
  const form = await readForm(message);
  const audience = form.get('audience');
  translateAudience(form, message);
  dropOfflineAccess(form);
  if (form.get('grant_type') === 'client_credentials' && audience !== null && !form.has('scope')) {
    const clientId = form.get('client_id') ?? readBasicUser(message.headers.authorization);
    const granted = findGrantedScopes(store, clientId, audience);
    if (granted !== undefined && granted.length > 0) form.set('scope', granted.join(' '));
  }
  replay(message, form.toString());
}

/** Rewrites the body of a request to /oauth/revoke, which may be JSON too. */
export async function translateRevoke(message: IncomingMessage): Promise<void> {
  replay(message, (await readForm(message)).toString());
}

/** Of HTTP Basic, form-encoded as OAuth has it; whether the password is right is not asked here. */
function readBasicUser(authorization = ''): string {
  const [, encoded = ''] = /^Basic (.+)$/i.exec(authorization) ?? [];
  const [user = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return new URLSearchParams(`user=${user}`).get('user') ?? '';
}

/** A token for /userinfo is what there is without an audience. */
function translateAudience(params: URLSearchParams, { headers }: IncomingMessage): void {
  const audience = params.get('audience') ?? '';
  params.delete('audience');
  params.delete('resource');
  const isUserInfo = audience === `https://${headers.host}/userinfo`;
  if (audience !== '' && !isUserInfo) params.set('resource', audience);
}

/** oidc-provider gives refresh tokens to who is asked to consent, and nobody is. */
function dropOfflineAccess(params: URLSearchParams): boolean {
  const scopes = (params.get('scope') ?? '').split(' ');
  if (!scopes.includes(OFFLINE_ACCESS)) return false;
  params.set('scope', scopes.filter((scope) => scope !== OFFLINE_ACCESS).join(' '));
  return true;
}

async function readForm(message: IncomingMessage): Promise<URLSearchParams> {
  const text = await readBody(message);
  const isJson = String(message.headers['content-type']).startsWith('application/json');
  return isJson ? parseJsonForm(text) : new URLSearchParams(text);
}

function parseJsonForm(text: string): URLSearchParams {
  try {
    const fields = Object.entries(JSON.parse(text) as object);
    return new URLSearchParams(
      fields.map(([name, value]): [string, string] => [name, String(value)]),
    );
  } catch {
    return new URLSearchParams();
  }
}

/** oidc-provider reads the request as a stream, so it is given one again. */
function replay(message: IncomingMessage, body: string): void {
  const bytes = Buffer.from(body);
  message.headers['content-type'] = 'application/x-www-form-urlencoded';
  message.headers['content-length'] = String(bytes.length);
  Object.defineProperty(message, 'readable', { value: true });
  Object.defineProperty(message, 'iterator', {
    value: async function* () {
      yield bytes;
    },
  });
}
