/**
 * Everything the local tenant keeps, in memory. Shapes are the Management API's; what it never
 * shows (secrets' values, upstream tokens) is here in the clear.
 */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { JWK } from 'oidc-provider';
import type { DeployedAction } from './action-runtime/flow-types.ts';

export interface StoredClient {
  readonly client_id: string;
  client_secret: string;
  name: string;
  app_type?: string;
  callbacks?: string[];
  /** Where a logout may send people. */
  allowed_logout_urls?: string[];
  /** Whose pages may read answers across origins. */
  web_origins?: string[];
  grant_types?: string[];
  token_endpoint_auth_method?: string;
  client_metadata?: Record<string, string>;
  /** Of an application that signs in with a private key. */
  jwks?: { keys: JWK[] };
  [field: string]: unknown;
}

export interface StoredGrant {
  readonly id: string;
  readonly client_id: string;
  readonly audience: string;
  /** Whose tokens it is for; `client` where it is absent, as in a grant that is older than the field. */
  readonly subject_type?: 'client' | 'user';
  /** With `true` the grant has no `scope`: it is for every one that the API has. */
  allow_all_scopes?: boolean;
  scope?: string[];
  [field: string]: unknown;
}

export interface StoredConnection {
  readonly id: string;
  readonly name: string;
  readonly strategy: string;
  options: Record<string, unknown>;
  metadata?: Record<string, string>;
  [field: string]: unknown;
}

export interface ActionContent {
  readonly code: string;
  readonly runtime: string;
  readonly dependencies: readonly unknown[];
  readonly secrets: readonly {
    readonly name: string;
    readonly value: string;
    readonly updated_at: string;
  }[];
}

export interface StoredVersion extends ActionContent {
  readonly id: string;
  readonly number: number;
  readonly supported_triggers: readonly unknown[];
  readonly created_at: string;
}

export interface StoredAction {
  readonly id: string;
  name: string;
  supported_triggers: readonly unknown[];
  /** What a deploy would make a version of. */
  draft: ActionContent;
  /** Oldest first. */
  versions: StoredVersion[];
  deployedVersionId?: string;
  /** The draft is not what is deployed. */
  hasChanges: boolean;
  /** Milliseconds since the epoch: when the draft is built; absent where it is. */
  builtAtMs?: number;
  /** Milliseconds since the epoch: from when on it can be bound; absent where it can be. */
  bindableAtMs?: number;
  readonly created_at: string;
  updated_at: string;
}

export interface StoredBinding {
  readonly id: string;
  readonly display_name: string;
  readonly actionId: string;
  readonly created_at: string;
}

export interface StoredIdentity {
  readonly connection: string;
  readonly provider: string;
  readonly user_id: string;
  readonly isSocial: boolean;
  access_token?: string;
  refresh_token?: string;
  /** Of an identity that was linked to the user's first one: the profile that it had. */
  readonly profileData?: Readonly<Record<string, unknown>>;
}

export interface StoredUser {
  readonly user_id: string;
  email?: string;
  email_verified: boolean;
  name?: string;
  nickname?: string;
  /** Address of an image. */
  picture?: string;
  identities: StoredIdentity[];
  app_metadata: Record<string, unknown>;
  user_metadata: Record<string, unknown>;
  logins_count: number;
  /** ISO 8601, and from where: of the last sign-in; absent where there was none. */
  last_login?: string;
  last_ip?: string;
  readonly created_at: string;
  updated_at: string;
}

export interface StoredResourceServer {
  readonly identifier: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** The Management API: a machine is granted its scopes, a user never. */
  readonly isSystem?: boolean;
}

/** An export of users, as it was asked for. */
export interface StoredJob {
  readonly id: string;
  readonly connection?: StoredConnection;
  readonly format: 'json' | 'csv';
  readonly limit?: number;
  readonly fields?: readonly { readonly name: string; readonly export_as?: string }[];
  readonly createdAtMs: number;
  /** What is in the file; absent until somebody finds the job completed. */
  content?: string;
}

/** An address that a file can be had from for a while. */
export interface StoredDownload {
  readonly content: string;
  readonly expiresAtMs: number;
}

export interface TenantStore {
  readonly clients: Map<string, StoredClient>;
  readonly grants: Map<string, StoredGrant>;
  readonly connections: Map<string, StoredConnection>;
  /** By connection id: the applications that it is enabled for. */
  readonly enabledClients: Map<string, Set<string>>;
  readonly actions: Map<string, StoredAction>;
  /** The login flow, in its order. */
  bindings: StoredBinding[];
  readonly users: Map<string, StoredUser>;
  readonly resourceServers: Map<string, StoredResourceServer>;
  readonly jobs: Map<string, StoredJob>;
  /** By the secret part of their address. */
  readonly downloads: Map<string, StoredDownload>;
  /** Of the tenant as a whole. */
  readonly settings: { allowed_logout_urls: string[] };
  /** Of the tenant's settings, by Auth0's names. */
  readonly flags: Map<'enable_client_connections', boolean>;
}

/** @param users may come from an earlier process. */
export function createStore(users: Map<string, StoredUser> = new Map()): TenantStore {
  return {
    clients: new Map(),
    grants: new Map(),
    connections: new Map(),
    enabledClients: new Map(),
    actions: new Map(),
    bindings: [],
    users,
    resourceServers: new Map(),
    jobs: new Map(),
    downloads: new Map(),
    settings: { allowed_logout_urls: [] },
    flags: new Map(),
  };
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function randomText(length: number): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** The id of a connection (`con_`), of a client grant (`cgr_`) or of a job (`job_`). */
export function createId(prefix: 'con_' | 'cgr_' | 'job_'): string {
  return prefix + randomText(16);
}

export function createClientId(): string {
  return randomText(32);
}

/** The id of an Action, of a version and of a binding. */
export const createUuid: () => string = randomUUID;

export function createSecret(): string {
  return randomBytes(48).toString('base64url');
}

export function deployedVersionOf(action: StoredAction): StoredVersion | undefined {
  return action.versions.find((version) => version.id === action.deployedVersionId);
}

/** The bound Actions in their order, each in its deployed version. */
export function listDeployedActions(store: TenantStore): readonly DeployedAction[] {
  return store.bindings.flatMap((binding) => {
    const action = store.actions.get(binding.actionId);
    const version = action && deployedVersionOf(action);
    if (action === undefined || version === undefined) return [];
    const secrets = Object.fromEntries(version.secrets.map(({ name, value }) => [name, value]));
    const { id, name } = action;
    return [{ id, versionId: version.id, name, code: version.code, secrets }];
  });
}

export function findConnection(store: TenantStore, name: string): StoredConnection | undefined {
  return [...store.connections.values()].find((connection) => connection.name === name);
}

export function isEnabledFor(
  store: TenantStore,
  connection: StoredConnection,
  clientId: string,
): boolean {
  return store.enabledClients.get(connection.id)?.has(clientId) ?? false;
}
