/**
 * Histories in which once somebody was refused who should not be, refused wrongly, or at too great
 * a cost, each as one would tell it.
 */
import { describe, expect, test } from 'vitest';
import { useShippedFiles } from './by-hand.ts';
import type { Step } from './steps.ts';
import {
  applicationAllows,
  bitbucketIsDown,
  claimOf,
  comesBack,
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
const CONSUMER = set({ hasConsumer: true });
const THREE_HOURS = 180;

describe('Nobody has to sign in again', () => {
  test('when a workspace is added to the list, and the consumer is set', async () => {
    const added = set({ ALLOWED_WORKSPACES: 'beta,acme' });
    expect(await endOf(CONSUMER, signsIn(), waits(THREE_HOURS), added, refreshes())).toBe('in');
  });

  test('because two applications have different lists', async () => {
    const flows = await happens(
      CONSUMER,
      applicationAllows(1, 'beta'),
      stands('beta', 'member'),
      signsIn(),
      waits(THREE_HOURS),
      refreshes({ at: 1 }),
      refreshes(),
      waits(30),
      refreshes({ at: 1 }),
      refreshes(),
    );
    expect(flows.map(outcomeOf)).toEqual(['in', 'in', 'in', 'in', 'in']);
  });

  test('because MANAGEMENT_CLIENT_SECRET was renewed', async () => {
    const renewed = set({ MANAGEMENT_CLIENT_SECRET: 'secret-of-machine-2' });
    const flow = await lastOf(signsIn(), renewed, waits(10), refreshes());
    expect([outcomeOf(flow), flow?.heard]).toEqual(['in', []]);
  });

  test('at a single sign-on hours later, where the consumer is set; else once', async () => {
    const later = [signsIn(), waits(THREE_HOURS), comesBack()];
    expect(await endOf(CONSUMER, ...later)).toBe('in');
    expect(await endOf(...later)).toBe('bitbucket_login_required');
    expect(await endOf(...later, signsIn())).toBe('in');
  });
});

test('An owner by uuid gets in, though the old name of the workspace is answered no', async () => {
  const renamed = { do: 'swap slugs' } as const;
  const both = set({ ALLOWED_WORKSPACES: `${namesOf.acme.uuid}:owner,acme` });
  expect(await endOf(stands('acme', 'owner'), signsIn(), both, renamed, signsIn())).toBe('in');
});

test('A single sign-on minutes after a look costs no call and no write', async () => {
  const flow = await lastOf(signsIn(), waits(10), comesBack());
  expect([outcomeOf(flow), flow?.heard, flow?.asked.appMetadata]).toEqual(['in', [], {}]);
});

describe('The consumer', () => {
  const late = [CONSUMER, signsIn(), waits(THREE_HOURS)];

  test.each(['429', '503', 'silence'] as const)('fails with %s: an outage', async (kind) => {
    const flow = refreshes({ failures: [fails('member', kind)] });
    expect(await endOf(...late, flow)).toBe('bitbucket_unavailable');
  });

  test('has a bad key: the person signs in again, and the log names it', async () => {
    const flow = await lastOf(...late, refreshes({ failures: [fails('key', 'denied')] }));
    expect(outcomeOf(flow)).toBe('bitbucket_login_required');
    expect(flow?.runs[0]?.logLines.join()).toMatch(/consumer|BITBUCKET_KEY/);
  });

  test('proves membership, and no permission', async () => {
    const flow = await lastOf(stands('acme', 'owner'), ...late, refreshes());
    expect(claimOf(flow, 'workspaces')).toEqual([namesOf.acme]);
    expect(claimOf(flow, 'groups')).toEqual(['acme']);
  });
});

test('A proxy that answers for bitbucket.org is no bad key of the consumer', async () => {
  const flow = refreshes({ failures: [fails('key', 'html403')] });
  expect(await endOf(CONSUMER, signsIn(), waits(THREE_HOURS), flow)).toBe('bitbucket_unavailable');
});

describe('What is no answer of Bitbucket', () => {
  test.each(['html403', 'html404', 'garbage', 'huge', 'deep', 'another'] as const)(
    'changes nothing in what is known: %s',
    async (kind) => {
      const flows = await happens(
        signsIn(),
        signsIn({ failures: [fails('permission', kind)] }),
        waits(10),
        refreshes(bitbucketIsDown),
      );
      expect(flows.map(outcomeOf)).toEqual(['in', 'bitbucket_unavailable', 'in']);
    },
  );

  test('nor does a missing permission, for which an admin must act', async () => {
    const flows = await happens(
      signsIn(),
      signsIn({ failures: [fails('permission', 'scope')] }),
      waits(10),
      refreshes(bitbucketIsDown),
    );
    expect(flows.map(outcomeOf)).toEqual(['in', 'bitbucket_misconfigured', 'in']);
  });
});

describe('The Management API', () => {
  test('is waited for when it is at its limit and says for how long', async () => {
    expect(await endOf(signsIn({ busyMs: 3_000 }))).toBe('in');
  });

  test('does not know the user just after accounts were linked: the next sign-in works', async () => {
    const flows = await happens(signsIn({ failures: [fails('profile', 'denied')] }), signsIn());
    expect(flows.map(outcomeOf)).toEqual(['bitbucket_unavailable', 'in']);
  });
});

describe('What the first Action leaves for the second', () => {
  test.each([
    ['an hour later', { pauseMs: 3_600_000 }],
    ['changed by another Action', { isGarbled: true }],
  ])('is not believed %s', async (_, option) => {
    const flow = await lastOf(signsIn(option));
    expect(outcomeOf(flow)).toBe('in');
    expect(flow?.heard.some(({ by, action }) => by === 'person' && action === 1)).toBe(true);
  });
});

describe('A hundred workspaces', () => {
  // As long as the 4,096 characters of a secret allow.
  const names = Array.from({ length: 99 }, (_, index) => `${'long-name-'.repeat(3)}${index}`);
  const founded = names.map((slug): Step => ({ do: 'found', slug, standing: 'member' }));

  test('in the list take at most 60 calls', async () => {
    const list = set({ ALLOWED_WORKSPACES: [...names, 'acme'].join(',') });
    const alone = await lastOf(list, signsIn());
    expect([outcomeOf(alone), (alone?.heard.length ?? 0) < 10]).toEqual(['in', true]);
    expect(await endOf(...founded, list, signsIn())).toBe('in');
  });

  test('with long names fit 4 kB of profile and 3 kB of claims', async () => {
    const flow = await lastOf(...founded, set({ ALLOWED_WORKSPACES: '*' }), signsIn());
    expect(outcomeOf(flow)).toBe('in');
    expect(claimOf(flow, 'workspaces_truncated')).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(flow?.asked.idToken))).toBeLessThan(3_400);
  });
});

describe('A login', () => {
  test('goes well when nothing can be saved', async () => {
    expect(await endOf(signsIn({ savingFails: true }))).toBe('in');
  });

  test('is judged when the event has no connection, by the first identity', async () => {
    const out = [stands('acme', 'none'), signsIn({ isUnnamed: true })];
    expect(await endOf(signsIn({ isUnnamed: true }))).toBe('in');
    expect(await endOf(...out)).toBe('bitbucket_workspace_required');
  });

  test('is judged when the first identity is another provider’s', async () => {
    expect(await endOf(signsIn({ isLinked: true }))).toBe('in');
    expect(await endOf(stands('acme', 'none'), signsIn({ isLinked: true }))).not.toBe('in');
  });

  test('without an address at Auth0 is refused with a sentence for the person', async () => {
    const flow = await lastOf({ do: 'readdress', email: undefined }, signsIn());
    expect(flow?.asked.reasons[0]).toMatch(/^bitbucket_email_unverified: /);
  });
});
