/** One login through the shipped files: what they asked, answered, logged and wanted saved. */
import type { PostLoginEvent } from '#actions/lib/auth0/post-login.ts';
import type { Handler } from '#scripts/local/stage/load-handler.ts';
import { type Asked, createApi, nothingAsked } from './fake/api.ts';
import type { FakeCache } from './fake/cache.ts';
import type { Clock } from './fake/clock.ts';
import type { Heard } from './fake/heard.ts';
import { CONSUMER, DOMAIN, type Network } from './fake/network.ts';
import type { World } from './fake/world.ts';
import type { Login } from './steps.ts';

export const NAMESPACE = 'https://example.com/bitbucket';

export interface Handlers {
  readonly email: Handler;
  readonly workspaces: Handler;
}

export type ActionName = keyof Handlers;

export interface ActionRun {
  readonly action: ActionName;
  /** `in`, or the code of the refusal. */
  readonly outcome: string;
  readonly startedAt: number;
  /** Nobody else had the time to be at Bitbucket: "at most 5 minutes ago, or says nothing". */
  readonly isSignIn: boolean;
  /** All that the flow heard until this Action ended. */
  readonly heardUntil: number;
  readonly heardFrom: number;
  readonly logLines: readonly string[];
  readonly thrown?: string;
}

export interface Flow {
  readonly login: Login;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly runs: readonly ActionRun[];
  readonly heard: readonly Heard[];
  /** What was sent after the flow had ended. */
  readonly heardLate: number;
  readonly asked: Asked;
}

const ORDERS: Readonly<Record<Login['order'], readonly ActionName[]>> = {
  both: ['email', 'workspaces'],
  reversed: ['workspaces', 'email'],
  'email alone': ['email'],
  'workspaces alone': ['workspaces'],
};

const SIGNED_IN_MS = 300_000;
/** Longer than any retry or time-out of a login. */
const AFTERWARDS_MS = 20_000;

export interface Stage {
  readonly handlers: Handlers;
  readonly world: World;
  readonly clock: Clock;
  readonly cache: FakeCache;
  readonly network: Network;
}

/** `signedInAt`: when the person was at Bitbucket for this session. */
export async function runFlow(
  stage: Stage,
  login: Login,
  appMetadata: Readonly<Record<string, unknown>>,
  signedInAt: number,
): Promise<Flow> {
  const { handlers, world, clock, cache, network } = stage;
  const asked = nothingAsked();
  const api = createApi(asked, cache, login.savingFails ?? false);
  const startedAt = clock.now;
  network.heard.length = 0;
  network.failures = login.failures;
  network.managementBusyUntil = startedAt + (login.busyMs ?? 0);
  const runs: ActionRun[] = [];
  let pausedMs = 0;

  for (const action of ORDERS[login.order]) {
    network.action = runs.length;
    if (runs.length > 0 && login.pauseMs !== undefined) {
      await clock.pass(login.pauseMs);
      pausedMs = login.pauseMs;
    }
    const heardFrom = network.heard.length;
    const runStartedAt = clock.now;
    const logLines: string[] = [];
    const log = console.log;
    console.log = (line: unknown) => logLines.push(String(line));
    const event = eventOf(world, login, appMetadata, asked, signedInAt);
    let thrown: string | undefined;
    await clock
      .drive(handlers[action](event, api))
      .catch((error: unknown) => {
        thrown = String(error);
      })
      .finally(() => {
        console.log = log;
      });
    runs.push({
      action,
      outcome: asked.reasons[0]?.split(':')[0] ?? 'in',
      startedAt: runStartedAt,
      isSignIn: isSignIn(login, runStartedAt, signedInAt),
      heardFrom,
      heardUntil: network.heard.length,
      logLines,
      ...(thrown === undefined ? {} : { thrown }),
    });
    if (asked.reasons.length > 0) break;
    if (login.isGarbled === true) garble(asked.transaction);
  }
  const endedAt = clock.now;
  const heard = [...network.heard];
  await clock.pass(AFTERWARDS_MS);
  const heardLate = network.heard.length - heard.length;
  return { login, startedAt, endedAt: endedAt - pausedMs, runs, heard, heardLate, asked };
}

function isSignIn(login: Login, now: number, signedInAt: number): boolean {
  if (login.by === 'refresh') return false;
  return login.by === 'sign-in, without methods' || now - signedInAt <= SIGNED_IN_MS;
}

function garble(transaction: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(transaction)) {
    if (typeof value === 'string') transaction[key] = `${value.slice(1)}${value.slice(0, 1)}`;
  }
}

/** What Auth0 tells the Actions of a login. */
export function eventOf(
  world: World,
  login: Login,
  appMetadata: Readonly<Record<string, unknown>>,
  asked: Asked,
  signedInAt: number,
): PostLoginEvent {
  const name = login.connection ?? 'bitbucket';
  const { hasConsumer, ...settings } = world.settings;
  const methods = [{ name: 'federated', timestamp: new Date(signedInAt).toISOString() }];
  const event = {
    ...(login.isUnnamed ? {} : { connection: { id: `con_${name}`, name, strategy: 'bitbucket' } }),
    client: {
      client_id: `app${login.at}`,
      name: 'App',
      metadata: world.applications[login.at] ?? {},
    },
    user: {
      user_id: 'bitbucket|1',
      ...(world.email === undefined ? {} : { email: world.email }),
      email_verified: false,
      app_metadata: structuredClone(appMetadata),
      user_metadata: {},
      identities: identitiesOf(world, login),
    },
    transaction: {
      protocol: login.by === 'refresh' ? 'oauth2-refresh-token' : 'oidc-basic-profile',
      metadata: asked.transaction,
    },
    ...(login.by === 'sign-in, without methods' ? {} : { authentication: { methods } }),
    request: { hostname: DOMAIN },
    secrets: {
      MANAGEMENT_DOMAIN: DOMAIN,
      MANAGEMENT_CLIENT_ID: 'machine',
      CLAIM_NAMESPACE: NAMESPACE,
      ...settings,
      ...(hasConsumer ? CONSUMER : {}),
    },
  };
  return event as unknown as PostLoginEvent;
}

function identitiesOf(world: World, { isLinked }: Login) {
  const google = { connection: 'google-oauth2', provider: 'google-oauth2', user_id: '3' };
  const own = ['bitbucket', 'bitbucket-two']
    .filter((connection) => world.tokens.has(connection))
    .map((connection) => ({
      connection,
      provider: 'bitbucket',
      user_id: connection === 'bitbucket' ? '1' : '2',
      isSocial: true,
    }));
  return isLinked ? [google, ...own] : own;
}
