/**
 * How many people a tenant carries. Computed from the documented limits, and simulated: logins that
 * come at the same time, through the Actions' own caller, on a clock of its own, against a tenant
 * that counts as Auth0 documents it. Limits:
 * https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy
 */
import { createCaller } from '#actions/lib/http/caller.ts';
import type { Reply } from '#actions/lib/http/send.ts';
import type { Row, Section } from './measure.ts';

interface Plan {
  readonly name: string;
  /** Calls that may come at once, and how many come back a second. */
  readonly burst: number;
  readonly perSecond: number;
  /** Of user writes, a minute. */
  readonly writesPerMinute: number;
}

const FREE: Plan = { name: 'free', burst: 2, perSecond: 2, writesPerMinute: 60 };
const SELF_SERVICE: Plan = {
  name: 'self-service',
  burst: 40,
  perSecond: 500 / 60,
  writesPerMinute: 200,
};
/** Of the consumer, where rechecks come after the person's own token has expired. UNVERIFIED that a consumer is counted like a person. */
const CONSUMER_CALLS_PER_HOUR = 1_000;
const ANSWER_MS = 100;

export async function measureScale(): Promise<Section> {
  const rows: Row[] = [];
  for (const plan of [FREE, SELF_SERVICE]) {
    for (const logins of [10, 60, 100, 200]) {
      const refused = await simulate(plan, logins);
      const share = Math.round((100 * refused) / logins);
      const name = `${logins} sign-ins in the same second, ${plan.name}`;
      rows.push({ name, value: share, unit: '%', note: 'told that it is not available just now' });
    }
  }
  for (const people of [1_000, 10_000, 100_000]) {
    for (const plan of [FREE, SELF_SERVICE]) {
      const value = Math.ceil(people / plan.writesPerMinute);
      const name = `${people} people all day, ${plan.name}`;
      rows.push({ name, value, unit: 'min', note: 'least RECHECK_AFTER_MINUTES, by user writes' });
    }
    const value = Math.ceil((people * 60) / CONSUMER_CALLS_PER_HOUR);
    const name = `${people} people all day, one workspace, with a consumer`;
    rows.push({ name, value, unit: 'min', note: 'least RECHECK_AFTER_MINUTES, by the consumer' });
  }
  return { title: 'How far it scales', rows };
}

/** How many of the logins that come at once are not answered within the Actions' time. */
async function simulate({ burst, perSecond }: Plan, logins: number): Promise<number> {
  const clock = createClock();
  let tokens = burst;
  let refilledAt = 0;
  const answer = async (): Promise<Reply> => {
    await clock.sleep(ANSWER_MS);
    tokens = Math.min(burst, tokens + ((clock.now() - refilledAt) / 1_000) * perSecond);
    refilledAt = clock.now();
    if (tokens >= 1) {
      tokens -= 1;
      return { status: 200, text: '{}' };
    }
    return { status: 429, text: '{}', rateLimitReset: Math.ceil(clock.now() / 1_000) };
  };
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const ports = { send: answer, now: clock.now, sleep: clock.sleep, random };
  const request = {
    endpoint: 'management user',
    method: 'GET',
    origin: 'https://tenant.example',
    path: '/',
    headers: {},
    waitsForLimit: true,
  } as const;
  const replies = Array.from({ length: logins }, () =>
    createCaller(ports, { origins: [], calls: 0 }).call(request),
  );
  await clock.run();
  const statuses = (await Promise.all(replies)).map(({ status }) => status);
  return statuses.filter((status) => status !== 200).length;
}

/** A clock that goes on when everybody waits for it. Times in milliseconds from 0. */
function createClock() {
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  let nowMs = 0;
  return {
    now: () => nowMs,
    sleep: (ms: number) =>
      new Promise<void>((resolve) => {
        sleepers.push({ at: nowMs + ms, wake: resolve });
      }),
    run: async () => {
      for (;;) {
        await new Promise(setImmediate);
        sleepers.sort((one, other) => one.at - other.at);
        const next = sleepers.shift();
        if (next === undefined) return;
        nowMs = Math.max(nowMs, next.at);
        next.wake();
      }
    },
  };
}
