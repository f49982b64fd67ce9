/** Histories in which an older yes must not outlive a newer no. */
import { describe, expect, test } from 'vitest';
import type { Call } from '#actions/lib/http/send.ts';
import {
  access,
  askedRepositories,
  claim,
  createPerson,
  listOf,
  membership,
  no,
  uuidOf,
  workspaceOf,
} from './support.ts';

const HOURS = 60;
const BY_UUID = `${uuidOf('acme')}/${uuidOf('acme/infra')}`;
const repositories = (permission: string | undefined) => ({
  'bitbucket repositories': (call: Call) => ({
    values:
      permission === undefined
        ? []
        : askedRepositories(call).map(() => access('acme/infra', permission)),
  }),
});

describe('under *', () => {
  test('somebody whose list is answered empty, while /2.0/user fails, is not let in by an older list', async () => {
    const person = createPerson({ ALLOWED_WORKSPACES: '*' });
    expect((await person.login()).code).toBeUndefined();
    const removed = { 'bitbucket workspaces': { values: [] } };
    const partly = await person.login({
      minutesLater: 10,
      script: { ...removed, 'bitbucket user': 503 },
    });
    expect(partly.code).toBeDefined();
    const refresh = await person.login({ kind: 'refresh', minutesLater: 10, script: removed });
    expect(refresh.code).toBe('bitbucket_workspace_required');
  });

  test('the same in an outage with last_known', async () => {
    const person = createPerson({ ALLOWED_WORKSPACES: '*', ON_OUTAGE: 'last_known' });
    await person.login();
    await person.login({
      minutesLater: 10,
      script: { 'bitbucket workspaces': { values: [] }, 'bitbucket user': 503 },
    });
    const outage = await person.login({ minutesLater: 10, script: { 'management user': 503 } });
    expect(outage.code).toBeDefined();
  });

  test('a permission of before is not claimed where nothing failed and nobody was asked about it', async () => {
    const person = createPerson({ ON_OUTAGE: 'last_known' });
    await person.login({ script: { 'bitbucket permission': membership('acme', 'owner') } });
    const demoted = { 'bitbucket workspaces': listOf(['acme'], false) };
    const login = await person.login({
      minutesLater: 3 * HOURS,
      metadata: { bitbucket_allowed_workspaces: '*' },
      script: demoted,
    });
    expect(login.code).toBeUndefined();
    expect(claim(login, 'groups')).toEqual([uuidOf('acme')]);
  });

  test('a membership of before is not claimed where the list was answered, though not all of it can be read', async () => {
    const person = createPerson({ ON_OUTAGE: 'last_known' });
    await person.login({ script: { 'bitbucket permission': membership('acme', 'owner') } });
    const list = { values: [...listOf(['own']).values, { type: 'workspace_access' }] };
    const login = await person.login({
      minutesLater: 3 * HOURS,
      metadata: { bitbucket_allowed_workspaces: '*' },
      script: { 'bitbucket workspaces': list },
    });
    expect(login.code).toBeUndefined();
    expect(claim(login, 'workspaces')).toEqual([workspaceOf('own')]);
  });
});

describe('a repository by two names', () => {
  const bySlug = { bitbucket_allowed_workspaces: 'acme/infra:write' };
  const byUuid = { bitbucket_allowed_workspaces: `${BY_UUID}:write` };

  test('a no by its uuids ends what is known by its full name', async () => {
    const person = createPerson();
    await person.login({ metadata: bySlug, script: repositories('write') });
    await person.login({ minutesLater: 5, metadata: byUuid, script: repositories(undefined) });
    const refresh = await person.login({
      kind: 'refresh',
      minutesLater: 5,
      metadata: bySlug,
      script: repositories(undefined),
    });
    expect(refresh.code).toBe('bitbucket_workspace_required');
  });

  test('a lower permission by its full name ends a higher one by its uuids', async () => {
    const person = createPerson();
    await person.login({ metadata: byUuid, script: repositories('write') });
    await person.login({ minutesLater: 5, metadata: bySlug, script: repositories('read') });
    const refresh = await person.login({
      kind: 'refresh',
      minutesLater: 5,
      metadata: byUuid,
      script: repositories('read'),
    });
    expect(refresh.code).toBe('bitbucket_workspace_required');
  });

  test('a lower permission that was heard by its full name is kept by that name', async () => {
    const person = createPerson();
    await person.login({ metadata: byUuid, script: repositories('write') });
    await person.login({ minutesLater: 5, metadata: bySlug, script: repositories('read') });
    const refresh = await person.login({
      kind: 'refresh',
      minutesLater: 5,
      metadata: bySlug,
      script: repositories('read'),
    });
    expect(refresh.code).toBe('bitbucket_workspace_required');
  });
});

describe('a workspace by two names', () => {
  test('a no by its slug ends what is known by its uuid', async () => {
    const person = createPerson();
    const byUuid = { bitbucket_allowed_workspaces: uuidOf('acme') };
    await person.login({ metadata: byUuid });
    const removed = { 'bitbucket permission': no() };
    await person.login({ minutesLater: 5, script: removed });
    const refresh = {
      kind: 'refresh',
      minutesLater: 5,
      metadata: byUuid,
      script: removed,
    } as const;
    expect((await person.login(refresh)).code).toBe('bitbucket_workspace_required');
  });

  test('a slug that somebody else took is not the workspace that is known by it', async () => {
    const person = createPerson({ ON_OUTAGE: 'last_known' });
    await person.login();
    const taken = { ...membership('acme'), workspace: { uuid: uuidOf('taker'), slug: 'acme' } };
    await person.login({
      minutesLater: 5,
      metadata: { bitbucket_allowed_workspaces: uuidOf('taker') },
      script: { 'bitbucket permission': taken },
    });
    const outage = await person.login({
      kind: 'refresh',
      minutesLater: 5,
      metadata: { bitbucket_allowed_workspaces: workspaceOf('acme').uuid },
      script: { 'management token': 503, 'management user': 503 },
    });
    expect(outage.code).toBe('bitbucket_unavailable');
  });

  test('an owner who was removed and is a member again is no owner by what was known', async () => {
    const person = createPerson({ ALLOWED_WORKSPACES: 'acme:owner', ON_OUTAGE: 'last_known' });
    const answered = (permission: string) => ({
      'bitbucket permission': membership('acme', permission),
    });
    await person.login({ script: answered('owner') });
    await person.login({ minutesLater: 5, script: { 'bitbucket permission': no() } });
    await person.login({ minutesLater: 5, script: answered('member') });
    const outage = await person.login({ minutesLater: 5, script: { 'management user': 503 } });
    expect(outage.code).toBe('bitbucket_workspace_required');
  });
});

describe('clocks that differ', () => {
  test('a no of now counts, although a faster clock has dated the yes before it', async () => {
    const person = createPerson();
    await person.login();
    const removed = { 'bitbucket permission': no() };
    const login = await person.login({ minutesLater: -0.5, script: removed });
    expect(login.code).toBe('bitbucket_workspace_required');
    const refresh = await person.login({ kind: 'refresh', minutesLater: 5, script: removed });
    expect(refresh.code).toBe('bitbucket_workspace_required');
  });
});

describe('what has no room', () => {
  test('is forgotten whole: a no without room leaves no older yes behind', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `a-rather-long-workspace-name-${index}`);
    const person = createPerson({ ALLOWED_WORKSPACES: [...many, 'acme'].join() });
    const reached = (slugs: readonly string[]) => ({
      'bitbucket workspaces': listOf(slugs),
      'bitbucket permission': ({ path }: Call) =>
        membership(decodeURIComponent(path.split('/')[4] ?? '')),
    });
    await person.login({ script: reached([...many.slice(0, 40), 'acme']) });
    await person.login({ minutesLater: 5, script: reached(many.slice(0, 40)) });
    expect(Buffer.byteLength(JSON.stringify(person.kept()))).toBeLessThanOrEqual(4_096);
    const refresh = await person.login({
      kind: 'refresh',
      minutesLater: 5,
      metadata: { bitbucket_allowed_workspaces: 'acme' },
      script: { 'bitbucket permission': no() },
    });
    expect(refresh.code).toBe('bitbucket_workspace_required');
  });
});
