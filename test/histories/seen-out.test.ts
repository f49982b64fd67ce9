/**
 * Histories in which once somebody got in who should not, each as one would tell it.
 */
import { describe, expect, test } from 'vitest';
import { useShippedFiles } from './by-hand.ts';
import {
  applicationAllows,
  bitbucketIsDown,
  claimOf,
  fails,
  namesOf,
  outcomeOf,
  refreshes,
  set,
  signsIn,
  stands,
  waits,
} from './tell.ts';

const { happens, lastOf, endOf } = useShippedFiles();
const LAST_KNOWN = set({ ON_OUTAGE: 'last_known' });
const THREE_HOURS = 180;

describe('A no is known', () => {
  test('to application A, when B heard it while another workspace could not be looked up', async () => {
    const flows = await happens(
      applicationAllows(1, 'acme,beta'),
      signsIn(),
      stands('acme', 'none'),
      signsIn({ at: 1, failures: [fails('permission beta', '503')] }),
      waits(1),
      refreshes(bitbucketIsDown),
      refreshes(),
    );
    expect(flows.map(outcomeOf)).toEqual([
      'in',
      'bitbucket_unavailable',
      expect.not.stringMatching(/^in$/),
      'bitbucket_workspace_required',
    ]);
  });

  test('of an address that was not confirmed in a look in which the workspaces failed', async () => {
    const end = await endOf(
      LAST_KNOWN,
      { do: 'application', at: 1, metadata: { bitbucket_require_verified_email: 'false' } },
      signsIn(),
      { do: 'confirm', address: 0, isConfirmed: false },
      signsIn({ at: 1, failures: [fails('permission', '503')] }),
      waits(1),
      signsIn(bitbucketIsDown),
    );
    expect(end).not.toBe('in');
  });

  test('of an owner who was demoted, said while /2.0/user fails', async () => {
    const flows = await happens(
      LAST_KNOWN,
      set({ ALLOWED_WORKSPACES: 'acme:owner' }),
      stands('acme', 'owner'),
      signsIn(),
      stands('acme', 'member'),
      signsIn({ failures: [fails('account', '503')] }),
    );
    expect(flows.map(outcomeOf)).toEqual(['in', 'bitbucket_workspace_required']);
  });

  test('when the event shows that it is newer than the flow itself', async () => {
    // Two instances, whose clocks differ by a second.
    const end = await endOf(
      signsIn(),
      stands('acme', 'none'),
      waits(5),
      signsIn(),
      stands('acme', 'member'),
      { do: 'wait', ms: -21_000 },
      signsIn(),
    );
    expect(end).toBe('bitbucket_workspace_required');
  });
});

describe('The list of a person’s own workspaces', () => {
  const anybody = applicationAllows(1, '*');
  const owners = set({ ALLOWED_WORKSPACES: 'acme:owner' });

  test('says of an owner who was demoted that they are none: a no is known', async () => {
    const demoted = [anybody, owners, stands('acme', 'owner'), signsIn(), stands('acme', 'member')];
    expect(await endOf(...demoted, signsIn({ at: 1 }), refreshes(bitbucketIsDown))).not.toBe('in');
    const later = [signsIn({ at: 1 }), waits(THREE_HOURS), signsIn(bitbucketIsDown)];
    expect(await endOf(LAST_KNOWN, ...demoted, ...later)).not.toBe('in');
  });

  test('is not added to from what was known, while nothing is down', async () => {
    const flow = await lastOf(
      LAST_KNOWN,
      anybody,
      stands('acme', 'owner'),
      signsIn(),
      waits(THREE_HOURS),
      stands('acme', 'member'),
      signsIn({ at: 1 }),
    );
    expect(claimOf(flow, 'workspaces')).toEqual([namesOf.acme]);
  });

  test('is enough under *, for a guest too, whatever a role asks', async () => {
    const guest = [anybody, stands('acme', 'guest')];
    expect(await endOf(...guest, signsIn({ at: 1 }))).toBe('in');
    expect(await endOf(...guest, set({ ROLES: 'admin=acme:owner' }), signsIn({ at: 1 }))).toBe(
      'in',
    );
  });
});

describe('Nobody gets in', () => {
  test('by the memberships of another account behind the same identity', async () => {
    const flows = await happens(
      LAST_KNOWN,
      signsIn(),
      { do: 'become', account: 1 },
      signsIn({ failures: [fails('permission', '503'), fails('emails', '503')] }),
      refreshes(bitbucketIsDown),
      { do: 'become', account: 0 },
      signsIn(),
    );
    expect(outcomeOf(flows[1])).toBe('bitbucket_misconfigured');
    expect(outcomeOf(flows[2])).not.toBe('in');
    expect(outcomeOf(flows[3])).toBe('in');
  });

  test('by using up the own rate limit after being removed', async () => {
    const end = await endOf(
      LAST_KNOWN,
      signsIn(),
      stands('acme', 'none'),
      signsIn({ failures: [fails('bitbucket', '429')] }),
    );
    expect(end).toBe('bitbucket_unavailable');
  });

  test('by a look that counts from when its flow ended', async () => {
    const end = await endOf(
      signsIn({ isHeld: true }),
      waits(59),
      { do: 'land', which: 'oldest' },
      waits(2),
      refreshes(bitbucketIsDown),
    );
    expect(end).toBe('bitbucket_unavailable');
  });

  test.each(['remove bitbucket_look', 'null bitbucket_look'] as const)(
    'by a summary alone: %s',
    async (how) => {
      const tampered = [LAST_KNOWN, signsIn(), { do: 'tamper', how } as const];
      expect(await endOf(...tampered, refreshes(bitbucketIsDown))).toBe('bitbucket_unavailable');
      expect(await endOf(...tampered, refreshes())).toBe('in');
    },
  );

  test('whose account is not active', async () => {
    expect(await endOf({ do: 'activate', isActive: false }, signsIn())).not.toBe('in');
  });
});
