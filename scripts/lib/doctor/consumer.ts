/**
 * The OAuth consumer at Bitbucket, and the workspaces that the rules name, asked with its client
 * credentials. Nobody has to sign in for it.
 */
import axios from 'axios';
import { type Rule, workspacesOf } from '#actions/lib/policy/rules.ts';
import type { Environment } from '../cli/environment.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const http = axios.create({ timeout: 15_000, maxRedirects: 0, validateStatus: () => true });
const CONSUMER = 'Bitbucket consumer';
const IN_SETTINGS = 'in the workspace: Settings → OAuth consumers';

export interface ConsumerReport {
  readonly findings: readonly Finding[];
  /** For asking about workspaces; absent where the consumer gives none. */
  readonly token?: string;
}

export async function checkConsumer(env: Environment): Promise<ConsumerReport> {
  const callback = ok(
    'Callback URL',
    `the consumer's must be https://${env.AUTH0_DOMAIN || 'YOUR-TENANT'}/login/callback (or of your custom domain)`,
  );
  const { BITBUCKET_KEY: username = '', BITBUCKET_SECRET: password = '' } = env;
  if (username === '' || password === '') {
    const missing = problem(
      CONSUMER,
      'its Key or Secret is not set',
      'Set BITBUCKET_KEY and BITBUCKET_SECRET.',
    );
    return { findings: [missing, callback] };
  }
  const reply = await http
    .post(
      'https://bitbucket.org/site/oauth2/access_token',
      new URLSearchParams({ grant_type: 'client_credentials' }),
      { auth: { username, password } },
    )
    .catch(() => undefined);
  if (reply === undefined) {
    const unreachable = problem(
      CONSUMER,
      'bitbucket.org cannot be reached',
      'Check the network, and try again.',
    );
    return { findings: [unreachable, callback] };
  }
  const token: unknown = reply.data?.access_token;
  if (reply.status !== 200 || typeof token !== 'string') {
    const refused = problem(
      CONSUMER,
      `Bitbucket does not give it a token (${reply.status})`,
      `Check Key and Secret, and that it is marked as private, ${IN_SETTINGS}.`,
    );
    return { findings: [refused, callback] };
  }
  return { findings: [checkScopes(reply.data), callback], token };
}

/** The response says `scope`; before May 2026 it said `scopes`. */
function checkScopes(data: { readonly scope?: unknown; readonly scopes?: unknown }): Finding {
  const scopes = String(data.scope ?? data.scopes ?? '').split(/[\s,]+/);
  // `account:write` includes reading the account, and so on.
  const has = (name: string) => scopes.some((scope) => scope === name || scope === `${name}:write`);
  const missing = ['account', 'email'].filter((name) => !has(name));
  if (missing.length === 0)
    return ok(CONSUMER, 'its Key and Secret work, and it has account and email');
  return problem(
    CONSUMER,
    `it lacks the permission ${missing.join(' and ')}`,
    `Give it Account: Email and Account: Read, ${IN_SETTINGS}. People then sign in once more.`,
  );
}

export async function checkRules(
  rules: readonly Rule[],
  token: string | undefined,
): Promise<readonly Finding[]> {
  const names = workspacesOf(rules);
  if (names.length === 0) {
    return [
      warning(
        'Allowed workspaces',
        'none is named: a member of any workspace gets in',
        'Name yours in ALLOWED_WORKSPACES, unless that is what you want.',
      ),
    ];
  }
  if (token === undefined) return [];
  return Promise.all(names.map((name) => checkWorkspace(name, token)));
}

async function checkWorkspace(name: string, token: string): Promise<Finding> {
  const check = `Workspace ${name}`;
  const url = `https://api.bitbucket.org/2.0/workspaces/${encodeURIComponent(name)}`;
  const reply = await http
    .get(url, { headers: { Authorization: `Bearer ${token}` } })
    .catch(() => undefined);
  if (reply?.status === 404) {
    return problem(
      check,
      'Bitbucket knows no such workspace',
      'Correct ALLOWED_WORKSPACES: nobody can match it.',
    );
  }
  const { uuid, slug } = (reply?.data ?? {}) as { uuid?: unknown; slug?: unknown };
  if (reply?.status !== 200 || typeof uuid !== 'string') {
    const why = reply === undefined ? 'no answer' : String(reply.status);
    return warning(
      check,
      `it cannot be looked up (${why})`,
      'See that the name is right; members can still sign in.',
    );
  }
  if (name === uuid.toLowerCase()) return ok(check, `it is ${slug}`);
  return warning(
    check,
    `it is ${uuid}`,
    'Write the uuid instead: a slug that is given up can be taken by somebody else.',
  );
}
