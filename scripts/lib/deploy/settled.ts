/**
 * What of a comparison has to be as it was written before a deploy goes on. Values in, values out.
 *
 * What the gate and the door are made of has to: Actions, grants, bindings, the consumer's
 * credentials. What else Auth0 makes of a connection's options and an application's settings is its
 * own, for each strategy another; it is told, and stops nobody.
 */
import { ENABLED_FOR, type ResourceChange } from './plan.ts';

export type Selection = (change: ResourceChange) => ResourceChange | undefined;

/** What stands before the login flow is written. */
export const GATE: readonly ResourceChange['kind'][] = ['application', 'grant', 'action'];

const CREDENTIALS = ['options.client_id', 'options.client_secret'];

export function ofKinds(kinds: readonly ResourceChange['kind'][]): Selection {
  return (change) => (kinds.includes(change.kind) ? withoutSwitches(change) : undefined);
}

/** All but whom a connection is on for: that is written after this, and read back then. */
export function withoutSwitches(change: ResourceChange): ResourceChange | undefined {
  // What is not there at all is nobody's way of showing it.
  if (change.change !== 'update') return change;
  return pick(change, (field) => field !== ENABLED_FOR && !isAuth0sOwn(change, field));
}

/** What Auth0 shows in its own way, and nothing else. */
export function deviationsOf(change: ResourceChange): ResourceChange | undefined {
  return change.change === 'update'
    ? pick(change, (field) => isAuth0sOwn(change, field))
    : undefined;
}

function isAuth0sOwn({ kind }: ResourceChange, field: string): boolean {
  if (kind === 'application') return true;
  return kind === 'connection' && field !== ENABLED_FOR && !CREDENTIALS.includes(field);
}

function pick(
  change: ResourceChange,
  isMeant: (field: string) => boolean,
): ResourceChange | undefined {
  const fields = change.fields.filter(({ field }) => isMeant(field));
  return fields.length === 0 ? undefined : { ...change, fields };
}
