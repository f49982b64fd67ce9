/** Asks Bitbucket now, as the consumer: it can prove memberships, and nothing else. */
import { BITBUCKET_WEB } from '#actions/lib/bitbucket/consumer-token.ts';
import { lookAsConsumer } from '#actions/lib/bitbucket/look-as-consumer.ts';
import { BITBUCKET_API } from '#actions/lib/bitbucket/requests.ts';
import { createCaller } from '#actions/lib/http/caller.ts';
import { sendWithAxios } from '#actions/lib/http/send.ts';
import type { Look } from '#actions/lib/knowledge/look.ts';
import { accountOf, reachableOf } from '#actions/lib/knowledge/query.ts';
import { rulesOf } from '#actions/lib/policy/policy.ts';
import { workspacesOf } from '#actions/lib/policy/rules.ts';
import type { Person } from './person.ts';

export interface LiveLook {
  /** By the name of the connection. */
  readonly looks: ReadonlyMap<string, Look>;
  /** Why somebody could not be asked about, or what was not answered. */
  readonly sentences: readonly string[];
}

/** A look is not kept, and no cache of tokens either. */
const NO_CACHE = { read: () => undefined, keep: () => {}, drop: () => {} };
const MOST_REACHABLE = 10;
const MOST_CALLS = 60;

export async function lookNow({ accounts, verdicts }: Person): Promise<LiveLook> {
  const looks = new Map<string, Look>();
  const sentences: string[] = [];
  for (const { door, facts } of accounts) {
    const policies = verdicts
      .filter(({ account }) => account.door === door)
      .flatMap(({ verdict }) => (verdict.policy === undefined ? [] : [verdict.policy]));
    const consumer = policies[0]?.settings.consumer;
    const account = accountOf(facts);
    const reachable = policies.some(({ allowed }) => allowed === 'any')
      ? reachableOf(facts).slice(0, MOST_REACHABLE)
      : [];
    const names = [
      ...policies.flatMap((policy) => workspacesOf(rulesOf(policy))),
      ...reachable.map(({ uuid }) => uuid),
    ];
    if (consumer === undefined) {
      sentences.push('Bitbucket cannot be asked: BITBUCKET_KEY and BITBUCKET_SECRET are not set.');
    } else if (account === undefined) {
      sentences.push('Bitbucket cannot be asked: which account it would be about is not certain.');
    } else if (names.length === 0) {
      sentences.push('Bitbucket was not asked: the consumer can tell of workspaces alone.');
    } else {
      const at = Date.now();
      const caller = createCaller(PORTS, {
        origins: [BITBUCKET_API, BITBUCKET_WEB],
        calls: MOST_CALLS,
      });
      const look = await lookAsConsumer(
        { caller, cache: NO_CACHE, consumer },
        account.uuid,
        [...new Set(names)],
        at,
      );
      caller.close();
      looks.set(door.name, look);
      const causes = [...look.troubles.workspaces].map(([name, { cause }]) => `${name}: ${cause}`);
      sentences.push(...causes.map((cause) => `Bitbucket did not tell of ${cause}.`));
    }
  }
  return { looks, sentences };
}

const PORTS = {
  send: sendWithAxios,
  now: Date.now,
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};
