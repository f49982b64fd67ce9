/** The OAuth consumer at Bitbucket, asked with its client credentials: nobody has to sign in. */
import { readString } from '#actions/lib/read.ts';
import { readTenantDomain } from '../cli/domain.ts';
import type { Environment } from '../cli/environment.ts';
import { askBitbucket, askForToken, includes, readNotices, readScopes } from './bitbucket.ts';
import { type Finding, ok, problem } from './finding.ts';
import type { Targets } from './targets.ts';

const CONSUMER = 'Bitbucket consumer';
const IN_SETTINGS = 'in the workspace: Settings → OAuth consumers';

export interface ConsumerReport {
  readonly findings: readonly Finding[];
  /** For asking about workspaces; absent where the consumer gives none. */
  readonly token?: string;
}

export async function checkConsumer(
  env: Environment,
  targets: Targets | undefined,
): Promise<ConsumerReport> {
  const domain = readTenantDomain(env) ?? 'YOUR-TENANT';
  const callback = ok(
    'Callback URL',
    `the consumer's must be https://${domain}/login/callback (or of your custom domain)`,
  );
  const stop = (message: string, advice: string) => ({
    findings: [problem(CONSUMER, message, advice), callback],
  });
  const { BITBUCKET_KEY: key = '', BITBUCKET_SECRET: secret = '' } = env;
  if (key === '' || secret === '') {
    return stop('its Key or Secret is not set', 'Set BITBUCKET_KEY and BITBUCKET_SECRET.');
  }
  const { status, body, headers } = await askForToken(key, secret);
  if (status === undefined) {
    return stop('bitbucket.org cannot be reached', 'Check the network, and try again.');
  }
  const token = readString(body, 'access_token');
  if (status !== 200 || token === undefined) {
    return stop(
      `Bitbucket does not give it a token (${status})`,
      `Check Key and Secret, and that it is marked as private, ${IN_SETTINGS}.`,
    );
  }
  const notices = readNotices('POST /site/oauth2/access_token', { status, body, headers });
  return { findings: [checkScopes(body, targets), callback, ...notices], token };
}

/** The response says `scope`; before May 2026 it said `scopes`. */
function checkScopes(body: unknown, targets: Targets | undefined): Finding {
  const granted = readScopes(readString(body, 'scope') ?? readString(body, 'scopes'));
  const asksForRepositories = (targets?.repositories.length ?? 0) > 0;
  const needed = ['account', 'email', ...(asksForRepositories ? ['repository'] : [])];
  const missing = needed.filter((name) => !includes(granted, name));
  if (missing.length === 0)
    return ok(CONSUMER, `its Key and Secret work, and it has ${needed.join(' and ')}`);
  return problem(
    CONSUMER,
    `it lacks the permission ${missing.join(' and ')}`,
    `Give it Account: Email and Account: Read${asksForRepositories ? ', and Repositories: Read' : ''}, ${IN_SETTINGS}. People then sign in once more.`,
  );
}

/** What Bitbucket announces of the routes that a login uses, whatever it answers to the consumer. */
export async function checkRoutes(
  token: string,
  { workspaces, repositories }: Targets,
): Promise<readonly Finding[]> {
  const [workspace] = workspaces.map(encodeURIComponent);
  const base = `/2.0/user/workspaces/${workspace}`;
  const routes: readonly (readonly [string, string])[] = [
    ['GET /2.0/user', '/2.0/user'],
    ['GET /2.0/user/emails', '/2.0/user/emails?pagelen=1'],
    ['GET /2.0/user/workspaces', '/2.0/user/workspaces?pagelen=1'],
    ...(workspace === undefined
      ? []
      : [['GET /2.0/user/workspaces/{workspace}/permission', `${base}/permission`] as const]),
    ...(repositories.length === 0
      ? []
      : [
          [
            'GET /2.0/user/workspaces/{workspace}/permissions/repositories',
            `${base}/permissions/repositories?pagelen=1`,
          ] as const,
        ]),
  ];
  const notices = await Promise.all(
    routes.map(async ([route, path]) => readNotices(route, await askBitbucket(path, token))),
  );
  return notices.flat();
}
