/** What tenant.yaml declares, and auth0-deploy-cli is given. Types only. */

export interface SecretAsset {
  readonly name: string;
  readonly value: string;
}
export interface ActionAsset {
  readonly name: string;
  /** The path of its file, below the folder of tenant.yaml. */
  readonly code: string;
  readonly runtime: string;
  readonly dependencies?: readonly { readonly name: string; readonly version: string }[];
  readonly secrets: readonly SecretAsset[];
  readonly [field: string]: unknown;
}
export interface BindingAsset {
  readonly action_name: string;
  readonly display_name: string;
}
export interface ConnectionAsset {
  readonly name: string;
  readonly strategy: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Applications by name or client id; they go before AUTH0_ENABLED_CLIENTS. */
  readonly enabled_clients?: readonly string[];
  readonly [field: string]: unknown;
}
export interface ClientAsset {
  readonly name: string;
  readonly [field: string]: unknown;
}
export interface GrantAsset {
  /** The name of an application that tenant.yaml declares. */
  readonly client_id: string;
  readonly audience: string;
  readonly scope: readonly string[];
  /** Of the grant that the tenant has, so that no other is taken for it. */
  readonly id?: string;
  /** Not of a user: the application acts for itself. */
  readonly subject_type?: 'client';
  /** Said where the tenant's grant is for all scopes: it becomes exact again. */
  readonly allow_all_scopes?: false;
}
/** The resource types of tenant.yaml. */
export interface TenantAssets {
  readonly connections: readonly ConnectionAsset[];
  readonly clients: readonly ClientAsset[];
  readonly clientGrants: readonly GrantAsset[];
  readonly actions: readonly ActionAsset[];
  readonly triggers: { readonly 'post-login': readonly BindingAsset[] };
}
