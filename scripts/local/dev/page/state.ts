/** What the page works on: what it was handed, and what it remembers itself. */

import type { WorkspacePermission } from '#scripts/local/bitbucket/world.ts';
import {
  type CallName,
  type FaultName,
  NAMED_CALLS,
  NAMED_FAULTS,
} from '#scripts/local/stage/named-faults.ts';
import { createPageClient, type PageClient, type Tokens } from './client.ts';
import { createLogins, type Logins } from './logins.ts';
import type { PagePorts } from './ports.ts';
import { createSessions, type PageSession, type PageSessions } from './sessions.ts';

export interface PageState {
  readonly ports: PagePorts;
  /** Of the tenant, and so of the page. */
  readonly origin: string;
  readonly client: PageClient;
  readonly sessions: PageSessions;
  readonly logins: Logins;
  /** Of the page's own logins, by the id of the record. */
  readonly tokens: Map<number, Tokens>;
  readonly breakage: Breakage;
  /** What somebody was before being taken out, by user and workspace. */
  readonly formerStandings: Map<string, WorkspacePermission>;
  now(): number;
}

/** One request to the page. */
export interface Visit {
  readonly state: PageState;
  readonly session: PageSession;
  readonly url: URL;
  /** Of a POST; empty otherwise. */
  readonly form: URLSearchParams;
}

export interface Breakage {
  list(): readonly { readonly call: string; readonly fault: string }[];
  set(call: CallName | typeof ALL_CALLS, fault: FaultName): void;
  clear(): void;
}

/** Every call of the API, but not the pages that people sign in with. */
export const ALL_CALLS = 'all of Bitbucket’s API';

export function createState(ports: PagePorts): PageState {
  const { tenant } = ports.sandbox;
  const sessions = createSessions();
  const tokens = new Map<number, Tokens>();
  const breakage = createBreakage(ports);
  const formerStandings = new Map<string, WorkspacePermission>();
  // A reset, from wherever it comes, is one of this too.
  tenant.history.onClear(() => {
    sessions.clear();
    tokens.clear();
    breakage.clear();
    formerStandings.clear();
  });
  return {
    ports,
    origin: tenant.origin,
    client: createPageClient(tenant.origin, tenant.store),
    sessions,
    logins: createLogins(tenant.history, tenant.store),
    tokens,
    breakage,
    formerStandings,
    now: () => Date.now() + ports.clock.aheadMs(),
  };
}

function createBreakage({ sandbox: { tenant, bitbucket } }: PagePorts): Breakage {
  const broken = new Map<string, string>();
  return {
    list: () => [...broken].map(([call, fault]) => ({ call, fault })),
    set: (call, fault) => {
      broken.set(call, fault);
      const names: readonly CallName[] =
        call === ALL_CALLS
          ? CALL_NAMES.filter((name) => NAMED_CALLS[name].endpoint.startsWith('/2.0/'))
          : [call];
      for (const name of names) {
        const { server, endpoint } = NAMED_CALLS[name];
        ({ tenant, bitbucket })[server].faults.set(endpoint, NAMED_FAULTS[fault]);
      }
      // A token that is cached is not asked for.
      if (names.some((name) => name.endsWith(' token'))) tenant.runtime.clearCache();
    },
    clear: () => {
      broken.clear();
      tenant.faults.clear();
      bitbucket.faults.clear();
    },
  };
}

export const CALL_NAMES = Object.keys(NAMED_CALLS) as CallName[];
export const FAULT_NAMES = Object.keys(NAMED_FAULTS) as FaultName[];
