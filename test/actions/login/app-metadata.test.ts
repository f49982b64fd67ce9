/** What is kept of a login in the user's profile. */
import { describe, expect, test } from 'vitest';
import {
  ACME,
  ADDRESS,
  accessOf,
  afterwards,
  CONSUMER,
  EMAIL,
  emailOf,
  MANAGEMENT_TOKEN,
  NOW,
  numbered,
  PERSON,
  type RunOptions,
  type RunResult,
  run,
  USER_TOKEN,
  WORKSPACES,
} from '#test/support/action-run.ts';

const refusalIn = ({ metadataAfter }: RunResult) =>
  (metadataAfter.bitbucket_look as Readonly<Record<string, unknown>>).refusal;

describe('app_metadata.bitbucket', () => {
  test('holds what the look found, and no address', async () => {
    const { appMetadata } = await run();
    expect(appMetadata.bitbucket).toEqual({
      uuid: PERSON,
      email_verified: true,
      workspaces: [{ ...ACME, permission: 'member' }],
      checked_at: new Date(NOW).toISOString(),
    });
    expect(JSON.stringify(appMetadata)).not.toContain(ADDRESS);
  });

  test('is replaced by a live refusal', async () => {
    const { appMetadata, code } = await run({ script: { 'bitbucket permission': 403 } });
    expect(code).toBe('bitbucket_workspace_required');
    expect(appMetadata.bitbucket).toMatchObject({ workspaces: [], email_verified: true });
  });

  test('keeps what is known in an outage, and gets the refusal beside it', async () => {
    const login = await run();
    const during = await run({
      user: afterwards(login, 10),
      script: { 'management user': 500 },
    });
    expect(during.appMetadata.bitbucket).toEqual({
      ...(login.appMetadata.bitbucket as object),
      checked_at: '2026-11-24T11:50:00.000Z',
    });
    expect(refusalIn(during)).toMatchObject({ cause: 'management user: 500' });
  });

  test('an address that is not confirmed is kept beside an outage', async () => {
    const result = await run({
      spec: EMAIL,
      script: {
        'bitbucket emails': { values: [emailOf(ADDRESS, false)] },
        'bitbucket permission': 500,
      },
    });
    expect(result.code).toBe('bitbucket_email_unverified');
    expect(result.appMetadata).toMatchObject({
      bitbucket: { email_verified: false, workspaces: [] },
      bitbucket_look: { address: { confirmed: false } },
    });
  });

  test('holds at most 4 kB, whatever the person is in', async () => {
    const long = numbered(100, (index) => `${'a-rather-long-slug-'.repeat(4)}${index}`);
    const { appMetadata } = await run({
      secrets: { ALLOWED_WORKSPACES: '*' },
      script: { 'bitbucket workspaces': { values: long.map((one) => accessOf(one, true)) } },
    });
    expect(Buffer.byteLength(JSON.stringify(appMetadata))).toBeLessThanOrEqual(4_000);
    expect((appMetadata.bitbucket as { workspaces: [] }).workspaces.length).toBeGreaterThan(3);
  });

  test('holds no token and no secret', async () => {
    const kept = JSON.stringify((await run({ secrets: CONSUMER })).appMetadata);
    for (const secret of [MANAGEMENT_TOKEN, USER_TOKEN, ...Object.values(CONSUMER)]) {
      expect(kept).not.toContain(secret);
    }
  });
});

describe('the last refusal', () => {
  const refused = { script: { 'bitbucket permission': 403 } };

  test('is kept with its time, code, cause and application', async () => {
    const result = await run(refused);
    expect(refusalIn(result)).toEqual({
      at: new Date(NOW).toISOString(),
      code: 'bitbucket_workspace_required',
      cause: 'no rule is satisfied: 403',
      client_id: 'app',
    });
  });

  test('of a mistake in the settings is kept too, though nothing was looked up', async () => {
    const result = await run({ secrets: { ALLOWED_WORKSPACES: 'a,,b' } });
    expect(result.calls).toEqual([]);
    expect(refusalIn(result)).toMatchObject({
      code: 'bitbucket_misconfigured',
      cause: 'ALLOWED_WORKSPACES: rule 2 is empty',
    });
  });

  test('stays when the person is let in again', async () => {
    const first = await run(refused);
    const later = await run({ user: afterwards(first, 5) });
    expect(later.code).toBeUndefined();
    expect(refusalIn(later)).toMatchObject({ at: '2026-11-24T11:55:00.000Z' });
  });

  const broken = { secrets: { CLAIM_NAMESPACE: 'x' } };
  test('is not written twice within a minute', async () => {
    const first = await run(broken);
    const again = await run({ ...broken, user: { app_metadata: first.metadataAfter } });
    expect(again.writes).toEqual(['deny']);
  });

  test.each<[string, number, RunOptions]>([
    ['a minute later', 1, broken],
    ['of another cause', 0, { secrets: { CLAIM_NAMESPACE: '' } }],
    ['of another application', 0, { ...broken, event: { client: { client_id: 'app-2' } } }],
  ])('is written again %s', async (_, minutes, options) => {
    const first = await run(broken);
    const again = await run({ ...options, user: afterwards(first, minutes) });
    expect(refusalIn(again)).toMatchObject({ at: new Date(NOW).toISOString() });
  });

  test('of an outage is not written twice either', async () => {
    const outage = { script: { 'management user': 500 } };
    const first = await run(outage);
    const again = await run({ ...outage, user: { app_metadata: first.metadataAfter } });
    expect(again.writes).toEqual(['deny']);
  });
});

test('a profile that takes nothing is no reason to refuse', async () => {
  const setAppMetadata = () => {
    throw new Error('too large');
  };
  const { idToken } = await run();
  for (const spec of [EMAIL, WORKSPACES]) {
    const result = await run({ spec, api: { user: { setAppMetadata } } });
    expect(result.code).toBeUndefined();
    expect(result.logLines).toHaveLength(1);
    if (spec === WORKSPACES) expect(result.idToken).toEqual(idToken);
  }
});

test('a profile that takes nothing does not let anybody in either', async () => {
  const setAppMetadata = () => {
    throw new Error('too large');
  };
  const script = { 'bitbucket permission': 403 };
  const result = await run({ script, api: { user: { setAppMetadata } } });
  expect(result.code).toBe('bitbucket_workspace_required');
});
