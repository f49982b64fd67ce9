/** One person before the whole gate: each linked account, each application. Values in, values out. */

import type { Facts } from '#actions/lib/knowledge/facts.ts';
import type { Look } from '#actions/lib/knowledge/look.ts';
import { merge } from '#actions/lib/knowledge/merge.ts';
import { ownerMark } from '#actions/lib/knowledge/owner.ts';
import { LOOK_KEY, readRefusal, type StoredRefusal } from '#actions/lib/knowledge/stored.ts';
import { parseUuid, readField } from '#actions/lib/read.ts';
import { type Application, judge, type Occasion, readKnown, type Verdict } from './judge.ts';
import { lastLookOf, whyNotBelieved } from './known.ts';
import { type Door, doorsOf, type Surroundings } from './surroundings.ts';
import type { TenantUser } from './tenant-user.ts';

/** What is known of a person behind one Bitbucket connection. */
export interface LinkedAccount {
  readonly door: Door;
  readonly facts: Facts;
  /** Of the Bitbucket account, as far as it is known. */
  readonly uuid: string | undefined;
  /** Milliseconds since the epoch. */
  readonly lastLook: number | undefined;
  /** Why nothing that is kept is believed. */
  readonly notBelieved: string | undefined;
  readonly refusal: StoredRefusal | undefined;
  /** More than one of one connection is nobody's. */
  readonly ids: readonly string[];
}

export interface ApplicationVerdict {
  readonly account: LinkedAccount;
  /** `undefined`: the connection is on for none, so this is the tenant's own policy. */
  readonly application: Application | undefined;
  readonly verdict: Verdict;
}

export interface Person {
  readonly user: TenantUser;
  /** None: not of Bitbucket. */
  readonly accounts: readonly LinkedAccount[];
  readonly verdicts: readonly ApplicationVerdict[];
}

const NOBODYS: Application = { clientId: '', name: '', metadata: {} };

/** @param looks what was found just now, by the name of the connection. */
export function judgePerson(
  user: TenantUser,
  surroundings: Pick<Surroundings, 'doors' | 'gate'>,
  nowMs: number,
  by: Occasion['by'] = 'recheck',
  looks: ReadonlyMap<string, Look> = new Map(),
): Person {
  const names = user.identities.map(({ connection }) => connection);
  const accounts = doorsOf(surroundings, names).map((door) =>
    readAccount(user, door, nowMs, looks.get(door.name)),
  );
  const verdicts = accounts.flatMap((account) => {
    const { door } = account;
    const applications = door.applications.length > 0 ? door.applications : [undefined];
    return applications.map((application) => ({
      account,
      application,
      verdict: judge({
        ...{ user, nowMs, by, connection: door.name, gate: surroundings.gate },
        application: application ?? NOBODYS,
        look: looks.get(door.name),
      }),
    }));
  });
  return { user, accounts, verdicts };
}

function readAccount(
  user: TenantUser,
  door: Door,
  nowMs: number,
  look: Look | undefined,
): LinkedAccount {
  const known = readKnown({ user, connection: door.name, nowMs });
  const facts = look === undefined ? known : merge(known, look.found);
  const ids = user.identities
    .filter(({ connection }) => connection === door.name)
    .map(({ user_id: id }) => id);
  const owner = { connection: door.name, accounts: ids };
  const who = readField(readField(user.appMetadata, LOOK_KEY), 'who');
  return {
    ...{ door, facts, ids },
    uuid: facts.account?.uuid ?? ids.map(parseUuid).find((uuid) => uuid !== undefined),
    lastLook: lastLookOf(facts),
    notBelieved: whyNotBelieved(user.appMetadata, facts, who === ownerMark(owner)),
    refusal: readRefusal(user.appMetadata, owner),
  };
}

/**
 * The one verdict that says most: in, where some application lets them in; out, where none would;
 * unknown otherwise.
 */
export function summarize({ verdicts }: Person): ApplicationVerdict | undefined {
  const of = (status: Verdict['status']) =>
    verdicts.find(({ verdict }) => verdict.status === status);
  return of('in') ?? of('unknown') ?? of('out');
}
