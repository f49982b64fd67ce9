/** What the claims of an Action are made of. Types only. */
import type { Subject } from '../policy/decide.ts';
import type { Evidence } from '../policy/evidence.ts';
import type { Policy } from '../policy/policy.ts';

/** Bare names; the namespace is put before them. What is `undefined` is left out. */
export type Claims = Readonly<Record<string, unknown>>;

/** The claims of somebody who is let in. */
export type ClaimsOf = (evidence: Evidence, policy: Policy, subject: Subject) => Claims;
