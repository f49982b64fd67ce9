/**
 * Plays a history: steps one after another on one world, each login judged by the model against
 * all answers ever given. The first thing that is wrong ends it.
 */
import { createHash } from 'node:crypto';
import { createCache } from './fake/cache.ts';
import { createClock } from './fake/clock.ts';
import { standIn } from './fake/globals.ts';
import { createNetwork } from './fake/network.ts';
import { ADDRESSES, createWorld, type World } from './fake/world.ts';
import { type Flow, type Handlers, NAMESPACE, runFlow, type Stage } from './flow.ts';
import { judgeFlow, learnFrom } from './judge.ts';
import { distinct, type Known, NOTHING } from './model/known.ts';
import { type Login, type Step, tellStep } from './steps.ts';

/** app_metadata, and what may be known by it: more than one where the contract leaves it open. */
interface Stored {
  readonly value: Readonly<Record<string, unknown>>;
  readonly known: ReadonlyMap<string, readonly Known[]>;
}

export interface Played {
  /** What is wrong; empty when all is well. */
  readonly wrong: readonly string[];
  /** Lines for people: the steps, what was heard, and what came of it. */
  readonly told: readonly string[];
  readonly flows: readonly Flow[];
  readonly appMetadata: Readonly<Record<string, unknown>>;
  /** As they are at its end. */
  readonly world: World;
  readonly endsAt: number;
}

const STARTS_AT = Date.UTC(2026, 10, 24, 12);
const HOUR_MS = 3_600_000;

interface PlayOptions {
  /** With the lines for people. */
  readonly isTold?: boolean;
  /** Which wrongs count; for looking for several kinds one after another. */
  readonly isOfInterest?: (wrong: string) => boolean;
}

export async function play(
  handlers: Handlers,
  steps: readonly Step[],
  { isTold = false, isOfInterest = () => true }: PlayOptions = {},
): Promise<Played> {
  const clock = createClock(STARTS_AT);
  const world = createWorld();
  const cache = createCache(clock);
  const network = createNetwork(world, clock);
  const stage: Stage = { handlers, world, clock, cache, network };
  const leave = standIn({ clock, answerTo: network.answerTo });

  let stored: Stored = { value: {}, known: new Map() };
  const held: ((now: Stored) => Stored)[] = [];
  const signedInAt = new Map<string, number>();
  const told: string[] = [];
  const flows: Flow[] = [];
  let wrong: readonly string[] = [];

  const logIn = async (login: Login) => {
    const connection = login.connection ?? 'bitbucket';
    if (login.by.startsWith('sign-in') || !signedInAt.has(connection)) {
      signedInAt.set(connection, clock.now);
      const account = world.accounts[connection === 'bitbucket' ? world.current : 1];
      world.tokensIssued += 1;
      world.tokens.set(connection, {
        text: `user-token-${world.tokensIssued}`,
        accountUuid: account?.uuid ?? '',
        expiresAt: clock.now + 2 * HOUR_MS,
      });
    }
    const before = stored;
    const known = before.known.get(connection) ?? [NOTHING];
    const flow = await runFlow(stage, login, before.value, signedInAt.get(connection) ?? 0);
    flows.push(flow);
    const learned = learnFrom(flow, world);
    const save = (now: Stored) => keep(now, flow, learned, known);
    const after = save(before);
    const judged = judgeFlow(flow, known, world, after.value, cache.values());
    if (isTold) told.push(...tellFlow(flow, judged.allowed));
    wrong = judged.wrong.filter(isOfInterest);
    if (login.isHeld === true) held.push(save);
    else stored = after;
  };

  /** In place: the writes of the flow; without one, what was heard is known all the same. */
  const keep = (
    now: Stored,
    { asked, login }: Flow,
    learned: (known: readonly Known[]) => readonly Known[],
    shown: readonly Known[],
  ): Stored => {
    const connection = login.connection ?? 'bitbucket';
    // "A failure to save is no reason to refuse": then nothing is kept, a no neither.
    if (login.savingFails === true) return now;
    const known = new Map(now.known);
    if ('bitbucket_look' in asked.appMetadata) {
      // What the flow was shown and what it heard: whatever was saved in between is gone.
      known.set(connection, learned(shown));
      // Another linked account's facts may have had to give way.
      for (const [other, kept] of known) {
        if (other !== connection) known.set(other, distinct([...kept, NOTHING]));
      }
    } else {
      known.set(connection, learned(now.known.get(connection) ?? [NOTHING]));
    }
    return { value: { ...now.value, ...asked.appMetadata }, known };
  };

  const act = async (step: Step) => {
    switch (step.do) {
      case 'login':
        return logIn(step);
      case 'wait':
        return clock.pass(step.ms);
      case 'stand': {
        const workspace = world.workspaces[step.workspace];
        const account = world.accounts[step.account];
        if (workspace !== undefined && account !== undefined) {
          account.standings[workspace.uuid] = step.standing;
        }
        return;
      }
      case 'repository': {
        const [slug, name] = step.name.split('/');
        const workspace = world.workspaces.find((candidate) => candidate.slug === slug);
        world.accounts[0].repositories[`${workspace?.uuid}/${name}`] = step.permission;
        return;
      }
      case 'confirm':
        for (const { addresses } of world.accounts) {
          for (const address of addresses) {
            if (address.email === ADDRESSES[step.address]) address.isConfirmed = step.isConfirmed;
          }
        }
        return;
      case 'activate':
        world.accounts[0].isActive = step.isActive;
        return;
      case 'readdress':
        world.email = step.email;
        return;
      case 'set':
        world.settings = { ...world.settings, ...step.settings };
        return;
      case 'application':
        world.applications[step.at] = step.metadata;
        return;
      case 'found': {
        const uuid = `{${createHash('md5').update(step.slug).digest('hex')}}`;
        world.workspaces.push({ uuid, slug: step.slug });
        world.accounts[0].standings[uuid] = step.standing;
        return;
      }
      case 'become':
        world.current = step.account;
        return;
      case 'swap slugs': {
        const [acme, , , squatter] = world.workspaces;
        if (acme !== undefined && squatter !== undefined) {
          [acme.slug, squatter.slug] = [squatter.slug, acme.slug];
        }
        return;
      }
      case 'land': {
        const save = step.which === 'oldest' ? held.shift() : held.pop();
        if (save !== undefined) stored = save(stored);
        return;
      }
      case 'tamper': {
        const [how, key = ''] = step.how.split(' ');
        const { [key]: _, ...rest } = stored.value;
        const value = how === 'remove' ? rest : { ...stored.value, [key]: null };
        const known = key === 'bitbucket_look' ? new Map() : stored.known;
        stored = { value, known };
        return;
      }
      case 'forget cache':
        return cache.clear();
    }
  };

  try {
    for (const step of steps) {
      if (isTold) told.push(tellStep(step));
      await act(step);
      if (wrong.length > 0) break;
    }
  } finally {
    leave();
  }
  return { wrong, told, flows, appMetadata: stored.value, world, endsAt: clock.now };
}

function tellFlow({ runs, heard, asked }: Flow, allowed: readonly string[]): string[] {
  const claims = Object.entries(asked.idToken).map(
    ([name, value]) => `${name.slice(NAMESPACE.length + 1)}=${JSON.stringify(value)}`,
  );
  return [
    ...heard.map(
      ({ by, endpoint, about, text }) => `    ${by}: ${endpoint} ${about ?? ''} → ${text}`,
    ),
    ...runs.map(
      ({ action, outcome, logLines }, index) =>
        `  ${action}: ${outcome} (allowed: ${allowed[index]}) ${logLines.join(' | ')}`,
    ),
    ...(asked.reasons.length === 0 ? [`    ${claims.join(' ')}`] : []),
    `    saved: ${Object.keys(asked.appMetadata).join(', ') || 'nothing'}`,
  ];
}
