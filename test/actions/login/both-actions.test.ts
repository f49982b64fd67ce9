/** The two Actions in one flow: one look for both. */
import { describe, expect, test } from 'vitest';
import {
  ACME,
  ADDRESS,
  accessOf,
  claimIn,
  EMAIL,
  emailOf,
  MANAGEMENT_TOKEN,
  membershipOf,
  NOW,
  numbered,
  PERSON,
  run,
  USER_ID,
  USER_TOKEN,
  WORKSPACES,
} from '#test/support/action-run.ts';

describe('two Actions in one flow', () => {
  test.each([
    ['the e-mail Action first', EMAIL, WORKSPACES],
    ['the membership Action first', WORKSPACES, EMAIL],
  ])('%s: the second makes no call', async (_, first, second) => {
    const one = await run({ spec: first });
    const two = await run({ spec: second, transaction: one.transaction });
    expect(one.calls).toHaveLength(5);
    expect(two.calls).toEqual([]);
    expect(two.code).toBeUndefined();
    expect(two.log.source).toBe('shared');
  });

  test('the second refuses by what the first saw, and records it', async () => {
    const script = {
      'bitbucket emails': { values: [emailOf(ADDRESS, false)] },
      'bitbucket permission': [membershipOf(ACME), 500],
    };
    const secrets = { ALLOWED_WORKSPACES: 'acme,other' };
    const one = await run({ spec: WORKSPACES, script, secrets });
    const two = await run({ spec: EMAIL, script, secrets, transaction: one.transaction });
    expect(one.code).toBeUndefined();
    expect(two.code).toBe('bitbucket_email_unverified');
    expect(two.calls).toEqual([]);
    expect(two.appMetadata.bitbucket).toMatchObject({ email_verified: false });
  });

  test('the refusal of the second is kept, with what the first saw', async () => {
    const script = { 'bitbucket emails': { values: [emailOf(ADDRESS, false)] } };
    const one = await run({ spec: WORKSPACES, script });
    const two = await run({ spec: EMAIL, script, transaction: one.transaction });
    expect(two.appMetadata).toMatchObject({
      bitbucket: one.appMetadata.bitbucket,
      bitbucket_look: { refusal: { code: 'bitbucket_email_unverified' } },
    });
  });

  test('where both let in, the second has nothing to write', async () => {
    const one = await run({ spec: EMAIL });
    const two = await run({ transaction: one.transaction });
    expect(two.writes.filter((write) => write.startsWith('app_metadata'))).toEqual([]);
  });

  test('hours later, after a redirect, the first one’s look is not taken', async () => {
    const one = await run({ spec: EMAIL, startsAt: NOW - 2 * 60 * 60_000 });
    const two = await run({ transaction: one.transaction });
    expect(two.log.source).toBe('live');
    expect(two.calls).toHaveLength(5);
  });

  test.each([
    [30_000, 'shared'],
    [30_001, 'live'],
  ])('%d ms later it is %s', async (later, source) => {
    const one = await run({ spec: EMAIL, startsAt: NOW - later });
    expect((await run({ transaction: one.transaction })).log.source).toBe(source);
  });

  test('a look that another Action forged is not taken', async () => {
    const forged = JSON.stringify({
      userId: USER_ID,
      sharedAt: NOW,
      look: { at: NOW, by: 'person', found: {}, troubles: {} },
    });
    const transaction = new Map([['bitbucket_look', forged]]);
    const result = await run({ transaction, script: { 'bitbucket permission': 403 } });
    expect(result.code).toBe('bitbucket_workspace_required');
    expect(result.log.source).toBe('live');
  });

  test('the transaction holds no token, address or name in clear', async () => {
    const { transaction } = await run();
    const text = JSON.stringify([...transaction]);
    const clear = [...transaction.values()].map((value) =>
      Buffer.from(String(value), 'base64url').toString('latin1'),
    );
    for (const secret of [ADDRESS, USER_TOKEN, MANAGEMENT_TOKEN, PERSON, USER_ID]) {
      for (const one of [text, ...clear]) expect(one).not.toContain(secret);
    }
  });

  test('what the first could not find out is not asked again', async () => {
    const script = { 'bitbucket permission': 500 };
    const one = await run({ spec: EMAIL, script });
    const two = await run({ spec: WORKSPACES, script, transaction: one.transaction });
    expect(two.code).toBe('bitbucket_unavailable');
    expect(two.calls).toEqual([]);
  });

  test.each([
    ['other workspaces', { secrets: { ALLOWED_WORKSPACES: 'acme,other' } }],
    ['another address', { user: { email: 'somebody@example.com' } }],
    ['another user', { user: { user_id: 'bitbucket|somebody' } }],
  ])('a look for %s is not taken', async (_, difference) => {
    const one = await run({ spec: EMAIL });
    const two = await run({ ...difference, transaction: one.transaction });
    expect(two.calls.length).toBeGreaterThan(0);
  });

  test('100 workspaces with long names are shared in parts', async () => {
    const workspaces = numbered(100, (index) => `workspace-with-a-rather-long-name-${index}`);
    const options = {
      secrets: { ALLOWED_WORKSPACES: '*' },
      script: {
        'bitbucket workspaces': { values: workspaces.map((workspace) => accessOf(workspace)) },
      },
    };
    const one = await run({ ...options, spec: EMAIL });
    const two = await run({ ...options, transaction: one.transaction });
    expect(two.calls).toEqual([]);
    expect(claimIn(two, 'workspaces')).toContainEqual(workspaces[0]);
  });

  test('a transaction that takes nothing costs a second look, not the login', async () => {
    const api = {
      transaction: {
        setMetadata: () => {
          throw new Error('too large');
        },
      },
    };
    const one = await run({ spec: EMAIL, api });
    const two = await run({ transaction: one.transaction, api });
    expect([one.code, two.code]).toEqual([undefined, undefined]);
    expect(two.calls).toHaveLength(5);
  });
});
