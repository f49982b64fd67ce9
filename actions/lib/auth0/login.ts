/** What kind of login an event tells of, and whose. Values in, values out: no I/O, no clock. */
import { readField, readString } from '../read.ts';
import type { PostLoginEvent } from './post-login.ts';

export interface Login {
  readonly userId: string;
  /** The name of the connection. */
  readonly connection: string;
  /** The ids of the identities of this connection that are linked to the user; '' where one is not shown. */
  readonly accounts: readonly string[];
  /** The address that Auth0 holds, and whether it is that of another provider's identity. */
  readonly address: string | undefined;
  readonly isAddressOfAnother: boolean;
  /** Somebody was at Bitbucket just now. */
  readonly isSignIn: boolean;
  readonly clientId: string | undefined;
}

const STRATEGY = 'bitbucket';
/** What Auth0 calls a sign-in at a connection. */
const AT_THE_CONNECTION = 'federated';
const JUST_NOW_MS = 5 * 60_000;

/** `undefined` where the login is none of this package's business. */
export function readLogin(event: PostLoginEvent, nowMs: number): Login | undefined {
  const identities = readIdentities(event);
  const connection = connectionOf(event, identities);
  if (connection === undefined) return undefined;
  const ours = identities.filter((identity) => readField(identity, 'connection') === connection);
  const first = identities[0];
  return {
    userId: event.user.user_id,
    connection,
    accounts: ours.map((identity) => String(readField(identity, 'user_id') ?? '')),
    address: readString(event.user, 'email'),
    isAddressOfAnother: first !== undefined && !ours.includes(first),
    isSignIn: isSignIn(event, nowMs),
    clientId: readString(event.client, 'client_id'),
  };
}

function readIdentities(event: PostLoginEvent): readonly unknown[] {
  const identities: unknown = event?.user?.identities;
  return Array.isArray(identities) ? identities : [];
}

/** Where the event names no connection, that of the user's only or first identity. */
function connectionOf(event: PostLoginEvent, identities: readonly unknown[]): string | undefined {
  const connection: unknown = event?.connection;
  if (connection !== undefined && connection !== null) {
    return readField(connection, 'strategy') === STRATEGY
      ? (readString(connection, 'name') ?? '')
      : undefined;
  }
  const [first] = identities;
  return readField(first, 'provider') === STRATEGY
    ? (readString(first, 'connection') ?? '')
    : undefined;
}

/** A refresh token exchange never is. Where Auth0 does not say when somebody was there, it was now. */
function isSignIn(event: PostLoginEvent, nowMs: number): boolean {
  if (event.transaction?.protocol === 'oauth2-refresh-token') return false;
  const methods = readField(event.authentication, 'methods');
  if (!Array.isArray(methods)) return true;
  const times = methods
    .filter((method) => readField(method, 'name') === AT_THE_CONNECTION)
    .map((method) => Date.parse(String(readField(method, 'timestamp'))));
  return times.length === 0 || times.some((time) => !(nowMs - time > JUST_NOW_MS));
}
