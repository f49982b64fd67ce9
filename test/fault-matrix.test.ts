/**
 * The shipped files in the local tenant, with each call that they make failing in each way: who is
 * let in or refused, for which reason, and after how many requests. Prints the table.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { bundlePathOf, listActionNames } from '../scripts/lib/build/actions.ts';
import { createServerCertificate } from '../scripts/local/net/certificate.ts';
import type { Fault } from '../scripts/local/net/faults.ts';
import {
  type CallName,
  type FaultName,
  NAMED_CALLS,
  NAMED_FAULTS,
} from '../scripts/local/stage/named-faults.ts';
import { type Flow, startFlow } from '../scripts/local/stage/shipped-flow.ts';
import { createActionRuntime } from '../scripts/local/tenant/action-runtime/runtime.ts';
import { SECRETS } from './support/action-run.ts';

type Code = string | undefined;
interface Expectation {
  readonly code: Code;
  /** Requests to this endpoint; `several` where the tenant's limit is waited for. */
  readonly requests: number | 'several';
}

const UNAVAILABLE = 'bitbucket_unavailable';
const MISCONFIGURED = 'bitbucket_misconfigured';
const LOGIN_REQUIRED = 'bitbucket_login_required';
const once = (code: Code): Expectation => ({ code, requests: 1 });
const twice = (code: Code): Expectation => ({ code, requests: 2 });

/** What each fault does at most calls; `except` says where it differs. */
const EXPECTED: Readonly<Record<FaultName, Expectation>> = {
  'connection dropped': twice(UNAVAILABLE),
  'reset in the body': twice(UNAVAILABLE),
  'slow header': once(UNAVAILABLE),
  'slow body': once(UNAVAILABLE),
  '301 to another host': once(UNAVAILABLE),
  '307 to another path': once(UNAVAILABLE),
  '204': once(UNAVAILABLE),
  '400': once(UNAVAILABLE),
  '401': once(LOGIN_REQUIRED),
  '403': once(UNAVAILABLE),
  '403, a scope is missing': once(MISCONFIGURED),
  '403 in HTML': once(UNAVAILABLE),
  '404': once(UNAVAILABLE),
  '404 in HTML': once(UNAVAILABLE),
  '410': once(UNAVAILABLE),
  '429': once(UNAVAILABLE),
  '429, Retry-After 1': twice(UNAVAILABLE),
  '429, Retry-After 60': once(UNAVAILABLE),
  '500': once(UNAVAILABLE),
  '502': twice(UNAVAILABLE),
  '503': twice(UNAVAILABLE),
  '504': twice(UNAVAILABLE),
  'empty body': once(UNAVAILABLE),
  HTML: once(UNAVAILABLE),
  'truncated JSON': once(UNAVAILABLE),
  'wrong types': once(UNAVAILABLE),
  'JSON null': once(UNAVAILABLE),
  '2 MB': once(UNAVAILABLE),
  '2 MB in chunks': once(UNAVAILABLE),
};
const FAULTS: Readonly<Record<string, readonly [Fault, Expectation]>> = Object.fromEntries(
  Object.entries(EXPECTED).map(([name, expected]) => [
    name,
    [NAMED_FAULTS[name as FaultName], expected],
  ]),
);

/** Of pages alone. */
const next = (url: string): Fault => ({
  reply: { status: 200, body: JSON.stringify({ values: [{}], next: url }) },
});
const PAGE_FAULTS: (path: string) => typeof FAULTS = (path) => ({
  'endless paging': [
    next(`https://api.bitbucket.org${path}?page=2`),
    { code: UNAVAILABLE, requests: 10 },
  ],
  'next at another host': [next(`https://bitbucket.org${path}?page=2`), once(UNAVAILABLE)],
  'next at another path': [next('https://api.bitbucket.org/2.0/caught'), once(UNAVAILABLE)],
  'next over http': [next(`http://api.bitbucket.org${path}?page=2`), once(UNAVAILABLE)],
  'next with a user in it': [
    next(`https://a:b@api.bitbucket.org.example${path}`),
    once(UNAVAILABLE),
  ],
  'next is no URL': [next('page 2'), once(UNAVAILABLE)],
});

type Exceptions = Readonly<Record<string, Expectation>>;
const several = (code: Code): Expectation => ({ code, requests: 'several' });
const REFUSED_BY_MANAGEMENT: Exceptions = {
  ...Object.fromEntries(
    [
      '400',
      '401',
      '403',
      '403, a scope is missing',
      '403 in HTML',
      '404',
      '404 in HTML',
      '410',
    ].map((name) => [name, once(MISCONFIGURED)]),
  ),
  ...Object.fromEntries(
    ['429', '429, Retry-After 1', '429, Retry-After 60'].map((name) => [
      name,
      several(UNAVAILABLE),
    ]),
  ),
};

interface Row {
  readonly call: CallName;
  readonly faults: typeof FAULTS;
  readonly except: Exceptions;
  readonly allowedWorkspaces?: string;
  /** A refresh token exchange after the stored sign-in has expired. */
  readonly isLateRefresh?: true;
}

const EMAILS = NAMED_CALLS['e-mails'].endpoint;
const ANY = NAMED_CALLS.workspaces.endpoint;
const ROWS: readonly Row[] = [
  {
    call: 'Management token',
    faults: FAULTS,
    except: REFUSED_BY_MANAGEMENT,
  },
  {
    call: 'Management user',
    faults: FAULTS,
    // Just after accounts were linked, the user is not there for a moment.
    except: {
      ...REFUSED_BY_MANAGEMENT,
      '404': once(UNAVAILABLE),
      '404 in HTML': once(UNAVAILABLE),
    },
  },
  { call: 'user', faults: FAULTS, except: {} },
  {
    call: 'e-mails',
    faults: { ...FAULTS, ...PAGE_FAULTS(EMAILS) },
    except: {},
  },
  {
    call: 'permission',
    faults: FAULTS,
    except: {
      '403': once('bitbucket_workspace_required'),
      '404': once('bitbucket_workspace_required'),
    },
  },
  {
    call: 'workspaces',
    faults: { ...FAULTS, ...PAGE_FAULTS(ANY) },
    except: {},
    allowedWorkspaces: '*',
  },
  {
    call: 'repositories',
    faults: FAULTS,
    except: {
      '403': once('bitbucket_workspace_required'),
      '404': once('bitbucket_workspace_required'),
    },
    allowedWorkspaces: 'acme/infra:write',
  },
  {
    call: 'consumer token',
    faults: FAULTS,
    // Its own bad key: the person has to sign in, and the log names the key.
    except: {
      '400': once(LOGIN_REQUIRED),
      '401': once(LOGIN_REQUIRED),
      '403': once(LOGIN_REQUIRED),
      '403, a scope is missing': once(LOGIN_REQUIRED),
    },
    isLateRefresh: true,
  },
  {
    call: 'member',
    faults: FAULTS,
    // It cannot tell, where it may not look.
    except: {
      '401': once(LOGIN_REQUIRED),
      '403': once(LOGIN_REQUIRED),
      '403, a scope is missing': once(LOGIN_REQUIRED),
      '404': once('bitbucket_workspace_required'),
    },
    isLateRefresh: true,
  },
];

interface Measured {
  readonly code: Code;
  readonly requests: number;
  readonly call: string;
  readonly fault: string;
  readonly ms: number;
  readonly strayRequests: number;
}

const shipped = await Promise.all(
  (await listActionNames()).map(async (name) => ({
    name,
    code: await readFile(bundlePathOf(name), 'utf8'),
  })),
);

/** One tenant a call, so that all calls can be tried at the same time. */
async function measure(row: Row): Promise<readonly Measured[]> {
  const flow: Flow = await startFlow(shipped, {
    ALLOWED_WORKSPACES: row.allowedWorkspaces ?? 'acme',
  });
  const { server: serverName, endpoint } = NAMED_CALLS[row.call];
  const server = flow.sandbox[serverName];
  const measured: Measured[] = [];
  try {
    for (const [fault, [how]] of Object.entries(row.faults)) {
      flow.forget();
      server.faults.set(endpoint, how);
      const startedAt = performance.now();
      const { code, calls } = await (row.isLateRefresh ? flow.refreshLate() : flow.run());
      server.faults.clear();
      const requests = calls.filter((call) => call.endpoint === endpoint).length;
      const strayRequests = calls.filter((call) => call.endpoint.includes('caught')).length;
      const ms = Math.round(performance.now() - startedAt);
      measured.push({ call: row.call, fault, code, requests, ms, strayRequests });
    }
  } finally {
    await flow.close();
  }
  return measured;
}

const measured = new Map(
  (await Promise.all(ROWS.map(measure))).flatMap((rows) =>
    rows.map((row) => [`${row.call}, ${row.fault}`, row] as const),
  ),
);

describe('when there is no fault', () => {
  test('the person gets in, by logins and then by late refreshes', async () => {
    const flow = await startFlow(shipped, { ALLOWED_WORKSPACES: 'acme' });
    try {
      for (const act of [flow.run, flow.run, flow.refreshLate, flow.refreshLate]) {
        expect((await act()).code).toBeUndefined();
      }
    } finally {
      await flow.close();
    }
  });
});

describe('when nothing listens', () => {
  test('at Bitbucket, the person is told that it is not available', async () => {
    const flow = await startFlow(shipped, { ALLOWED_WORKSPACES: 'acme' });
    try {
      await flow.sandbox.bitbucket.close();
      expect((await flow.run()).code).toBe(UNAVAILABLE);
    } finally {
      await flow.close();
    }
  });

  test.each([
    ['a closed port', new Map([['acme.eu.auth0.com:443', 1]])],
    ['a host name that nobody knows', new Map<string, number>()],
  ])('at the Management API (%s), too', async (_, network) => {
    const certificate = await createServerCertificate(['localhost']);
    const runtime = createActionRuntime({ network, certificate: certificate.cert });
    const actions = shipped.map(({ name, code }) => ({
      id: name,
      versionId: name,
      name,
      code,
      secrets: SECRETS,
    }));
    try {
      const result = await runtime.runPostLogin(actions, {
        connection: { name: 'bitbucket', strategy: 'bitbucket' },
        client: { client_id: 'app' },
        user: { user_id: 'bitbucket|1' },
      });
      expect(result.reason).toMatch(/^bitbucket_unavailable: /);
      expect(JSON.parse(result.steps[0]?.log ?? '')).toMatchObject({
        cause: 'management token: dropped',
        calls: 2,
      });
    } finally {
      await runtime.close();
    }
  });
});

describe.each(ROWS)('when the call for the $call meets', (row) => {
  test.each(Object.keys(row.faults))('%s', (fault) => {
    const { code, requests, ms, strayRequests } = measured.get(`${row.call}, ${fault}`) as Measured;
    const expected = row.except[fault] ?? row.faults[fault]?.[1];
    const counted = expected?.requests === 'several' && requests > 1 ? 'several' : requests;
    expect({ code, requests: counted }).toEqual(expected);
    expect(strayRequests).toBe(0);
    // The contract's limit is 8 s; a fault that is waited for takes 3.
    expect(ms).toBeLessThan(9_000);
  });
});

afterAll(() => {
  const lines = [...measured.values()].map(
    ({ call, fault, code, requests, ms }) =>
      `${call.padEnd(17)} ${fault.padEnd(23)} ${(code ?? 'allowed').padEnd(29)} ${requests} ${String(ms).padStart(6)} ms`,
  );
  console.log(
    [
      'call              fault                   outcome                       requests   time',
      ...lines,
    ].join('\n'),
  );
});
