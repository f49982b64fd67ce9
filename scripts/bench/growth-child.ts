/**
 * A process that runs the shipped files many times against answers that cost nothing, and tells the
 * processor time of a login: what it takes beyond waiting. Argument: a GrowthCase, as JSON.
 */

import type { PostLoginApi, PostLoginEvent } from '#actions/lib/auth0/post-login.ts';
import { createUuid } from '../local/bitbucket/world.ts';
import { createHttpsStandIn } from '../local/net/https-stand-in.ts';
import { loadHandler } from '../local/stage/load-handler.ts';

export interface GrowthCase {
  readonly codes: readonly string[];
  /** Named in ALLOWED_WORKSPACES. */
  readonly allowed: number;
  /** That the user is in; the allowed ones are among them. */
  readonly memberOf: number;
  readonly atOnce: number;
  /** Batches that are measured, after some that are not. */
  readonly batches: number;
}
export interface GrowthResult {
  readonly cpuMsPerLogin: number;
  readonly callsPerLogin: number;
  /** Requests to Bitbucket of one login under way at the same time. */
  readonly mostAtOnce: number;
}

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const setup = JSON.parse(Buffer.concat(chunks).toString()) as GrowthCase;
const WARM_UP = 10;
const user = { type: 'user', uuid: createUuid('user') };
const workspaces = Array.from({ length: setup.memberOf }, (_, index) => ({
  slug: `w${index}`,
  uuid: createUuid(`w${index}`),
}));

let calls = 0;
let underWay = 0;
let mostAtOnce = 0;
const https = createHttpsStandIn(async ({ url }) => {
  calls += 1;
  underWay += 1;
  mostAtOnce = Math.max(mostAtOnce, underWay);
  await new Promise((resolve) => setImmediate(resolve));
  underWay -= 1;
  return { status: 200, text: JSON.stringify(answerTo(url.pathname)) };
});

function answerTo(path: string): unknown {
  if (path === '/oauth/token') return { access_token: 'token', expires_in: 86_400 };
  if (path.startsWith('/api/v2/')) {
    return { user_id: 'bitbucket|1', identities: [{ connection: 'bitbucket', access_token: 't' }] };
  }
  if (path === '/2.0/user') return user;
  if (path === '/2.0/user/emails') {
    return { values: [{ email: 'a@example.com', is_primary: true, is_confirmed: true }] };
  }
  if (path === '/2.0/user/workspaces') {
    return { values: workspaces.slice(0, 100).map((workspace) => ({ workspace })) };
  }
  const workspace = workspaces[Number(path.split('/')[4]?.slice(1))];
  return { permission: 'member', user, workspace };
}

console.log = () => {};
const handlers = setup.codes.map((code) => loadHandler(code, { 'node:https': https.module }));

async function login(): Promise<void> {
  const transaction: Record<string, unknown> = {};
  const event: PostLoginEvent = {
    connection: { name: 'bitbucket', strategy: 'bitbucket' },
    client: { client_id: 'app' },
    user: { user_id: 'bitbucket|1', email: 'a@example.com', app_metadata: {} },
    transaction: { protocol: 'oidc-basic-profile', metadata: transaction },
    secrets: {
      MANAGEMENT_DOMAIN: 'x.eu.auth0.com',
      MANAGEMENT_CLIENT_ID: 'id',
      MANAGEMENT_CLIENT_SECRET: 'secret',
      CLAIM_NAMESPACE: 'https://example.com',
      ALLOWED_WORKSPACES: workspaces
        .slice(0, setup.allowed)
        .map(({ slug }) => slug)
        .join(','),
    },
  };
  const api: PostLoginApi = {
    access: {
      deny: (reason) => {
        throw new Error(reason);
      },
    },
    idToken: { setCustomClaim: () => {} },
    accessToken: { setCustomClaim: () => {} },
    user: { setAppMetadata: () => {} },
    cache: { get: () => undefined, set: () => {}, delete: () => {} },
    transaction: { setMetadata: (key, value) => Object.assign(transaction, { [key]: value }) },
  };
  for (const handler of handlers) await handler(event, api);
}

const batch = () => Promise.all(Array.from({ length: setup.atOnce }, login));
for (let count = 0; count < WARM_UP; count += 1) await batch();
calls = 0;
mostAtOnce = 0;
const before = process.cpuUsage();
for (let count = 0; count < setup.batches; count += 1) await batch();
const { user: userMicros, system } = process.cpuUsage(before);
const logins = setup.batches * setup.atOnce;
const result: GrowthResult = {
  cpuMsPerLogin: (userMicros + system) / 1_000 / logins,
  callsPerLogin: calls / logins,
  mostAtOnce,
};
process.stdout.write(JSON.stringify(result));
