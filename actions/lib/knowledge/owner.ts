/** Whose facts: they belong to one linked account of one connection, and are believed for no other. */
import { createHash } from 'node:crypto';
import { foldAscii } from '../read.ts';

export interface Owner {
  readonly connection: string;
  /** The ids of the linked accounts of this connection; more than one is nobody's. */
  readonly accounts: readonly string[];
}

/** Names the owner without telling it. */
export function ownerMark({ connection, accounts }: Owner): string {
  return shortHash([connection, [...accounts].sort()]);
}

/**
 * Names an address of the owner without telling it. Without a key: the address itself stands in the
 * same profile, and the mark has to survive another secret.
 */
export function addressMark(owner: Owner, address: string): string {
  return shortHash([owner.connection, [...owner.accounts].sort(), foldAscii(address)]);
}

function shortHash(value: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}
