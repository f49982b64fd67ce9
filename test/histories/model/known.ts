/**
 * What may be known of a person: for each thing the newest answer that Bitbucket gave, and when the
 * look began that got it. Written from the contract alone ("What is known of a person").
 * No I/O, no clock, and nothing of the implementation.
 */
import type { Answer, Heard } from '../fake/heard.ts';

export interface Fact {
  /** `yes`, `no`, a permission, `confirmed`, …; `?` where a newer answer made the older one void. */
  readonly value: string;
  readonly began: number;
  /**
   * Whether the contract says that this must be known. Where it leaves that open (an answer while
   * `/2.0/user` failed; a list, which "proves no membership"), the fact may as well be missing,
   * but no older one may stand in its place.
   */
  readonly isSure: boolean;
  /** An older no, or less than this, which stays where this newer yes is not believed. */
  readonly otherwise?: string;
}

export interface Known {
  readonly account: string | undefined;
  /** Another account was there: all this "decides nothing until a live look names that account". */
  readonly isSuspended: boolean;
  readonly facts: ReadonlyMap<string, Fact>;
  /** The other name of a workspace that was answered yes: "known by slug and uuid". */
  readonly names: ReadonlyMap<string, string>;
}

const NEGATIVE = ['no', 'none', 'unconfirmed'];

export const NOTHING: Known = {
  account: undefined,
  isSuspended: false,
  facts: new Map(),
  names: new Map(),
};

export interface LookedAt {
  readonly began: number;
  /** The address that Auth0 holds. */
  readonly email: string | undefined;
  /** Of the workspaces that the rules name. */
  readonly names: readonly string[];
}

/** The account that the person's token was said to belong to, by `/2.0/user`. */
export function accountNamed(heard: readonly Heard[]) {
  const answers = heard.flatMap(({ answer }) => (answer?.of === 'account' ? [answer] : []));
  return answers.at(-1);
}

/** Whom the answers about workspaces spoke of, with the person's own token. */
export const usersOf = (heard: readonly Heard[]): readonly string[] =>
  heard.flatMap(({ by, answer }) =>
    by === 'person' && answer?.of === 'member' && answer.isMember ? [answer.user] : [],
  );

/** What is known after a look that heard all this. */
export function learn(known: Known, heard: readonly Heard[], look: LookedAt): Known {
  if (heard.length === 0) return known;
  const named = accountNamed(heard);
  if (named !== undefined && known.account !== undefined && named.uuid !== known.account) {
    return { ...known, isSuspended: true };
  }
  // "What is not bound to the account is not believed": a yes, that is; a no harms nobody.
  const account = known.account ?? named?.uuid;

  const facts = new Map(known.facts);
  const names = new Map(known.names);
  const isNamed = named !== undefined;
  const put = (thing: string, value: string, isSure: boolean) => {
    const before = facts.get(thing);
    // "A fact is never replaced by one of an earlier look."
    if (before !== undefined && before.began > look.began) return;
    const older = isSure || before === undefined ? undefined : (before.otherwise ?? before.value);
    // A list that is not believed takes from nobody what was known: less than it says may stay.
    const isLess = older !== undefined && (NEGATIVE.includes(older) || value === 'owner');
    const otherwise = isLess && !NEGATIVE.includes(value) ? { otherwise: older } : {};
    facts.set(thing, { value, began: look.began, isSure, ...otherwise });
  };
  const doubt = (thing: string) => {
    const before = facts.get(thing);
    // What this look answered itself stands.
    if (before !== undefined && before.began < look.began) {
      facts.set(thing, { ...before, isSure: false });
    }
  };
  const putMembership = (name: string, permission: string | undefined, isSure: boolean) => {
    put(`member ${name}`, 'yes', isSure);
    if (permission !== undefined) put(`permission ${name}`, permission, isSure);
    else if (facts.get(`permission ${name}`)?.value === 'none') doubt(`permission ${name}`);
  };
  const putNo = (name: string, isSure: boolean) => {
    put(`member ${name}`, 'no', isSure);
    // Whoever is no member has no permission; an older one is void even when they come back.
    put(`permission ${name}`, 'none', isSure);
    // "What was asked by a name is known by that name": the other name may keep its yes.
    const other = names.get(name);
    for (const kind of ['member', 'permission']) doubt(`${kind} ${other}`);
  };
  const hear = ({ by, about = '', account: owner }: Heard, said: Answer) => {
    const isOwn = by === 'consumer' ? !known.isSuspended : isNamed;
    if (said.of === 'account') {
      put('account', said.isActive ? said.uuid : 'inactive', true);
    } else if (said.of === 'emails') {
      const all = new Set([...said.confirmed, ...addressesIn(facts), ...emailOf(look.email)]);
      for (const email of all) {
        const isConfirmed = said.confirmed.map((text) => text.toLowerCase()).includes(email);
        // A confirmed address of somebody else's token proves nothing of this account.
        if (isConfirmed && !isNamed && owner !== account) continue;
        const value = isConfirmed ? 'confirmed' : 'unconfirmed';
        put(`address ${email}`, value, isNamed && email === look.email?.toLowerCase());
      }
    } else if (said.of === 'list') {
      const listed = account === undefined ? [] : said.listed;
      if (account !== undefined || said.listed.length === 0) {
        // Listed for the sake of named workspaces, the others need not be remembered.
        put('any', listed.length > 0 ? 'yes' : 'no', isNamed && look.names.length === 0);
        hearList(listed);
      }
    } else if (said.of === 'repository') {
      if (said.permission === 'none' || (account !== undefined && owner === account)) {
        // Under its other name a yes may be known, and a no may be.
        for (const other of said.names ?? [names.get(about) ?? about]) {
          if (other === about) continue;
          if (said.permission === 'none') doubt(`repository ${other}`);
          else put(`repository ${other}`, said.permission, false);
          names.set(about, other).set(other, about);
        }
        put(`repository ${about}`, said.permission, isNamed);
      }
    } else if (said.of === 'member' && !said.isMember) {
      putNo(about, isOwn && (by === 'person' || wasSeen(heard, about)));
      // Of what was listed before: that somebody is anywhere at all may rest on it.
      doubt('any');
    } else if (said.of === 'member' && said.isMember && said.user === account) {
      const { uuid, slug } = said.workspace;
      for (const name of new Set([about, uuid, slug])) {
        putMembership(name, said.permission, isOwn);
      }
      // Renamed since, or the name given to another: what was known by the old pair of names may
      // be gone. (That "leaves all others as they were" would forbid it; it admits nobody.)
      for (const old of [names.get(uuid), names.get(slug)]) {
        if (old === slug || old === uuid) continue;
        for (const kind of ['member', 'permission']) doubt(`${kind} ${old}`);
      }
      names.set(uuid, slug).set(slug, uuid);
      // That the account is active is said by /2.0/user alone.
      const isInactive = facts.get('account')?.value === 'inactive';
      if (!isNamed && !isInactive) put('account', said.user, isOwn);
    }
  };
  const hearList = (listed: Extract<Answer, { of: 'list' }>['listed']) => {
    const inList = new Map(listed.flatMap((one) => [[one.slug, one] as const, [one.uuid, one]]));
    const memberThings = [...facts.keys()].filter((thing) => thing.startsWith('member '));
    for (const name of new Set([...memberThings.map((thing) => thing.slice(7)), ...look.names])) {
      const one = inList.get(name);
      // Renamed: listed by its other name, and this name was not asked about.
      const isRenamed =
        one === undefined && inList.has(names.get(name) ?? '') && !look.names.includes(name);
      if (isRenamed) for (const kind of ['member', 'permission']) doubt(`${kind} ${name}`);
      else if (one === undefined) putNo(name, false);
      else if (!one.isAdministrator && facts.get(`permission ${name}`)?.value === 'owner') {
        put(`permission ${name}`, '?', false);
      }
    }
    for (const { uuid, slug, isAdministrator } of listed) {
      if (isAdministrator) for (const name of [uuid, slug]) putMembership(name, 'owner', false);
    }
  };
  for (const one of heard) if (one.answer !== undefined) hear(one, one.answer);
  return { account, isSuspended: known.isSuspended && !isNamed, facts, names };
}

const emailOf = (email: string | undefined) => (email === undefined ? [] : [email.toLowerCase()]);
const addressesIn = (facts: ReadonlyMap<string, Fact>) =>
  [...facts.keys()].filter((thing) => thing.startsWith('address ')).map((thing) => thing.slice(8));

/** "The consumer's 404 about a member is a no only for a workspace that the consumer can see." */
const wasSeen = (heard: readonly Heard[], name: string) =>
  heard.some(({ endpoint, about, answer }) => endpoint === 'workspace' && about === name && answer);

/** What is the same is one. */
export function distinct(known: readonly Known[]): readonly Known[] {
  if (known.length === 1) return known;
  const keyOf = ({ account, isSuspended, facts, names }: Known) =>
    JSON.stringify([account, isSuspended, [...facts], [...names]]);
  return [...new Map(known.map((one) => [keyOf(one), one])).values()];
}
