/**
 * The entry of a worker thread: loads the shipped files once, as an instance at Auth0 does, and
 * runs many logins in it at once. Reports each login's outcome, and the memory before and after.
 *
 * The network ends here, below axios: each token is answered with what belongs to its owner,
 * after a while of its own, so that answers overtake each other. With sockets it would measure
 * the handshakes of this machine.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import type { PostLoginApi, PostLoginEvent } from '#actions/lib/auth0/post-login.ts';
import { createHttpsStandIn } from '#scripts/local/net/https-stand-in.ts';
import { loadHandler } from '#scripts/local/stage/load-handler.ts';

export interface Person {
  readonly userId: string;
  readonly uuid: string;
  readonly email: string;
  /** Their permission, by the slug of the workspace. */
  readonly permissions: Readonly<Record<string, string>>;
}

export interface ManyLoginsSetup {
  readonly codes: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
  readonly people: readonly Person[];
  /** Of the workspaces: their uuid, by slug. */
  readonly uuids: Readonly<Record<string, string>>;
  /** Of logins at once; the people take turns. */
  readonly count: number;
}

export interface LoginOutcome {
  readonly reason: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly appMetadata: Readonly<Record<string, unknown>>;
}

/** The first message; the second is the memory, once the outcomes are forgotten here. */
export type ManyLoginsMessage =
  | { readonly kind: 'outcomes'; readonly outcomes: readonly LoginOutcome[] }
  | {
      readonly kind: 'memory';
      readonly heapBefore: number;
      readonly heapAfter: number;
      /** Connections that were opened early and are still there. */
      readonly leftOpen: number;
    };

const setup = workerData as ManyLoginsSetup;
const MANAGEMENT_TOKEN = 'management-token';
const tokenOf = (person: Person) => `token of ${person.userId}`;

const https = createHttpsStandIn(async ({ url, headers }) => {
  await sleep(Math.random() * 20);
  const token = headers.Authorization?.slice('Bearer '.length);
  const answer = answerTo(url, token);
  if (answer !== undefined) return { status: 200, text: JSON.stringify(answer) };
  const refusal = { type: 'error', error: { message: 'no' } };
  return { status: 403, text: JSON.stringify(refusal) };
});

function answerTo(url: URL, token: string | undefined): unknown {
  const path = decodeURIComponent(url.pathname);
  if (path === '/oauth/token') return { access_token: MANAGEMENT_TOKEN, expires_in: 86_400 };
  if (token === MANAGEMENT_TOKEN) {
    const person = setup.people.find(({ userId }) => path.endsWith(`/${userId}`));
    const identity = { connection: 'bitbucket', access_token: person && tokenOf(person) };
    return { user_id: person?.userId, identities: [identity] };
  }
  const person = setup.people.find((candidate) => tokenOf(candidate) === token);
  if (person === undefined) return undefined;
  const user = { type: 'user', uuid: person.uuid };
  if (path === '/2.0/user') return user;
  if (path === '/2.0/user/emails') {
    return { values: [{ email: person.email, is_primary: true, is_confirmed: true }] };
  }
  const slug = path.split('/')[4] ?? '';
  const permission = person.permissions[slug];
  return permission && { permission, user, workspace: { slug, uuid: setup.uuids[slug] } };
}

const handlers = setup.codes.map((code) => loadHandler(code, { 'node:https': https.module }));
console.log = () => {};

async function login(person: Person): Promise<LoginOutcome> {
  const claims: Record<string, unknown> = {};
  const appMetadata: Record<string, unknown> = {};
  const transaction: Record<string, unknown> = {};
  let reason: string | undefined;
  const api: PostLoginApi = {
    access: {
      deny: (text) => {
        reason ??= text;
      },
    },
    idToken: { setCustomClaim: (name, value) => Object.assign(claims, { [name]: value }) },
    accessToken: { setCustomClaim: () => {} },
    user: { setAppMetadata: (key, value) => Object.assign(appMetadata, { [key]: value }) },
    cache: { get: () => undefined, set: () => {}, delete: () => {} },
    transaction: { setMetadata: (key, value) => Object.assign(transaction, { [key]: value }) },
  };
  for (const handler of handlers) {
    const event: PostLoginEvent = {
      connection: { name: 'bitbucket', strategy: 'bitbucket' },
      client: { client_id: 'app' },
      user: { user_id: person.userId, email: person.email, app_metadata: {} },
      transaction: { protocol: 'oidc-basic-profile', metadata: transaction },
      secrets: setup.secrets,
    };
    await handler(event, api);
    if (reason !== undefined) break;
  }
  return { reason, claims, appMetadata };
}

const loginsAtOnce = () =>
  Promise.all(
    Array.from({ length: setup.count }, (_, index) =>
      login(setup.people[index % setup.people.length] as Person),
    ),
  );

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is left after several collections: one alone leaves what others still refer to. */
async function measureHeap(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await sleep(50);
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

// What loading and compiling take is there before and after.
await loginsAtOnce();
const heapBefore = await measureHeap();
const outcomes = await loginsAtOnce();
parentPort?.postMessage({ kind: 'outcomes', outcomes });
outcomes.length = 0;
// What is kept grows with every round; what is only not yet given back does not.
let heapAfter = await measureHeap();
for (let round = 0; round < 2; round += 1) {
  await loginsAtOnce();
  heapAfter = Math.min(heapAfter, await measureHeap());
}
parentPort?.postMessage({ kind: 'memory', heapBefore, heapAfter, leftOpen: https.left.size });
