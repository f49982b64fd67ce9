/** What comes from outside is read field by field: from literals, what is taken and what is not. */
import { describe, expect, test } from 'vitest';
import {
  parseEmail,
  parseMembership,
  parsePermission,
  parseUserUuid,
  parseWorkspaceAccess,
} from '#actions/lib/bitbucket/responses.ts';
import type { Facts, Trouble } from '#actions/lib/knowledge/facts.ts';
import { createSharedLook, readSharedLook } from '#actions/lib/knowledge/shared-look.ts';
import { createLogLine } from '#actions/lib/login/log-line.ts';
import { mapAtMost } from '#actions/lib/map-at-most.ts';
import {
  foldAscii,
  parseJson,
  parseSlug,
  parseUuid,
  readField,
  readString,
} from '#actions/lib/read.ts';
import { ACME, membershipOf, PERSON } from '#test/support/action-run.ts';

describe('fields', () => {
  test.each([
    [{ a: 1 }, 1],
    [{}, undefined],
    [null, undefined],
    ['a', undefined],
    [[1], undefined],
    [Object.create({ a: 1 }), undefined],
    [JSON.parse('{"__proto__":{"a":1}}'), undefined],
  ])('of %o: %o', (value, field) => {
    expect(readField(value, 'a')).toBe(field);
  });

  test.each([
    [{ a: 'x' }, 'x'],
    [{ a: '' }, undefined],
    [{ a: 1 }, undefined],
  ])('that are strings, of %o: %o', (value, field) => {
    expect(readString(value, 'a')).toBe(field);
  });

  test('an array is no object, whatever it holds', () => {
    expect(readField(Object.assign([], { a: 1 }), 'a')).toBeUndefined();
  });

  test.each([
    [PERSON, PERSON],
    [PERSON.toUpperCase(), PERSON],
    [PERSON.slice(1, -1), undefined],
    [`${PERSON}x`, undefined],
    [`x${PERSON}`, undefined],
    [PERSON.replace('-', ''), undefined],
    [1, undefined],
  ])('uuid %o: %o', (value, uuid) => {
    expect(parseUuid(value)).toBe(uuid);
  });

  test.each([
    ['Acme', 'acme'],
    ['_a', '_a'],
    ['a b', undefined],
    ['-a', undefined],
    ['a:b', undefined],
    ['', undefined],
    [{}, undefined],
  ])('slug %o: %o', (value, slug) => {
    expect(parseSlug(value)).toBe(slug);
  });

  test('only A to Z are folded', () => {
    expect(foldAscii('AZ az ÄÖ \u212a İ')).toBe('az az ÄÖ \u212a İ');
  });

  test.each([
    ['{"a":1}', { a: 1 }],
    ['', undefined],
    ['{', undefined],
  ])('JSON %o: %o', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });
});

describe('answers of Bitbucket', () => {
  test.each([
    [{ type: 'user', uuid: PERSON }, PERSON],
    [{ type: 'app_user', uuid: PERSON }, undefined],
    [{ uuid: PERSON }, undefined],
    [{ type: 'user' }, undefined],
    [undefined, undefined],
  ])('user %o: %o', (body, uuid) => {
    expect(parseUserUuid(body)).toBe(uuid);
  });

  test.each([
    [
      { email: 'a@b', is_primary: true, is_confirmed: false },
      { address: 'a@b', isPrimary: true, isConfirmed: false },
    ],
    [{ email: '', is_primary: true, is_confirmed: true }, undefined],
    [{ email: 'a@b', is_confirmed: true }, undefined],
    [{ email: 'a@b', is_primary: true }, undefined],
    [{ email: 'a@b', is_primary: 'true', is_confirmed: true }, undefined],
    [{ email: 'a@b', is_primary: true, is_confirmed: 1 }, undefined],
  ])('e-mail %o: %o', (entry, email) => {
    expect(parseEmail(entry)).toEqual(email);
  });

  test.each([
    [{ workspace: ACME }, ACME],
    [{ workspace: { ...ACME, slug: 'ACME', name: 'Acme' } }, ACME],
    [{ workspace: { uuid: ACME.uuid } }, undefined],
    [{ workspace: { slug: 'acme' } }, undefined],
    [{}, undefined],
  ])('workspace %o: %o', (entry, membership) => {
    expect(parseWorkspaceAccess(entry)).toEqual(membership);
  });

  test.each([
    [membershipOf(ACME), { userUuid: PERSON, membership: ACME }],
    [{ ...membershipOf(ACME), user: {} }, undefined],
    [{ ...membershipOf(ACME), workspace: {} }, undefined],
    [{ ...membershipOf(ACME), workspace: { slug: 'acme' } }, undefined],
    [{ ...membershipOf(ACME), workspace: { uuid: ACME.uuid } }, undefined],
  ])('membership %o: %o', (body, owned) => {
    expect(parseMembership(body)).toEqual(owned);
  });

  test.each([
    ['owner', 'owner'],
    ['create-project', 'create-project'],
    ['collaborator', 'collaborator'],
    ['member', 'member'],
    ['admin', 'unknown'],
    ['', undefined],
    [1, undefined],
  ])('permission %o: %o', (permission, parsed) => {
    expect(parsePermission({ permission })).toBe(parsed);
  });
});

describe('a look that is shared', () => {
  const owner = { userId: 'bitbucket|1', about: 'fingerprint' };
  const facts: Facts = {
    uuid: PERSON,
    email: { verified: true, primary: 'grüße@example.com' },
    workspaces: { memberships: [{ ...ACME, permission: 'owner' }], truncated: true },
  };
  const trouble = (kind: Trouble['kind']): Trouble => ({ kind, cause: 'it' });
  const roundTrip = (shared: Facts | Trouble) =>
    readSharedLook(Object.fromEntries(createSharedLook(owner, shared) ?? []), owner);

  test.each<[string, Facts | Trouble]>([
    ['facts', facts],
    ['facts without a primary address', { ...facts, email: { verified: false } }],
    ['facts whose e-mails are not known', { ...facts, email: trouble('login_required') }],
    [
      'facts with workspaces that are not known',
      {
        ...facts,
        workspaces: {
          memberships: [ACME],
          truncated: false,
          unanswered: { workspaces: ['a', 'b'], trouble: trouble('outage') },
        },
      },
    ],
    ['an outage', trouble('outage')],
    ['an expired sign-in', trouble('login_required')],
    ['a mistake', trouble('misconfigured')],
  ])('comes back as it was: %s', (_, shared) => {
    expect(roundTrip(shared)).toEqual(shared);
  });

  test('is ASCII, in two entries of at most 7,000', () => {
    const entries = createSharedLook(owner, facts) ?? [];
    expect(entries.map(([key]) => key)).toEqual(['bitbucket_look', 'bitbucket_look_more']);
    for (const [, value] of entries) expect(value).toMatch(/^[\x20-\x7e]{0,7000}$/);
  });

  const ofLength = (length: number): Trouble => ({ kind: 'outage', cause: 'x'.repeat(length) });
  const overhead = JSON.stringify({ ...owner, facts: ofLength(0) }).length;
  test('is not shared when it is longer than two entries', () => {
    expect(createSharedLook(owner, ofLength(14_000 - overhead))).toHaveLength(2);
    expect(createSharedLook(owner, ofLength(14_001 - overhead))).toBeUndefined();
  });

  const { workspaces } = facts;
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a uuid that is none', { ...facts, uuid: 'erik' }],
    ['no e-mails', { ...facts, email: undefined }],
    ['e-mails that are half a boolean', { ...facts, email: { verified: 'true' } }],
    ['no workspaces', { ...facts, workspaces: undefined }],
    ['memberships that are no list', { ...facts, workspaces: { ...workspaces, memberships: {} } }],
    [
      'a membership that cannot be read',
      { ...facts, workspaces: { ...workspaces, memberships: [{}] } },
    ],
    ['truncated that is no boolean', { ...facts, workspaces: { ...workspaces, truncated: 1 } }],
    [
      'unanswered without a trouble',
      { ...facts, workspaces: { ...workspaces, unanswered: { workspaces: [] } } },
    ],
    [
      'unanswered without workspaces',
      { ...facts, workspaces: { ...workspaces, unanswered: { trouble: trouble('outage') } } },
    ],
    [
      'unanswered workspaces that are no names',
      {
        ...facts,
        workspaces: {
          ...workspaces,
          unanswered: { workspaces: ['a', 1], trouble: trouble('outage') },
        },
      },
    ],
    ['a trouble of no known kind', { kind: 'joy', cause: 'it' }],
    ['a trouble without a cause', { kind: 'outage' }],
  ])('is not taken with %s', (_, shared) => {
    const metadata = { bitbucket_look: JSON.stringify({ ...owner, facts: shared }) };
    expect(readSharedLook(metadata, owner)).toBeUndefined();
  });

  test.each([{ toString: null }, 7, ['{}'], null])('is not taken from %o', (entry) => {
    expect(readSharedLook({ bitbucket_look: entry }, owner)).toBeUndefined();
  });

  test.each([
    ['another user', { userId: 'bitbucket|2' }],
    ['another policy', { about: 'else' }],
  ])('is not taken for %s', (_, other) => {
    const metadata = Object.fromEntries(createSharedLook(owner, facts) ?? []);
    expect(readSharedLook(metadata, { ...owner, ...other })).toBeUndefined();
  });
});

describe('the log line', () => {
  const entry = { action: 'bitbucket-x', source: 'live', calls: 5, ms: 12 } as const;
  const refusal = (cause: string) => ({ code: 'bitbucket_unavailable', cause }) as const;

  test('says who was let in', () => {
    expect(createLogLine({ ...entry, refusal: undefined })).toBe(
      '{"action":"bitbucket-x","outcome":"allowed","source":"live","calls":5,"ms":12}',
    );
  });

  test('says why somebody was not', () => {
    expect(createLogLine({ ...entry, refusal: refusal('bitbucket user: 503') })).toBe(
      '{"action":"bitbucket-x","outcome":"denied","code":"bitbucket_unavailable","cause":"bitbucket user: 503","source":"live","calls":5,"ms":12}',
    );
  });

  test('has exactly 256 characters where the cause is too long', () => {
    const line = createLogLine({ ...entry, refusal: refusal('x'.repeat(500)) });
    expect(line).toHaveLength(256);
    expect(JSON.parse(line).cause).toMatch(/^x+$/);
  });

  test('stays JSON and ASCII whatever the cause', () => {
    const line = createLogLine({ ...entry, refusal: refusal('"\\\n\u0000ü') });
    expect(JSON.parse(line).cause).toBe('?????');
  });
});

test('at most so many are under way at once, and results keep their order', async () => {
  let underWay = 0;
  let most = 0;
  const results = await mapAtMost(3, [5, 1, 4, 2, 3, 0], async (item) => {
    underWay += 1;
    most = Math.max(most, underWay);
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    underWay -= 1;
    return item * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30, 0]);
  expect(most).toBe(3);
  expect(await mapAtMost(3, [], async () => 1)).toEqual([]);
});
