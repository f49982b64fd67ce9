/** Outages that somebody could make himself, and real ones. */
import { describe, expect, test } from 'vitest';
import type { Call } from '#actions/lib/http/send.ts';
import {
  ANOTHER,
  access,
  askedRepositories,
  askedWorkspace,
  asPerson,
  claim,
  createPerson,
  limited,
  listOf,
  membership,
  no,
  workspaceOf,
} from './support.ts';

const LAST_KNOWN = { ON_OUTAGE: 'last_known' };

describe('a removed member who has used up his own rate limit', () => {
  test.each([
    ['is not answered in time when it is asked again', 'timed_out'],
    ['is dropped when it is asked again', 'dropped'],
    ['is 503 when it is asked again', 503],
  ])('is not let in by what was known where a call %s', async (_, second) => {
    const person = createPerson(LAST_KNOWN);
    await person.login();
    const login = await person.login({
      minutesLater: 5,
      script: {
        'bitbucket permission': (_call: Call, count: number) => (count === 0 ? limited(1) : second),
      },
    });
    expect(login.code).toBe('bitbucket_unavailable');
  });

  test('is not let in where asking again would be one call too many', async () => {
    const slugs = Array.from({ length: 30 }, (_, index) => `other${index}/site`);
    const person = createPerson(
      { ...LAST_KNOWN, ALLOWED_WORKSPACES: [...slugs, 'last/site'].join() },
      {
        'bitbucket repositories': (call: Call) => ({
          values: askedRepositories(call)
            .filter((name) => name === 'last/site')
            .map((name) => access(name, 'write')),
        }),
      },
    );
    expect((await person.login()).code).toBeUndefined();
    const login = await person.login({
      minutesLater: 5,
      script: { 'bitbucket repositories': limited(1) },
    });
    expect(login.code).toBe('bitbucket_unavailable');
  });

  test('is not let in where every call is 429', async () => {
    const person = createPerson(LAST_KNOWN);
    await person.login();
    const login = await person.login({ minutesLater: 5, script: asPerson(limited()) });
    expect(login.code).toBe('bitbucket_unavailable');
  });
});

describe('a refusal in Bitbucket’s own words is an answer, which nothing that was known stands in for', () => {
  test.each(['bitbucket user', 'bitbucket emails'])('at %s', async (endpoint) => {
    const person = createPerson(LAST_KNOWN);
    await person.login();
    const login = await person.login({ minutesLater: 5, script: { [endpoint]: no() } });
    expect(login.code).toBeDefined();
  });

  test('at the list of workspaces', async () => {
    const person = createPerson({ ...LAST_KNOWN, ALLOWED_WORKSPACES: '*' });
    await person.login();
    const login = await person.login({
      minutesLater: 5,
      script: { 'bitbucket workspaces': no() },
    });
    expect(login.code).toBeDefined();
  });
});

test('somebody who made himself more workspaces than are read is not let in by what was known', async () => {
  const rules = Array.from({ length: 11 }, (_, index) => `team${index}`);
  const person = createPerson({ ...LAST_KNOWN, ALLOWED_WORKSPACES: [...rules, 'acme'].join() });
  expect((await person.login()).code).toBeUndefined();
  const page = ({ path }: Call) => ({
    ...listOf(Array.from({ length: 100 }, (_, index) => `own-${index}`)),
    next: `https://api.bitbucket.org/2.0/user/workspaces?page=${path.length}`,
  });
  const login = await person.login({
    minutesLater: 5,
    script: { 'bitbucket workspaces': page, 'bitbucket permission': no() },
  });
  expect(login.code).toBe('bitbucket_unavailable');
});

describe('where Bitbucket does not say whose token it is', () => {
  test('a list that names nobody is not told as that of the account that is known', async () => {
    const person = createPerson({ ...LAST_KNOWN, ALLOWED_WORKSPACES: '*' });
    await person.login();
    const login = await person.login({
      minutesLater: 5,
      script: { 'bitbucket user': 503, 'bitbucket workspaces': listOf(['of-another']) },
    });
    expect(JSON.stringify(login.claims)).not.toContain('of-another');
  });

  test('a membership of another account is a mistake of the setup, and nothing of it is kept', async () => {
    const person = createPerson(LAST_KNOWN);
    await person.login();
    const login = await person.login({
      minutesLater: 5,
      script: {
        'bitbucket user': 503,
        'bitbucket permission': membership('acme', 'owner', ANOTHER),
      },
    });
    expect(login.code).toBe('bitbucket_misconfigured');
    expect(JSON.stringify(person.kept())).not.toContain('owner');
  });

  test('the first account decides nothing until it is named again', async () => {
    const person = createPerson(LAST_KNOWN);
    await person.login();
    const another = { 'bitbucket user': { type: 'user', uuid: ANOTHER } };
    await person.login({ minutesLater: 5, script: another });
    const down = { 'management user': 503 };
    const outage = await person.login({ minutesLater: 5, script: down });
    const refresh = await person.login({ minutesLater: 5, kind: 'refresh', script: down });
    const again = await person.login({ minutesLater: 5 });
    const known = await person.login({ minutesLater: 5, script: down });
    expect([outage.code, refresh.code, again.code, known.code]).toEqual([
      'bitbucket_unavailable',
      'bitbucket_unavailable',
      undefined,
      undefined,
    ]);
  });
});

describe('the 60 calls', () => {
  test('go to what the rules name first: workspaces before the repositories of later rules', async () => {
    const teams = Array.from({ length: 12 }, (_, index) => `team${index}`);
    const others = Array.from({ length: 50 }, (_, index) => `other${index}/site`);
    const person = createPerson(
      { ALLOWED_WORKSPACES: [...teams, ...others].join() },
      {
        'bitbucket workspaces': listOf(teams),
        'bitbucket permission': ({ path }: Call) =>
          askedWorkspace(path) === 'team11' ? membership('team11') : no(),
      },
    );
    expect((await person.login()).code).toBeUndefined();
  });

  test('go to a repository that is known as a yes before others', async () => {
    const others = Array.from({ length: 49 }, (_, index) => `other${index}/site`);
    const teams = Array.from({ length: 10 }, (_, index) => `team${index}`);
    const last = {
      'bitbucket repositories': (call: Call) => ({
        values: askedRepositories(call)
          .filter((name) => name === 'last/site')
          .map((name) => access(name, 'read')),
      }),
      'bitbucket permission': no(),
    };
    const person = createPerson({ ALLOWED_WORKSPACES: [...teams, ...others, 'last/site'].join() });
    const alone = { bitbucket_allowed_workspaces: 'last/site' };
    expect((await person.login({ script: last, metadata: alone })).code).toBeUndefined();
    expect((await person.login({ script: last, minutesLater: 5 })).code).toBeUndefined();
  });

  test('a role of a workspace beyond the first hundred is found under *', async () => {
    const roles = Array.from({ length: 11 }, (_, index) => `role=team${index}`);
    const own = Array.from({ length: 100 }, (_, index) => `own-${index}`);
    const person = createPerson(
      { ALLOWED_WORKSPACES: '*', ROLES: roles.join() },
      {
        'bitbucket workspaces': ({ path }: Call) =>
          path.includes('page=2')
            ? listOf(['team3'])
            : {
                ...listOf(own),
                next: 'https://api.bitbucket.org/2.0/user/workspaces?page=2',
              },
        'bitbucket permission': ({ path }: Call) => membership(askedWorkspace(path) ?? ''),
      },
    );
    const login = await person.login();
    expect(login.code).toBeUndefined();
    expect(claim(login, 'roles')).toEqual(['role']);
  });
});

test('a no that names another person is no answer', async () => {
  const person = createPerson();
  const strange = membership('acme', 'a-new-word', ANOTHER);
  const login = await person.login({ script: { 'bitbucket permission': strange } });
  expect(login.code).toBe('bitbucket_unavailable');
});

test('a workspace under another name than asked is no answer', async () => {
  const person = createPerson();
  const moved = { ...membership('acme'), workspace: workspaceOf('acme2') };
  const login = await person.login({ script: { 'bitbucket permission': moved } });
  expect(login.code).toBe('bitbucket_unavailable');
});
