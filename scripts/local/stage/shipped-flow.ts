/**
 * The shipped files in a local tenant, put there without a deploy, and one person whose logins they
 * decide about: as fast as a flow can be run, with everything real but the browser.
 */

import { addRepository } from '../bitbucket/repositories.ts';
import { addUser, addWorkspace, createWorld, setStanding } from '../bitbucket/world.ts';
import { createBrowser } from './browser.ts';
import { connectBitbucket } from './connect-bitbucket.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { type Application, createApplication, type SignInResult } from './sign-in.ts';
import { addAction } from './tenant-contents.ts';

export interface FlowRun {
  /** Of the refusal; `undefined` when the person got in. */
  readonly code: string | undefined;
  /** Every request that the Actions sent. */
  readonly calls: readonly { readonly endpoint: string }[];
}

export interface Flow {
  readonly sandbox: Sandbox;
  /**
   * The person comes back with a session, and nothing is known of them: the Actions look, and
   * nothing else asks Bitbucket.
   */
  run(): Promise<FlowRun>;
  /** A refresh token exchange, three hours after the last look, when the sign-in has expired. */
  refreshLate(): Promise<FlowRun>;
  /** Of the Actions; for running the shipped files elsewhere than in the tenant. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Drops the cached Management token. */
  forget(): void;
  close(): Promise<void>;
}

const CALLBACK = 'https://app.example.com/callback';
const AUDIENCE = 'https://api.example.com';

export async function startFlow(
  actions: readonly { readonly name: string; readonly code: string }[],
  policy: Readonly<Record<string, string>>,
): Promise<Flow> {
  const world = createWorld();
  const acme = addWorkspace(world, 'acme');
  const olivia = addUser(world, 'olivia', [{ email: 'olivia@example.com' }]);
  setStanding(world, olivia, acme, 'owner');
  addRepository(world, acme, 'infra');
  const sandbox = await startSandbox({
    world,
    consumerWorkspace: acme,
    applications: [{ clientId: 'app', name: 'App', callbacks: [CALLBACK] }],
    apis: [{ identifier: AUDIENCE }],
    policy,
  });
  const { store, origin, runtime } = sandbox.tenant;
  const connected = connectBitbucket(sandbox, 'app');
  const application: Application = await createApplication({
    issuer: `${origin}/`,
    clientId: 'app',
    callbackUrl: CALLBACK,
    audience: AUDIENCE,
  });
  const browser = createBrowser({ userUuid: olivia.uuid });
  const first = await application.signIn(browser);
  if (first.kind !== 'allowed') throw new Error(first.description);
  const secrets = { ...connected, ALLOWED_WORKSPACES: '*', ...policy };
  for (const { name, code } of actions) addAction(store, name, { isBound: true, code, secrets });
  const second = await application.signIn(browser);
  if (second.kind !== 'allowed') throw new Error(second.description);
  let refreshToken = second.refreshToken ?? '';
  const user = store.users.get(`bitbucket|${olivia.uuid}`);
  const kept = structuredClone(user?.app_metadata);

  const watch = async (act: () => Promise<SignInResult>): Promise<FlowRun> => {
    sandbox.tenant.clearCalls();
    sandbox.bitbucket.clearCalls();
    const result = await act();
    const fromTenant = sandbox.tenant.calls
      .map(({ path }) => ({ endpoint: path }))
      .filter(({ endpoint }) => endpoint === '/oauth/token' || endpoint.startsWith('/api/v2/'));
    return {
      code: result.kind === 'refused' ? result.description.split(':')[0] : undefined,
      calls: [...fromTenant, ...sandbox.bitbucket.calls],
    };
  };
  return {
    sandbox,
    run: () =>
      watch(() => {
        // With nothing known, single sign-on has to look.
        if (user !== undefined) user.app_metadata = {};
        return application.signIn(browser, { prompt: 'none' });
      }),
    refreshLate: () =>
      watch(async () => {
        sandbox.bitbucket.expireAccessTokens(olivia.uuid);
        if (user !== undefined) user.app_metadata = aged(kept ?? {}, THREE_HOURS_MS);
        const result = await application.refresh(refreshToken);
        if (result.kind === 'allowed') refreshToken = result.refreshToken ?? '';
        return result;
      }),
    secrets,
    forget: () => runtime.clearCache(),
    close: () => sandbox.close(),
  };
}

/** As if all of it had happened earlier: every time in it is moved. */
export function aged(
  appMetadata: Readonly<Record<string, unknown>>,
  ms: number,
): Record<string, unknown> {
  return JSON.parse(JSON.stringify(appMetadata), (_key, value: unknown) =>
    typeof value === 'string' && ISO_TIME.test(value)
      ? new Date(Date.parse(value) - ms).toISOString()
      : value,
  );
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const THREE_HOURS_MS = 3 * 60 * 60 * 1_000;
