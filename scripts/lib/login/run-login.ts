/** `npm run login` on one tenant: find the application, open, wait, exchange. */
import { assertConfigured, type Environment, readDeployer } from '../cli/environment.ts';
import { toHarmless } from '../cli/harmless.ts';
import { showStep } from '../cli/progress.ts';
import { UserError } from '../cli/report-error.ts';
import { BITBUCKET } from '../deploy/door.ts';
import { fillInNames } from '../deploy/fill-in.ts';
import { readTenantFile } from '../deploy/tenant-file.ts';
import { connectToTenant } from '../tenant/management-api.ts';
import { tell } from '../tenant/tell.ts';
import { type CallbackServer, openCallbackServer } from './callback-server.ts';
import { findApplication, type LoginApplication } from './find-application.ts';
import type { Report } from './outcome.ts';
import { signIn } from './sign-in.ts';

/** What is signed in to. */
export interface Target {
  /** `host` or `host:port`. */
  readonly domain: string;
  readonly application: LoginApplication;
  /** The name of the Bitbucket connection. */
  readonly connection: string;
}

export interface LoginRequest {
  /** Whether the refresh token is exchanged too. */
  readonly refresh: boolean;
  /** Has the person open the address; by then it is waited for. */
  open(invitation: Invitation): Promise<void> | void;
  readonly timeoutMs?: number;
}

export interface Invitation extends Target {
  readonly url: URL;
  readonly server: CallbackServer;
  readonly timeoutMs: number;
}

const TIMEOUT_MS = 10 * 60_000;

/**
 * Of the tenant that `env` names.
 * @param named the application, by name or client id; that of LOGIN_APPLICATION, where nothing is said.
 * @throws {UserError} where there is none, or it cannot be signed in through from here.
 */
export async function findTarget(env: Environment, named: string | undefined): Promise<Target> {
  const deployer = readDeployer(env);
  assertConfigured(env, ['CLAIM_NAMESPACE']);
  const { domain } = deployer;
  return showStep(`Looking up the application at ${domain}`, async () => {
    const connection = await readConnectionName(env);
    const api = await connectToTenant(deployer);
    return { domain, application: await findApplication(api, env, named), connection };
  });
}

/** @throws {UserError} where somebody is neither let in nor refused. */
export async function runLogin(target: Target, request: LoginRequest): Promise<Report> {
  const { application } = target;
  const { timeoutMs = TIMEOUT_MS } = request;
  if (request.refresh && !application.hasRefreshTokens) {
    throw new UserError(
      `“${toHarmless(application.name)}” gets no refresh token to exchange: its grant types lack refresh_token; nothing was done.`,
    );
  }
  const server = await openCallbackServer(application.callbacks, tell);
  try {
    const { outcome, refresh, end } = await signIn({
      ...{ ...target, server, timeoutMs },
      open: (url) => request.open({ ...target, url, server, timeoutMs }),
    });
    const { name, clientId } = application;
    const report = { application: { name, clientId }, signIn: outcome };
    try {
      if (!request.refresh || outcome.kind === 'refused') return report;
      return { ...report, refresh: await refresh() };
    } finally {
      await end();
    }
  } finally {
    await server.close();
  }
}

/** Of tenant.yaml's Bitbucket connections, the first. */
async function readConnectionName(env: Environment): Promise<string> {
  const { connections } = fillInNames(await readTenantFile(), env);
  const found = connections.find(({ strategy }) => strategy === BITBUCKET);
  if (found !== undefined) return found.name;
  throw new UserError('tenant.yaml has no connection of the strategy bitbucket to sign in with.');
}
