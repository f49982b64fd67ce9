/**
 * What the scripts read of the Management API is what Auth0 publishes: checked by the compiler,
 * with the types of Auth0's own SDK. Nothing here runs.
 */
import type { Management } from 'auth0';
import type {
  TenantAction,
  TenantApplication,
  TenantBinding,
  TenantConnection,
  TenantGrant,
  TenantVersion,
} from '#scripts/lib/tenant/tenant-types.ts';

/** Every field of ours is a field of theirs. */
type IsPublished<Ours, Theirs> =
  Exclude<KnownKeys<Ours>, keyof Theirs> extends never ? true : never;
type KnownKeys<T> = keyof { [K in keyof T as string extends K ? never : K]: T[K] };

export const published: readonly [
  IsPublished<TenantAction, Management.GetActionResponseContent>,
  IsPublished<TenantVersion, Management.GetActionVersionResponseContent>,
  IsPublished<TenantVersion, NonNullable<Management.GetActionResponseContent['deployed_version']>>,
  IsPublished<TenantBinding, Management.ActionBinding>,
  IsPublished<TenantConnection, Management.GetConnectionResponseContent>,
  IsPublished<TenantApplication, Management.GetClientResponseContent>,
  IsPublished<TenantGrant, Management.ClientGrantResponseContent>,
] = [true, true, true, true, true, true, true];
