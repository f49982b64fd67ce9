/** What the scripts read of a tenant: the part of Auth0's own types that is looked at. Types only. */

export interface TenantClient {
  readonly client_id: string;
  readonly name: string;
}
/** An application, whole. */
export interface TenantApplication extends TenantClient {
  /** Left out without `read:client_keys`. */
  readonly client_secret?: string;
  readonly client_metadata?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}
export interface TenantConnection {
  readonly id: string;
  readonly name: string;
  readonly strategy: string;
  /** Left out without `read:connections_options`: absent is not empty. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}
export interface TenantBinding {
  readonly display_name: string;
  readonly action: { readonly id: string; readonly name: string };
}
export interface TenantVersion {
  readonly id: string;
  readonly number: number;
  readonly code?: string;
  readonly runtime?: string;
  readonly dependencies?: readonly { readonly name?: string; readonly version?: string }[];
  readonly secrets?: readonly { readonly name: string }[];
  readonly created_at?: string;
}
export interface TenantAction {
  readonly id: string;
  readonly name: string;
  readonly supported_triggers?: readonly { readonly id: string; readonly version: string }[];
  /** False where a draft was saved after the last deploy. */
  readonly all_changes_deployed?: boolean;
  readonly deployed_version?: TenantVersion;
}
export interface TenantGrant {
  readonly id: string;
  readonly client_id: string;
  readonly audience: string;
  /** Absent where `allow_all_scopes` is true. */
  readonly scope?: readonly string[];
  readonly allow_all_scopes?: boolean;
  /** `client` where absent. */
  readonly subject_type?: string;
}
