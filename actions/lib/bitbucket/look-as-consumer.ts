/**
 * A look as the consumer, when the person's own token has expired: it proves memberships, and with
 * them that the account is still that account; no permission, no address, no repository.
 */
import type { Caller } from '../http/caller.ts';
import type { No } from '../knowledge/facts.ts';
import type { Look } from '../knowledge/look.ts';
import { mapAtMost } from '../map-at-most.ts';
import type { TokenCache } from '../token-cache.ts';
import { isTrouble, orTrouble, type Trouble } from '../trouble.ts';
import {
  type Consumer,
  dropConsumerToken,
  fetchConsumerToken,
  readConsumerToken,
} from './consumer-token.ts';
import { createFindings } from './findings.ts';
import { askIsVisible, askMember, type Membership } from './questions.ts';
import type { Bitbucket } from './requests.ts';

const CONCURRENCY = 10;
const UNAUTHORIZED = 'bitbucket member: 401';
/** Whose account it is, and that there is a workspace at all. */
const PROVED_BY_MEMBERSHIP = ['account', 'reachable'] as const;
const ONLY_MEMBERS = 'the consumer can prove no more than membership';

export interface ConsumerLook {
  readonly caller: Caller;
  readonly cache: TokenCache;
  readonly consumer: Consumer;
}

/** @param workspaces names, in lower case. */
export async function lookAsConsumer(
  { caller, cache, consumer }: ConsumerLook,
  account: string,
  workspaces: readonly string[],
  at: number,
): Promise<Look> {
  const findings = createFindings(at, 'consumer');
  const cannotTell: Trouble = { kind: 'login_required', cause: ONLY_MEMBERS };
  findings.trouble('permissions', cannotTell);
  const askAll = (token: string) =>
    mapAtMost(CONCURRENCY, workspaces, async (name) => {
      const bitbucket: Bitbucket = { caller, token, as: 'consumer' };
      return [name, await orTrouble(lookAtMember(bitbucket, name, account))] as const;
    });

  const cached = readConsumerToken(cache, consumer);
  let answers = cached === undefined ? undefined : await askAll(cached);
  // 401 may be about the token, which the cache kept too long, or about the workspace.
  if (answers?.every(([, answer]) => isTrouble(answer) && answer.cause === UNAUTHORIZED)) {
    dropConsumerToken(cache, consumer);
    answers = undefined;
  }
  if (answers === undefined) {
    const token = await orTrouble(fetchConsumerToken(caller, cache, consumer));
    if (isTrouble(token)) {
      for (const what of PROVED_BY_MEMBERSHIP) findings.trouble(what, token);
      for (const name of workspaces) findings.troubleOf('workspaces', name, token);
      return findings.end(cannotTell);
    }
    answers = await askAll(token);
  }
  // A membership would have proved the account too: an outage there is one of the account.
  const troubles = answers.flatMap(([, answer]) => (isTrouble(answer) ? [answer] : []));
  const ofAccount = troubles.find(({ kind }) => kind === 'outage') ?? troubles[0];
  if (ofAccount !== undefined) {
    for (const what of PROVED_BY_MEMBERSHIP) findings.trouble(what, ofAccount);
  }
  for (const [name, answer] of answers) {
    if (isTrouble(answer)) findings.troubleOf('workspaces', name, answer);
    else if ('reason' in answer) findings.noMember(name, answer.reason);
    else {
      findings.member(name, answer.workspace, undefined);
      findings.account({ uuid: account, isActive: true });
    }
  }
  return findings.end(cannotTell);
}

/**
 * A 401 or 403 means that this caller cannot tell; a 404 is a no only of a workspace that it can
 * see: it could not tell otherwise either.
 */
async function lookAtMember(
  bitbucket: Bitbucket,
  name: string,
  account: string,
): Promise<Membership | No | Trouble> {
  const answer = await orTrouble(askMember(bitbucket, name, account));
  if (isTrouble(answer))
    return answer.kind === 'misconfigured' ? cannotTellOf(answer.cause) : answer;
  if (!('reason' in answer)) return answer;
  if (answer.reason !== '404') return cannotTellOf(`bitbucket member: ${answer.reason}`);
  const isVisible = await orTrouble(askIsVisible(bitbucket, name));
  if (isVisible === true) return answer;
  if (isTrouble(isVisible) && isVisible.kind === 'outage') return isVisible;
  return cannotTellOf('bitbucket member: 404 of a workspace that the consumer cannot see');
}

function cannotTellOf(cause: string): Trouble {
  return { kind: 'login_required', cause };
}
