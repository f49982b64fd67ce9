/** What is kept of a person in app_metadata: reading it gives what was known, or less. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Facts } from '#actions/lib/knowledge/facts.ts';
import { addressMark, type Owner } from '#actions/lib/knowledge/owner.ts';
import {
  membersOf,
  permissionOf,
  reachableOf,
  repositoryOf,
  workspaceOf,
} from '#actions/lib/knowledge/query.ts';
import { createStored, type Keep } from '#actions/lib/knowledge/store.ts';
import { readFacts, readRefusal } from '#actions/lib/knowledge/stored.ts';
import { ACME, ADDRESS, INFRA, NOW, numbered, OTHER, PERSON } from '#test/support/action-run.ts';
import { type Answer, knownAfter, looks, NAMES, REPOSITORY_NAMES } from './arbitrary-looks.ts';

const RUNS = { numRuns: 1_000 };
const OWNER: Owner = { connection: 'bitbucket', accounts: ['470c'] };
const HELD = { text: ADDRESS, mark: addressMark(OWNER, ADDRESS) };
const keep = (facts: Facts, more: Partial<Keep> = {}) =>
  createStored({
    facts,
    owner: OWNER,
    address: HELD,
    askedFor: [],
    refusal: undefined,
    ...more,
  });
/** As Auth0 gives it back. */
const throughJson = (stored: object) => JSON.parse(JSON.stringify(stored));
const read = (stored: object) => readFacts(throughJson(stored), OWNER, HELD, NOW);
const bytesOf = (stored: object) => Buffer.byteLength(JSON.stringify(stored));

describe('reading what was stored', () => {
  test('gives the same answer about every name, or none, never more', () => {
    fc.assert(
      fc.property(looks, fc.subarray([...NAMES, ...REPOSITORY_NAMES]), (told, askedFor) => {
        const known = knownAfter(told);
        const restored = read(keep(known, { askedFor }));
        for (const name of NAMES) {
          const answer = workspaceOf(restored, name);
          if (answer?.is === 'yes') expect(answer).toEqual(workspaceOf(known, name));
        }
        for (const name of REPOSITORY_NAMES) {
          const answer = repositoryOf(restored, name);
          if (answer?.is === 'yes') expect(answer).toEqual(repositoryOf(known, name));
        }
        for (const workspace of membersOf(restored)) {
          const permission = permissionOf(restored, workspace);
          if (permission) expect(permission).toEqual(permissionOf(known, workspace));
        }
        const reachable = reachableOf(known).map(({ uuid, at }) => ({ uuid, at }));
        for (const { uuid, at } of reachableOf(restored)) {
          expect(reachable).toContainEqual({ uuid, at });
        }
      }),
      RUNS,
    );
  });

  test('gives every yes, every no that stands, the account and the address, where all of it fits', () => {
    fc.assert(
      fc.property(looks, (told) => {
        const known = knownAfter(told);
        const restored = read(keep(known));
        expect(restored.account).toEqual(known.account);
        expect(restored.anotherAccountAt).toEqual(known.anotherAccountAt);
        expect(restored.address).toEqual(known.address);
        for (const one of membersOf(known)) {
          expect(workspaceOf(restored, one.uuid)).toMatchObject({ is: 'yes', at: one.at });
          expect(permissionOf(restored, one)).toEqual(permissionOf(known, one));
        }
        for (const name of NAMES) {
          const answer = workspaceOf(known, name);
          if (answer?.is === 'no' && answer.reason !== 'not listed') {
            expect(workspaceOf(restored, name)).toEqual(answer);
          }
        }
      }),
      RUNS,
    );
  });

  test('and storing it again changes nothing, so that nothing needs to be written', () => {
    fc.assert(
      fc.property(looks, fc.subarray([...NAMES]), (told, askedFor) => {
        const stored = keep(knownAfter(told), { askedFor });
        expect(JSON.stringify(keep(read(stored), { askedFor }))).toBe(JSON.stringify(stored));
      }),
      RUNS,
    );
  });
});

describe('whatever is known', () => {
  const longNamed = numbered(100, (index) => `${'a-rather-long-slug-'.repeat(4)}${index}`);
  const member = (workspace: typeof ACME): Answer => ({
    kind: 'member',
    name: workspace.slug,
    workspace,
    permission: 'create-project',
  });
  const everything = knownAfter([
    { at: NOW - 2, answers: [{ kind: 'account', isActive: true }] },
    {
      at: NOW - 1,
      answers: longNamed.slice(50).map(({ slug }): Answer => ({ kind: 'no member', name: slug })),
    },
    {
      at: NOW,
      answers: [
        ...longNamed.slice(0, 50).map(member),
        { kind: 'reachable', workspaces: longNamed, hasMore: false },
      ],
    },
  ]);
  const refusal = { at: NOW, code: 'bitbucket_unavailable', cause: 'x'.repeat(500), clientId: 'c' };

  test('is stored in at most 4 kB, in valid JSON that can be read', () => {
    const stored = keep(everything, { refusal });
    expect(bytesOf(stored)).toBeLessThanOrEqual(4_000);
    expect(bytesOf(stored)).toBeGreaterThan(3_000);
    expect(membersOf(read(stored)).length).toBeGreaterThan(0);
  });

  test('what the rules ask about is kept first', () => {
    const askedFor = [longNamed[49]?.slug ?? '', longNamed[99]?.slug ?? ''];
    const restored = read(keep(everything, { askedFor }));
    expect(workspaceOf(restored, askedFor[0] ?? '')?.is).toBe('yes');
    expect(workspaceOf(restored, askedFor[1] ?? '')?.is).toBe('no');
  });

  test('what was left out of a list makes it one that is not whole', () => {
    const restored = read(keep(everything));
    expect(restored.reachable?.hasMore).toBe(true);
    expect(restored.reachable?.workspaces.length).toBeLessThan(100);
  });

  test('is stored in at most 4 kB at random', () => {
    const facts = fc
      .tuple(fc.nat(100), fc.nat(100), fc.nat(60), fc.boolean())
      .map(([members, noes, length, isListed]) => {
        const named = numbered(200, (index) => `${'x'.repeat(length)}${index}`);
        return knownAfter([
          {
            at: NOW,
            answers: [
              { kind: 'account', isActive: true },
              ...named.slice(0, members).map(member),
              ...named
                .slice(100, 100 + noes)
                .map(({ slug }): Answer => ({ kind: 'no member', name: slug })),
              ...(isListed
                ? [{ kind: 'reachable', workspaces: named.slice(0, 100), hasMore: false } as const]
                : []),
            ],
          },
        ]);
      });
    fc.assert(
      fc.property(facts, (known) => {
        expect(bytesOf(keep(known, { refusal }))).toBeLessThanOrEqual(4_000);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is stored', () => {
  const known = knownAfter([
    {
      at: NOW - 60_000,
      answers: [{ kind: 'member', name: 'other', workspace: OTHER, permission: 'owner' }],
    },
    {
      at: NOW,
      answers: [
        { kind: 'account', isActive: true },
        { kind: 'member', name: 'acme', workspace: ACME, permission: 'member' },
        { kind: 'no member', name: 'third' },
        { kind: 'repository', name: 'acme/infra', repository: { ...INFRA, permission: 'write' } },
        { kind: 'address', mark: HELD.mark, isConfirmed: true },
      ],
    },
  ]);
  const stored = keep(known, { askedFor: ['acme'] });

  test('is a summary for people, and the facts with their times', () => {
    expect(stored).toEqual({
      bitbucket: {
        uuid: PERSON,
        email_verified: true,
        workspaces: [
          { ...ACME, permission: 'member' },
          { ...OTHER, permission: 'owner' },
        ],
        checked_at: '2026-11-24T12:00:00.000Z',
      },
      bitbucket_look: {
        v: 2,
        who: expect.stringMatching(/^[\w-]{22}$/),
        at: '2026-11-24T12:00:00.000Z',
        account: { uuid: PERSON },
        address: { mark: expect.stringMatching(/^[\w-]{22}$/), confirmed: true },
        workspaces: [
          { ...ACME, permission: { name: 'member' } },
          {
            ...OTHER,
            permission: { name: 'owner', at: '2026-11-24T11:59:00.000Z' },
            at: '2026-11-24T11:59:00.000Z',
          },
        ],
        no: [{ names: ['third'], reason: '403' }],
        repositories: [{ uuid: INFRA.uuid, full_name: 'acme/infra', permission: 'write' }],
      },
    });
  });

  test('holds no address', () => {
    expect(JSON.stringify(stored)).not.toContain(ADDRESS);
  });

  test('says which address is primary only where Auth0 holds it', () => {
    const withPrimary = (primary: string): Facts => ({
      ...known,
      address: { mark: HELD.mark, isConfirmed: true, primary, at: NOW },
    });
    expect(read(keep(withPrimary(ADDRESS.toUpperCase()))).address?.primary).toBe(ADDRESS);
    expect(read(keep(withPrimary('x@y.z'))).address?.primary).toBeUndefined();
  });

  test('of an address that Auth0 no longer holds says nothing in the summary', () => {
    const { bitbucket } = keep(known, { address: { text: 'new@x.org', mark: 'new' } });
    expect(bitbucket).not.toHaveProperty('email_verified');
  });

  test('without a known account there is no summary', () => {
    const { account: _, ...nobody } = known;
    expect(Object.keys(keep(nobody))).toEqual(['bitbucket_look']);
  });

  const look = stored.bitbucket_look as Readonly<Record<string, unknown>>;
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['the first version', { v: undefined }],
    ['a later version', { v: 3 }],
    ['another owner', { who: 'x' }],
    ['no owner', { who: undefined }],
    ['no time', { at: undefined }],
    ['a time that is none', { at: 'yesterday' }],
    ['a number for a time', { at: NOW }],
    ['a time in the future', { at: new Date(NOW + 61_000).toISOString() }],
    ['an account that is none', { account: { uuid: 'erik' } }],
    ['another account at no time', { another_account: { at: 1 } }],
    ['an address without a mark', { address: { confirmed: true } }],
    ['an address that is half confirmed', { address: { mark: 'x', confirmed: 'true' } }],
    ['workspaces that are no list', { workspaces: {} }],
    ['a workspace without a slug', { workspaces: [{ uuid: ACME.uuid }] }],
    ['a workspace without a uuid', { workspaces: [{ slug: 'acme' }] }],
    ['a permission that is none', { workspaces: [{ ...ACME, permission: { name: 'admin' } }] }],
    ['a workspace at no time', { workspaces: [{ ...ACME, at: 'x' }] }],
    ['more workspaces than it can hold', { workspaces: Array.from({ length: 201 }, () => ACME) }],
    ['a no without a name', { no: [{ names: [1], reason: '403' }] }],
    ['a no without a reason', { no: [{ names: ['acme'] }] }],
    ['a name that is none', { no: [{ names: ['a b'], reason: '403' }] }],
    [
      'a repository without a permission',
      { repositories: [{ uuid: INFRA.uuid, full_name: 'a/b' }] },
    ],
    ['a list that is none', { reachable: { workspaces: 'acme' } }],
  ])('is not believed with %s', (_, change) => {
    const metadata = throughJson({ ...stored, bitbucket_look: { ...look, ...change } });
    const restored = readFacts(metadata, OWNER, HELD, NOW);
    expect([restored.account, restored.address, restored.reachable]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([restored.workspaces.size, restored.repositories.size]).toEqual([0, 0]);
  });

  test.each<[string, unknown]>([
    ['is gone', undefined],
    ['is null', null],
    ['is text', 'look'],
    ['is a list', [look]],
  ])('is not believed where its look %s', (_, bitbucket_look) => {
    const restored = readFacts({ ...stored, bitbucket_look }, OWNER, HELD, NOW);
    expect(restored.account).toBeUndefined();
  });

  test.each<[string, Owner]>([
    ['another connection', { ...OWNER, connection: 'bitbucket-2' }],
    ['another linked account', { ...OWNER, accounts: ['y'] }],
    ['one account more', { ...OWNER, accounts: ['470c', 'y'] }],
    ['no account', { ...OWNER, accounts: [] }],
  ])('is not believed for %s', (_, owner) => {
    expect(readFacts(throughJson(stored), owner, HELD, NOW).account).toBeUndefined();
  });
});

describe('the last refusal', () => {
  const refusal = {
    at: NOW,
    code: 'bitbucket_unavailable',
    cause: 'management user: 500',
    clientId: 'app',
  };
  const stored = throughJson(keep(knownAfter([]), { refusal }));

  test('is kept beside the facts, also where nothing is known', () => {
    expect(stored.bitbucket_look.refusal).toEqual({
      at: '2026-11-24T12:00:00.000Z',
      code: 'bitbucket_unavailable',
      cause: 'management user: 500',
      client_id: 'app',
    });
    expect(readRefusal(stored, OWNER)).toEqual(refusal);
  });

  test('is another owner’s to nobody else', () => {
    expect(readRefusal(stored, { ...OWNER, accounts: ['y'] })).toBeUndefined();
  });

  test.each(['at', 'code', 'cause'])('without %s is none', (field) => {
    const { [field]: _, ...rest } = stored.bitbucket_look.refusal;
    const look = { ...stored.bitbucket_look, refusal: rest };
    expect(readRefusal({ bitbucket_look: look }, OWNER)).toBeUndefined();
  });
});
