/**
 * Histories that once went wrong, in the shipped files: each as somebody would tell it, with what
 * must come of it. The model judges them as well.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Flow, Handlers } from './flow.ts';
import { play } from './history.ts';
import { loadHandlers } from './load.ts';
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

let handlers: Handlers & { readonly unload: () => void };
beforeAll(() => {
  handlers = loadHandlers();
});
afterAll(() => handlers.unload());

/** The logins of the history, in their order. */
async function happens(...steps: readonly Step[]): Promise<readonly Flow[]> {
  const { wrong, told, flows } = await play(handlers, steps, { isTold: true });
  expect(wrong, told.join('\n')).toEqual([]);
  return flows;
}
const lastOf = async (...steps: readonly Step[]) => (await happens(...steps)).at(-1);
const endOf = async (...steps: readonly Step[]) => outcomeOf(await lastOf(...steps));

const LAST_KNOWN = set({ ON_OUTAGE: 'last_known' });
const CONSUMER = set({ hasConsumer: true });
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
