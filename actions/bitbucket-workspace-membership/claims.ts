/** Facts in, claims out. */

import { type Facts, isTrouble, type Membership } from '../lib/knowledge/facts.ts';
import type { Claims } from '../lib/login/apply.ts';

export function claimsOf({ uuid, workspaces }: Facts): Claims {
  return {
    uuid: isTrouble(uuid) ? undefined : uuid,
    workspaces: workspaces.memberships,
    groups: workspaces.memberships.flatMap(groupsOf),
    workspaces_truncated: workspaces.truncated ? true : undefined,
  };
}

/** `slug`, and `slug:permission` where the permission is known. */
function groupsOf({ slug, permission }: Membership): readonly string[] {
  return permission === undefined ? [slug] : [slug, `${slug}:${permission}`];
}
