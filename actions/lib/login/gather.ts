/**
 * Where the facts of this login come from: what is known, the other Action of this flow, or a look
 * at Bitbucket now. Decides where to look; never who gets in.
 */
import type { Login } from '../auth0/login.ts';
import type { PostLoginEvent } from '../auth0/post-login.ts';
import { fetchUpstreamToken } from '../auth0/upstream-token.ts';
import { type Ask, countAskedAtOnce } from '../bitbucket/ask-all.ts';
import { lookAsConsumer } from '../bitbucket/look-as-consumer.ts';
import { lookAsPerson, type Question } from '../bitbucket/look-as-person.ts';
import { BITBUCKET_API } from '../bitbucket/requests.ts';
import type { Caller } from '../http/caller.ts';
import type { Facts } from '../knowledge/facts.ts';
import { createFailedLook, type Look } from '../knowledge/look.ts';
import { merge } from '../knowledge/merge.ts';
import { addressMark } from '../knowledge/owner.ts';
import { accountOf, reachableOf, repositoryOf, workspaceOf } from '../knowledge/query.ts';
import { readSharedLook, type SharedFor } from '../knowledge/shared-look.ts';
import { readFacts } from '../knowledge/stored.ts';
import { type Policy, rulesOf } from '../policy/policy.ts';
import { asksOf } from '../policy/rules.ts';
import type { TokenCache } from '../token-cache.ts';
import { isTrouble, orTrouble, type Trouble } from '../trouble.ts';
import { admits, agesOf } from './judge.ts';

/** What was known before this login, of whom, and of which address. */
export interface Remembered {
  readonly known: Facts;
  readonly address: Question['address'];
}

export interface Gathered {
  /** What is known, with what this login's look found. */
  readonly facts: Facts;
  readonly look: Look | undefined;
  readonly source: 'facts' | 'shared' | 'live' | 'consumer';
  readonly sharedFor: SharedFor;
  /** The look is not of the account that is known. */
  readonly isAnotherAccount: boolean;
}

export interface Sources {
  readonly caller: Caller;
  readonly cache: TokenCache;
  readonly nowMs: number;
}

export function readRemembered(event: PostLoginEvent, login: Login, nowMs: number): Remembered {
  const address =
    login.address === undefined
      ? undefined
      : { text: login.address, mark: addressMark(login, login.address) };
  return { address, known: readFacts(event.user.app_metadata, login, address, nowMs) };
}

/** A failure at Bitbucket or the Management API is in the look, not thrown. */
export async function gather(
  event: PostLoginEvent,
  login: Login,
  policy: Policy,
  { known, address }: Remembered,
  sources: Sources,
): Promise<Gathered> {
  const { nowMs } = sources;
  const question = createQuestion(policy, known, address);
  const sharedFor = {
    secret: policy.settings.managementClientSecret,
    userId: login.userId,
    about: [
      policy.allowed,
      policy.settings.roles,
      address?.mark,
      login.connection,
      login.accounts,
      login.isSignIn,
    ],
  };
  const end = (look: Look | undefined, source: Gathered['source']): Gathered => ({
    sharedFor,
    facts: look === undefined ? known : merge(known, look.found),
    look,
    source,
    isAnotherAccount: look?.found.anotherAccountAt !== undefined,
  });

  if (login.accounts.length > 1) return end(createFailedLook(nowMs, TWO_ACCOUNTS), 'live');
  const shared = readSharedLook(event.transaction?.metadata, sharedFor, nowMs);
  if (shared !== undefined) return end(shared, 'shared');
  if (!login.isSignIn) {
    const occasion = { facts: known, look: undefined, ages: agesOf(policy, login), nowMs };
    if (admits(occasion, policy, login, address)) return end(undefined, 'facts');
  }
  const live = await lookLive(login, policy, question, sources);
  if (login.isSignIn || !isExpired(live) || isNotThem(live)) return end(live, 'live');
  const asConsumer = await lookForExpired(login, policy, question, known, sources, address);
  if (asConsumer === undefined) return end(live, 'live');
  return end(joinLooks(live, asConsumer), 'consumer');
}

/** Which of them to believe is not ours to guess. */
export const TWO_ACCOUNTS: Trouble = {
  kind: 'misconfigured',
  cause: 'two identities of this connection are linked',
};

/** What is known as a yes is asked first, then in the rules' order: a login has only so many calls. */
function createQuestion(policy: Policy, known: Facts, address: Question['address']): Question {
  const asks = asksOf(rulesOf(policy));
  const isKnown = ({ kind, name }: Ask) =>
    (kind === 'workspace' ? workspaceOf(known, name) : repositoryOf(known, name))?.is === 'yes';
  return {
    address,
    account: known.account?.uuid,
    known: reachableOf(known),
    asks: [...asks.filter(isKnown), ...asks.filter((ask) => !isKnown(ask))],
    any: policy.allowed === 'any',
  };
}

async function lookLive(
  { userId, connection, accounts }: Login,
  { settings }: Policy,
  question: Question,
  { caller, cache, nowMs }: Sources,
): Promise<Look> {
  const machine = {
    domain: settings.managementDomain,
    clientId: settings.managementClientId,
    clientSecret: settings.managementClientSecret,
  };
  const subject = { userId, connection, account: accounts[0] || undefined };
  // Bitbucket's handshakes need not wait for the tenant's answers.
  caller.prepare(BITBUCKET_API, countAskedAtOnce(question.asks, question.any));
  const token = await orTrouble(fetchUpstreamToken(caller, cache, machine, subject));
  if (isTrouble(token)) return createFailedLook(nowMs, token);
  return lookAsPerson({ caller, token, as: 'person' }, question, nowMs);
}

/** Bitbucket said that the account is not active, or another one: the consumer is not asked about it. */
function isNotThem({ found }: Look): boolean {
  return found.account?.isActive === false || found.anotherAccountAt !== undefined;
}

/** The person's own token has expired: Bitbucket said so. */
function isExpired({ troubles }: Look): boolean {
  const { account, address, reachable, workspaces, repositories } = troubles;
  const all = [account, address, reachable, ...workspaces.values(), ...repositories.values()];
  return all.some((trouble) => trouble?.kind === 'login_required');
}

/**
 * Asks as the consumer, where one is set and it is known who the person is: first about the
 * workspaces that are known, and only if that does not do about the others. Its limit is everybody's.
 */
async function lookForExpired(
  login: Login,
  policy: Policy,
  question: Question,
  known: Facts,
  { caller, cache, nowMs }: Sources,
  address: Question['address'],
): Promise<Look | undefined> {
  const { consumer } = policy.settings;
  const account = accountOf(known);
  if (consumer === undefined || account === undefined || !account.isActive) return undefined;
  const reachable = question.any ? reachableOf(known).map(({ uuid }) => uuid) : [];
  const isMember = (name: string) => workspaceOf(known, name)?.is === 'yes';
  const workspaces = question.asks.flatMap(({ kind, name }) =>
    kind === 'workspace' ? [name] : [],
  );
  const first = [...workspaces.filter(isMember), ...reachable.slice(0, MAX_REACHABLE)];
  const others = workspaces.filter((name) => !isMember(name));
  const ask = (names: readonly string[]) =>
    lookAsConsumer({ caller, cache, consumer }, account.uuid, names, nowMs);

  if (first.length === 0) return others.length === 0 ? undefined : ask(others);
  const look = await ask(first);
  const ages = { ...agesOf(policy, login), outageMs: 0 };
  const occasion = { facts: merge(known, look.found), look, ages, nowMs };
  if (others.length === 0 || admits(occasion, policy, login, address)) return look;
  return joinLooks(look, await ask(others));
}

/** Without a list: one that is proved is enough. */
const MAX_REACHABLE = 10;

/** What the first look found stands; of what it could not, what the second says. */
function joinLooks(one: Look, other: Look): Look {
  const { account, ...troubles } = one.troubles;
  const first = one.by === other.by ? one.troubles : troubles;
  return {
    ...other,
    found: merge(one.found, other.found),
    troubles: {
      ...first,
      ...other.troubles,
      workspaces: new Map([...one.troubles.workspaces, ...other.troubles.workspaces]),
      repositories: new Map([...one.troubles.repositories, ...other.troubles.repositories]),
    },
  };
}
