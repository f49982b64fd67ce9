/** Rules by repository: what is asked, and what the answers mean. */
import { describe, expect, test } from 'vitest';
import {
  ACME,
  accessToRepository,
  afterwards,
  CONSUMER,
  claimIn,
  EXPIRED,
  INFRA,
  LAST_KNOWN,
  lacking,
  OTHER,
  type RunOptions,
  type RunResult,
  run,
  type Script,
} from '#test/support/action-run.ts';

const TOOLS = { uuid: '{d45fb181-db1f-48f7-b41f-e1eff06929d9}', fullName: 'acme/tools' };
const byRule = (rules: string, repositories: Script[string], more: RunOptions = {}) =>
  run({
    ...more,
    secrets: { ALLOWED_WORKSPACES: rules, ...more.secrets },
    script: { 'bitbucket repositories': repositories, ...more.script },
  });
const questionsOf = (result: RunResult) =>
  result.calls
    .filter(({ endpoint }) => endpoint === 'bitbucket repositories')
    .map(({ path }) => new URL(path, 'https://api.bitbucket.org'))
    .map(({ pathname, searchParams }) => [pathname, searchParams.get('q')]);
const page = (...values: readonly unknown[]) => ({ values });

describe('a rule by repository', () => {
  test('is asked about in the same round trip, and claimed', async () => {
    const result = await byRule('acme/infra', page(accessToRepository(INFRA, 'write')));
    expect(result.code).toBeUndefined();
    expect(result.calls).toHaveLength(5);
    expect(questionsOf(result)).toEqual([
      ['/2.0/user/workspaces/acme/permissions/repositories', 'repository.full_name="acme/infra"'],
    ]);
    expect(claimIn(result, 'repositories')).toEqual([
      { uuid: INFRA.uuid, full_name: 'acme/infra', permission: 'write' },
    ]);
    expect(claimIn(result, 'workspaces')).toEqual([]);
  });

  test('several of one workspace are asked about in one call', async () => {
    const result = await byRule(
      `acme/infra,acme/tools:admin,${ACME.uuid}/${INFRA.uuid}`,
      ({ path }: { path: string }) =>
        path.includes('acme/permissions')
          ? page(accessToRepository(INFRA), accessToRepository(TOOLS, 'admin'))
          : page(accessToRepository(INFRA)),
    );
    expect(result.code).toBeUndefined();
    expect(questionsOf(result)).toEqual([
      [
        '/2.0/user/workspaces/acme/permissions/repositories',
        'repository.full_name="acme/infra" OR repository.full_name="acme/tools"',
      ],
      [
        `/2.0/user/workspaces/${encodeURIComponent(ACME.uuid)}/permissions/repositories`,
        `repository.uuid="${INFRA.uuid}"`,
      ],
    ]);
    expect(claimIn(result, 'repositories')).toHaveLength(2);
  });

  test('where Bitbucket does not take the OR (400), each is asked about alone', async () => {
    const result = await byRule('acme/infra,acme/tools', [
      400,
      page(),
      page(accessToRepository(TOOLS)),
    ]);
    expect(result.code).toBeUndefined();
    expect(
      questionsOf(result)
        .slice(1)
        .map(([, q]) => q),
    ).toEqual(['repository.full_name="acme/infra"', 'repository.full_name="acme/tools"']);
  });

  test('where Bitbucket takes not even one (400), nothing was answered', async () => {
    const result = await byRule('acme/infra,acme/tools', 400);
    expect(result.log).toMatchObject({
      code: 'bitbucket_unavailable',
      cause: 'bitbucket repositories: 400',
    });
  });

  const person = ({ uuid }: { uuid: string }) => accessToRepository(INFRA, 'admin', uuid);
  test.each<[string, Script[string], string | undefined]>([
    ['an empty list is a no', page(), 'bitbucket_workspace_required'],
    ['a 403 is a no', 403, 'bitbucket_workspace_required'],
    ['a 404 is a no', 404, 'bitbucket_workspace_required'],
    ['too little is a no', page(accessToRepository(INFRA, 'read')), 'bitbucket_workspace_required'],
    [
      'a permission that nobody knows is a no',
      page(accessToRepository(INFRA, 'own')),
      'bitbucket_workspace_required',
    ],
    ['enough is a yes', page(accessToRepository(INFRA, 'write')), undefined],
    ['more is a yes', page(accessToRepository(INFRA, 'admin')), undefined],
    [
      'the name in other letters is the same',
      page(accessToRepository({ ...INFRA, fullName: 'Acme/INFRA' }, 'write')),
      undefined,
    ],
    [
      'another repository is unreadable',
      page(accessToRepository(TOOLS, 'admin')),
      'bitbucket_unavailable',
    ],
    ['another person is unreadable', page(person(OTHER)), 'bitbucket_unavailable'],
    [
      'an entry without a permission is unreadable',
      page({ ...accessToRepository(), permission: 1 }),
      'bitbucket_unavailable',
    ],
    ['no list is unreadable', {}, 'bitbucket_unavailable'],
    ['HTML is unreadable', '<html>', 'bitbucket_unavailable'],
    ['a 403 of a proxy is an outage', { status: 403, text: '' }, 'bitbucket_unavailable'],
    ['429 is the person’s own limit', 429, 'bitbucket_unavailable'],
    ['500 is an outage', 500, 'bitbucket_unavailable'],
    ['401 is an expired sign-in', 401, 'bitbucket_login_required'],
    ['a missing permission is misconfigured', lacking('repository'), 'bitbucket_misconfigured'],
  ])('%s', async (_, answer, code) => {
    expect((await byRule('acme/infra:write', answer)).code).toBe(code);
  });

  test('the permission that the consumer lacks is named in the log', async () => {
    const { log } = await byRule('acme/infra', lacking('repository'));
    expect(log.cause).toBe('bitbucket repositories: 403, the consumer lacks repository');
  });

  test('is one of the alternatives: another one that is satisfied is enough', async () => {
    expect((await byRule('acme/infra,acme', lacking('repository'))).code).toBeUndefined();
  });

  test('is known through an outage, where that is wanted, and by facts that are young', async () => {
    const rules = { secrets: { ALLOWED_WORKSPACES: 'acme/infra:write' } };
    const login = await byRule('acme/infra:write', page(accessToRepository(INFRA, 'write')));
    const user = afterwards(login, 10);
    const refresh = await run({ ...rules, isRefresh: true, user });
    expect([refresh.code, refresh.calls]).toEqual([undefined, []]);
    expect(refresh.idToken).toEqual(login.idToken);
    const secrets = { ...rules.secrets, ...LAST_KNOWN };
    const script = { 'bitbucket repositories': 500 };
    expect((await run({ secrets, user, script })).log.source).toBe('last_known');
    expect((await run({ ...rules, user, script })).code).toBe('bitbucket_unavailable');
  });

  test('a no ends what was known by the other way to write it', async () => {
    const login = await byRule('acme/infra', page(accessToRepository()));
    const byUuid = `${ACME.uuid}/${INFRA.uuid}`;
    const no = await byRule(byUuid, page(), { user: afterwards(login, 2) });
    expect(no.code).toBe('bitbucket_workspace_required');
    const refresh = await byRule('acme/infra', page(), {
      isRefresh: true,
      user: afterwards(no, 1),
    });
    expect(refresh.code).toBe('bitbucket_workspace_required');
  });

  test('is never proved by the consumer', async () => {
    const login = await byRule('acme/infra,acme:owner', page(accessToRepository()));
    const refresh = await run({
      isRefresh: true,
      secrets: { ...CONSUMER, ALLOWED_WORKSPACES: 'acme/infra,acme:owner' },
      user: afterwards(login, 180),
      script: EXPIRED,
    });
    expect(refresh.code).toBe('bitbucket_login_required');
  });
});

test('without such rules nobody is asked for more, and there is no claim', async () => {
  const result = await run();
  expect(questionsOf(result)).toEqual([]);
  expect(claimIn(result, 'repositories')).toBeUndefined();
});
