/** Long lists: who is asked about, in which order, and never more than 60 calls. */
import { describe, expect, test } from 'vitest';
import type { Call } from '#actions/lib/http/send.ts';
import {
  accessOf,
  afterwards,
  claimIn,
  endpointsOf,
  LAST_KNOWN,
  membershipOf,
  numbered,
  type RunResult,
  run,
  type Script,
} from '#test/support/action-run.ts';

const W = numbered(100);
const slugs = (count: number) => W.slice(0, count).map(({ slug }) => slug);
const rules = (count: number, permission = '') =>
  slugs(count)
    .map((slug) => slug + permission)
    .join();
const memberOf =
  (permission = 'member') =>
  ({ path }: Call) => {
    const workspace = W.find(({ slug }) => path.includes(`/${slug}/`));
    return workspace === undefined ? 403 : membershipOf(workspace, permission);
  };
const askedIn = (result: RunResult) =>
  result.calls
    .filter(({ endpoint }) => endpoint === 'bitbucket permission')
    .map(({ path }) => path.split('/')[4]);
const bitbucketCalls = (result: RunResult) =>
  result.calls.filter(({ origin }) => origin.endsWith('bitbucket.org')).length;
const listing = (workspaces: readonly unknown[], more: object = {}): Script => ({
  'bitbucket workspaces': { values: workspaces, ...more },
  'bitbucket permission': memberOf(),
});

describe('up to 10 workspaces', () => {
  test('are asked about one by one, and nothing is listed', async () => {
    const result = await run({
      secrets: { ALLOWED_WORKSPACES: rules(10) },
      script: { 'bitbucket permission': memberOf() },
    });
    expect(askedIn(result)).toEqual(slugs(10));
    expect(endpointsOf(result)).not.toContain('bitbucket workspaces');
  });
});

describe('more than 10 workspaces', () => {
  const eleven = { secrets: { ALLOWED_WORKSPACES: rules(11) } };

  test('only those that the person can reach are asked about', async () => {
    const reached = [W[3], W[50]].map((one) => accessOf(one ?? { uuid: '', slug: '' }));
    const result = await run({ ...eleven, script: listing(reached) });
    expect(result.code).toBeUndefined();
    expect(askedIn(result)).toEqual(['w3']);
  });

  test('the list proves no membership: guests are in it too', async () => {
    const script = {
      ...listing(W.slice(0, 2).map((one) => accessOf(one))),
      'bitbucket permission': 403,
    };
    expect((await run({ ...eleven, script })).code).toBe('bitbucket_workspace_required');
  });

  test('an administrator is an owner, and not asked about', async () => {
    const script = listing([accessOf(W[3] ?? { uuid: '', slug: '' }, true)]);
    const result = await run({
      secrets: { ALLOWED_WORKSPACES: rules(11, ':owner') },
      script,
    });
    expect([result.code, askedIn(result)]).toEqual([undefined, []]);
    expect(claimIn(result, 'groups')).toEqual(['w3', 'w3:owner']);
  });

  test('what the whole list lacks is a no', async () => {
    const result = await run({
      ...eleven,
      script: listing([accessOf(W[50] ?? { uuid: '', slug: '' })]),
    });
    expect(result.log).toMatchObject({
      code: 'bitbucket_workspace_required',
      cause: 'no rule is satisfied: not listed',
    });
    expect(result.appMetadata.bitbucket_look).toMatchObject({
      no: [{ names: slugs(11), reason: 'not listed' }],
    });
  });

  test.each<[string, Script]>([
    ['has an entry that cannot be read', listing([{}])],
    ['has one beside others', listing([{}, accessOf(W[50] ?? { uuid: '', slug: '' })])],
    ['failed', { 'bitbucket workspaces': 500 }],
    [
      'goes on for ever',
      listing([], { next: 'https://api.bitbucket.org/2.0/user/workspaces?page=2' }),
    ],
    ['leads elsewhere', listing([], { next: 'https://example.com/' })],
  ])('what a list lacks that %s is no no', async (_, script) => {
    const result = await run({ ...eleven, script });
    expect(result.code).toBe('bitbucket_unavailable');
    expect(result.appMetadata.bitbucket_look).not.toHaveProperty('no');
  });

  test('one that is reached is enough, though the list is not whole', async () => {
    const script = listing([{}, accessOf(W[5] ?? { uuid: '', slug: '' })]);
    expect((await run({ ...eleven, script })).code).toBeUndefined();
  });

  test('the second page is read, and pages share the budget', async () => {
    const next = 'https://api.bitbucket.org/2.0/user/workspaces?page=2';
    const result = await run({
      ...eleven,
      script: {
        'bitbucket workspaces': [
          { values: [accessOf(W[50] ?? { uuid: '', slug: '' })], next },
          { values: [accessOf(W[7] ?? { uuid: '', slug: '' })] },
        ],
        'bitbucket permission': memberOf(),
      },
    });
    expect([result.code, askedIn(result)]).toEqual([undefined, ['w7']]);
  });
});

describe('a login makes at most 60 calls to Bitbucket', () => {
  const all = listing(W.map((one) => accessOf(one)));

  test('of 100 workspaces those that come first are asked about, and the rest could not be told', async () => {
    const secrets = { ALLOWED_WORKSPACES: rules(100, ':owner') };
    const result = await run({ secrets, script: all });
    expect(bitbucketCalls(result)).toBe(60);
    expect(askedIn(result)).toEqual(slugs(57));
    expect(result.log).toMatchObject({
      code: 'bitbucket_unavailable',
      cause: 'bitbucket permission: not_asked',
    });
  });

  test('what is known as a yes is asked about first', async () => {
    const last = W[99] ?? { uuid: '', slug: '' };
    const login = await run({
      secrets: { ALLOWED_WORKSPACES: 'w99' },
      script: { 'bitbucket permission': membershipOf(last) },
    });
    const result = await run({
      secrets: { ALLOWED_WORKSPACES: rules(100) },
      user: afterwards(login, 120),
      script: {
        ...all,
        'bitbucket permission': ({ path }: Call) =>
          path.includes('/w99/') ? membershipOf(last) : 403,
      },
    });
    expect(askedIn(result)[0]).toBe('w99');
    expect(result.code).toBeUndefined();
  });

  test('retries count', async () => {
    const script = { ...all, 'bitbucket permission': 503 };
    const result = await run({ secrets: { ALLOWED_WORKSPACES: rules(100) }, script });
    expect(bitbucketCalls(result)).toBe(60);
    expect(result.code).toBe('bitbucket_unavailable');
  });

  test('what was not asked is filled in like any outage, where that is wanted', async () => {
    const last = W[99] ?? { uuid: '', slug: '' };
    const login = await run({
      secrets: { ALLOWED_WORKSPACES: 'w99:create-project' },
      script: { 'bitbucket permission': membershipOf(last, 'create-project') },
    });
    const result = await run({
      secrets: { ALLOWED_WORKSPACES: rules(100, ':create-project'), ...LAST_KNOWN },
      user: afterwards(login, 120),
      script: {
        ...all,
        'bitbucket permission': ({ path }: Call) => (path.includes('/w99/') ? 500 : 403),
      },
    });
    expect([result.code, result.log.source]).toEqual([undefined, 'last_known']);
  });

  test('a list that calls nobody an administrator leaves no owner to fill in', async () => {
    const last = W[99] ?? { uuid: '', slug: '' };
    const login = await run({
      secrets: { ALLOWED_WORKSPACES: 'w99:owner' },
      script: { 'bitbucket permission': membershipOf(last, 'owner') },
    });
    const result = await run({
      secrets: { ALLOWED_WORKSPACES: rules(100, ':owner'), ...LAST_KNOWN },
      user: afterwards(login, 120),
      script: {
        ...all,
        'bitbucket permission': ({ path }: Call) => (path.includes('/w99/') ? 500 : 403),
      },
    });
    expect(result.code).toBe('bitbucket_unavailable');
  });

  test('100 workspaces and 50 repositories of 50 workspaces are within it', async () => {
    const repositories = W.slice(0, 50).map(({ slug }) => `${slug}/infra`);
    const result = await run({
      secrets: { ALLOWED_WORKSPACES: [rules(100), ...repositories].join() },
      script: all,
    });
    expect(bitbucketCalls(result)).toBe(60);
    expect(result.elapsedMs).toBeLessThan(8_000);
  });
});
