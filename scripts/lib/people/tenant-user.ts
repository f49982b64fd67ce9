/** A user of the tenant: the part of the profile that is looked at. Read and never cast. */
import { readField, readString } from '#actions/lib/read.ts';

/** One linked account. Tokens are not taken over. */
export interface UserIdentity {
  readonly connection: string;
  readonly provider: string;
  readonly user_id: string;
}

export interface TenantUser {
  readonly userId: string;
  readonly email: string | undefined;
  readonly name: string | undefined;
  /** By an administrator, in Auth0: no Action is asked then. */
  readonly isBlocked: boolean;
  /** As Auth0 says it: ISO 8601. */
  readonly lastLogin: string | undefined;
  /** The user's own first. */
  readonly identities: readonly UserIdentity[];
  readonly appMetadata: unknown;
}

/** The fields of a profile that `parseUser` reads. */
export const USER_FIELDS: readonly string[] = [
  'user_id',
  'email',
  'name',
  'nickname',
  'identities',
  'app_metadata',
  'last_login',
  'blocked',
];

/** `undefined` for what has no id. */
export function parseUser(value: unknown): TenantUser | undefined {
  const userId = readString(value, 'user_id');
  if (userId === undefined) return undefined;
  const identities = readField(value, 'identities');
  return {
    userId,
    email: readString(value, 'email'),
    name: readString(value, 'name') ?? readString(value, 'nickname'),
    isBlocked: readField(value, 'blocked') === true,
    lastLogin: readString(value, 'last_login'),
    identities: (Array.isArray(identities) ? identities : []).map(parseIdentity),
    appMetadata: readField(value, 'app_metadata'),
  };
}

/** A number is an id too: as the Actions read it. */
function parseIdentity(value: unknown): UserIdentity {
  return {
    connection: readString(value, 'connection') ?? '',
    provider: readString(value, 'provider') ?? '',
    user_id: String(readField(value, 'user_id') ?? ''),
  };
}

/** As people know them. */
export function nameOf({ name, email, userId }: TenantUser): string {
  if (name === undefined || name === email) return email ?? name ?? userId;
  return email === undefined ? name : `${name} <${email}>`;
}
