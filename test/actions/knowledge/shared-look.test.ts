/** The look that the first Action of a flow leaves for the second. */
import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFindings } from '#actions/lib/bitbucket/findings.ts';
import { createFailedLook, type Look } from '#actions/lib/knowledge/look.ts';
import { createSharedLook, readSharedLook } from '#actions/lib/knowledge/shared-look.ts';
import { seal } from '#actions/lib/seal.ts';
import { ACME, ADDRESS, NOW, PERSON } from '#test/support/action-run.ts';
import { foundIn, looks } from './arbitrary-looks.ts';

const FOR = { secret: 'machine-client-secret', userId: 'bitbucket|1', about: ['what was asked'] };
const findings = createFindings(NOW, 'person');
findings.account({ uuid: PERSON, isActive: true });
findings.member('acme', ACME, 'owner');
findings.noMember('other', '403');
findings.address('mark', true, ADDRESS);
findings.trouble('permissions', { kind: 'login_required', cause: 'it' });
findings.troubleOf('repositories', 'acme/infra', { kind: 'outage', cause: 'it' });
const look = findings.end({ kind: 'misconfigured', cause: 'it' });

const share = (shared: Look = look, at = NOW) =>
  Object.fromEntries(createSharedLook(FOR, shared, at) ?? []);
const PURPOSE = `shared look ${JSON.stringify([FOR.userId, FOR.about])}`;
/** That cannot be made shorter. */
const noise = (bytes: number) => randomBytes(bytes).toString('base64');
const sealed = (value: unknown) => ({
  bitbucket_look: seal(FOR.secret, PURPOSE, deflateRawSync(JSON.stringify(value))),
});

describe('a look that is shared', () => {
  test.each<[string, Look]>([
    ['one that found and missed something', look],
    ['one that failed', createFailedLook(NOW, { kind: 'outage', cause: 'it' })],
  ])('comes back as it was: %s', (_, shared) => {
    expect(readSharedLook(share(shared), FOR, NOW)).toEqual(shared);
  });

  test('comes back as it was, whatever it found', () => {
    fc.assert(
      fc.property(looks, ([told]) => {
        if (told === undefined) return;
        const shared: Look = { ...look, at: told.at, found: foundIn(told) };
        expect(readSharedLook(share(shared), FOR, NOW)).toEqual(shared);
      }),
    );
  });

  test('is in two entries that Auth0 takes, and holds nothing in clear', () => {
    const entries = createSharedLook(FOR, look, NOW) ?? [];
    expect(entries.map(([key]) => key)).toEqual(['bitbucket_look', 'bitbucket_look_more']);
    for (const [, value] of entries) expect(value).toMatch(/^[\w-]{0,7800}$/);
    const text = entries.map(([, value]) => value).join('');
    for (const part of [text, Buffer.from(text, 'base64url').toString('latin1')]) {
      for (const inside of [ADDRESS, PERSON, 'acme', FOR.userId]) {
        expect(part).not.toContain(inside);
      }
    }
  });

  test('is never the same text twice', () => {
    expect(share()).not.toEqual(share());
  });

  test('is not shared where it is longer than two entries', () => {
    const ofLength = (length: number) =>
      createSharedLook(FOR, createFailedLook(NOW, { kind: 'outage', cause: noise(length) }), NOW);
    expect(ofLength(10_500)).toHaveLength(2);
    expect(ofLength(12_000)).toBeUndefined();
  });

  test.each([
    ['another user', { userId: 'bitbucket|2' }],
    ['another question', { about: ['else'] }],
    ['another secret', { secret: 'another-secret' }],
  ])('is not taken for %s', (_, other) => {
    expect(readSharedLook(share(), { ...FOR, ...other }, NOW)).toBeUndefined();
  });

  test.each([
    [0, true],
    [30_000, true],
    [30_001, false],
    [3_600_000, false],
    [-1, false],
  ])('is %d ms later still taken: %s', (later, isTaken) => {
    expect(readSharedLook(share(), FOR, NOW + later) !== undefined).toBe(isTaken);
  });

  test('is not taken with a single letter changed', () => {
    const whole = String(share().bitbucket_look);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (index) => {
        const letter = whole[index] === 'A' ? 'B' : 'A';
        const bitbucket_look = whole.slice(0, index) + letter + whole.slice(index + 1);
        const bytes = Buffer.from(bitbucket_look, 'base64url');
        // The last letter may have bits that count for nothing.
        if (bytes.equals(Buffer.from(whole, 'base64url'))) return;
        expect(readSharedLook({ bitbucket_look }, FOR, NOW)).toBeUndefined();
      }),
    );
  });

  test('is not taken where half of it is missing', () => {
    const long = createFailedLook(NOW, { kind: 'outage', cause: noise(9_000) });
    const { bitbucket_look_more: _, ...half } = share(long);
    expect(readSharedLook(half, FOR, NOW)).toBeUndefined();
    expect(readSharedLook(share(long), FOR, NOW)).toEqual(long);
  });

  test.each<[string, unknown]>([
    ['clear JSON', { bitbucket_look: JSON.stringify({ ...FOR, sharedAt: NOW, look }) }],
    ['an object', { bitbucket_look: { toString: null } }],
    ['a number', { bitbucket_look: 7 }],
    ['a list', { bitbucket_look: ['x'] }],
    ['nothing', {}],
    ['no metadata', undefined],
    [
      'a seal for another purpose',
      { bitbucket_look: seal(FOR.secret, 'token', JSON.stringify(look)) },
    ],
    ['a look without an age', sealed({ ...FOR, look: { ...look, found: {}, troubles: {} } })],
    ['no look', sealed({ ...FOR, sharedAt: NOW })],
    ['a look at no time', sealed({ ...FOR, sharedAt: NOW, look: { ...look, at: 'now' } })],
    ['a look by nobody', sealed({ ...FOR, sharedAt: NOW, look: { ...look, by: 'me' } })],
    ['a look that found nothing', sealed({ ...FOR, sharedAt: NOW, look: { ...look, found: 1 } })],
    [
      'a trouble of no known kind',
      sealed({
        ...FOR,
        sharedAt: NOW,
        look: {
          at: NOW,
          by: 'person',
          found: {},
          troubles: { workspaces: [['a', { kind: 'joy' }]] },
        },
      }),
    ],
  ])('is not taken from %s', (_, metadata) => {
    expect(readSharedLook(metadata, FOR, NOW)).toBeUndefined();
  });
});
