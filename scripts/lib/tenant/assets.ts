/** What auth0-deploy-cli is given, and tenant.yaml declares. Types only. */

export interface SecretAsset {
  readonly name: string;
  readonly value: string;
}
export interface ActionAsset {
  readonly name: string;
  readonly code: string;
  readonly runtime: string;
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
  readonly enabled_clients?: readonly string[];
  readonly [field: string]: unknown;
}
export interface GrantAsset {
  readonly client_id: string;
  readonly audience: string;
  readonly scope: readonly string[];
}
/** What auth0-deploy-cli is given: the resource types of tenant.yaml. */
export interface TenantAssets {
  readonly connections: readonly ConnectionAsset[];
  readonly clients: readonly { readonly name: string; readonly [field: string]: unknown }[];
  readonly clientGrants: readonly GrantAsset[];
  readonly actions: readonly ActionAsset[];
  readonly triggers: { readonly 'post-login': readonly BindingAsset[] };
}
