/** What the facts say about one thing, whatever names it has and whenever it was answered. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accountOf,
  membersOf,
  permissionOf,
  reachableOf,
  repositoryOf,
  workspaceOf,
} from '#actions/lib/knowledge/query.ts';
import { ACME, INFRA, NOW, OTHER } from '#test/support/action-run.ts';
import {
  type Answer,
  knownAfter,
  looks,
  NAMES,
  REPOSITORY_NAMES,
  type Told,
} from './arbitrary-looks.ts';

const RUNS = { numRuns: 1_000 };
const MINUTE = 60_000;
const ago = (minutes: number, ...answers: readonly Answer[]): Told => ({
  at: NOW - minutes * MINUTE,
  answers,
});
const member = (name = 'acme', workspace = ACME, permission?: 'owner'): Answer => ({
  kind: 'member',
  name,
  workspace,
  permission,
});
const noMember = (name = 'acme'): Answer => ({ kind: 'no member', name });
const infra = { ...INFRA, permission: 'write' } as const;
const byUuid = `${ACME.uuid}/${INFRA.uuid}`;

const noesSince = (told: readonly Told[], kind: Answer['kind'], at: number) =>
  told
    .filter((look) => look.at >= at)
    .flatMap((look) => look.answers)
    .flatMap((one) => (one.kind === kind && 'name' in one ? [one.name] : []));

describe('whatever was answered, in whatever order it arrived', () => {
  test('a membership is a yes only where no look since has said no to any of its names', () => {
    fc.assert(
      fc.property(looks, (told) => {
        const facts = knownAfter(told);
        for (const name of NAMES) {
          const known = workspaceOf(facts, name);
          if (known?.is !== 'yes') continue;
          const { uuid, slug } = known.value;
          const noes = noesSince(told, 'no member', known.at);
          for (const ended of [name, uuid, slug]) expect(noes).not.toContain(ended);
        }
      }),
      RUNS,
    );
  });

  test('a permission is known only where no look since has said no to the workspace', () => {
    fc.assert(
      fc.property(looks, (told) => {
        const facts = knownAfter(told);
        for (const workspace of membersOf(facts)) {
          const known = permissionOf(facts, workspace);
          if (known === undefined) continue;
          const noes = noesSince(told, 'no member', known.at);
          for (const name of [workspace.uuid, workspace.slug]) expect(noes).not.toContain(name);
        }
      }),
      RUNS,
    );
  });

  test('a repository is a yes only where no look since has said no to any of its names', () => {
    fc.assert(
      fc.property(looks, (told) => {
        const facts = knownAfter(told);
        for (const name of REPOSITORY_NAMES) {
          const known = repositoryOf(facts, name);
          if (known?.is !== 'yes') continue;
          const { uuid, fullName } = known.value;
          const noes = noesSince(told, 'no repository', known.at);
          for (const ended of [name, fullName]) expect(noes).not.toContain(ended);
          expect(noes.filter((no) => no.endsWith(`/${uuid}`))).toEqual([]);
          // And nobody has answered since, under this full name, that it has another permission.
          for (const look of told.filter(({ at }) => at > known.at)) {
            for (const one of look.answers) {
              if (one.kind !== 'repository' || one.repository.uuid !== uuid) continue;
              expect(one.repository.fullName).not.toBe(fullName);
            }
          }
        }
      }),
      RUNS,
    );
  });

  test('the answer about a name is the last one that was given about it', () => {
    fc.assert(
      fc.property(looks, (told) => {
        const facts = knownAfter(told);
        for (const name of NAMES) {
          const last = told
            .filter(({ answers }) => answers.some((one) => isAbout(one, name)))
            .sort((one, other) => other.at - one.at)[0];
          const known = workspaceOf(facts, name);
          if (last === undefined) expect(known).toBeUndefined();
          // A later look may have ended it under another name; none makes it older or younger.
          else if (known?.is === 'no' && known.reason === 'not listed') {
            expect(known.at).toBeGreaterThan(last.at);
          } else if (known !== undefined) expect(known.at).toBe(last.at);
        }
      }),
      RUNS,
    );
  });

  test('whoever is listed as a member is one by the uuid too', () => {
    fc.assert(
      fc.property(looks, (told) => {
        const facts = knownAfter(told);
        for (const { uuid, at } of membersOf(facts)) {
          const names = NAMES.map((name) => workspaceOf(facts, name));
          expect(names).toContainEqual(
            expect.objectContaining({ is: 'yes', at, value: expect.objectContaining({ uuid }) }),
          );
        }
      }),
      RUNS,
    );
  });
});

function isAbout(one: Answer, name: string): boolean {
  if (one.kind === 'no member') return one.name === name;
  if (one.kind !== 'member') return false;
  return [one.name, one.workspace.uuid, one.workspace.slug].includes(name);
}

describe('a membership', () => {
  test.each<[string, string, readonly Told[], 'yes' | 'no' | undefined]>([
    ['asked by the slug is known by the uuid', ACME.uuid, [ago(1, member())], 'yes'],
    ['asked by the uuid is known by the slug', 'acme', [ago(1, member(ACME.uuid))], 'yes'],
    ['ends with a no to the slug', 'acme', [ago(2, member()), ago(1, noMember())], 'no'],
    [
      'ends for the uuid with a no to the slug',
      ACME.uuid,
      [ago(2, member()), ago(1, noMember())],
      undefined,
    ],
    [
      'ends for the slug with a no to the uuid',
      'acme',
      [ago(2, member()), ago(1, noMember(ACME.uuid))],
      undefined,
    ],
    ['begins again with a newer yes', 'acme', [ago(2, noMember()), ago(1, member())], 'yes'],
    ['is a no where one look says both', 'acme', [ago(1, member(), noMember())], 'no'],
    [
      'is not another workspace’s that has taken the slug since',
      'acme',
      [ago(2, member()), ago(1, member('acme', { ...OTHER, slug: 'acme' }))],
      'yes',
    ],
    [
      'says nothing by a slug that was given up',
      'acme',
      [ago(2, member()), ago(1, member(ACME.uuid, { ...ACME, slug: 'renamed' }))],
      undefined,
    ],
    [
      'is a no where a newer whole list lacks it',
      'acme',
      [ago(2, member()), ago(1, { kind: 'reachable', workspaces: [OTHER], hasMore: false })],
      'no',
    ],
    [
      'stays where the newer list is not whole',
      'acme',
      [ago(2, member()), ago(1, { kind: 'reachable', workspaces: [OTHER], hasMore: true })],
      'yes',
    ],
    [
      'stays where the whole list is older',
      'acme',
      [ago(1, member()), ago(2, { kind: 'reachable', workspaces: [], hasMore: false })],
      'yes',
    ],
    ['of which nothing was heard is neither', 'acme', [ago(1, member('other', OTHER))], undefined],
  ])('%s', (_, name, told, is) => {
    expect(workspaceOf(knownAfter(told), name)?.is).toBe(is);
  });

  test('of a slug that changed hands is of the workspace that has it now', () => {
    const taken = { ...OTHER, slug: 'acme' };
    const facts = knownAfter([ago(2, member()), ago(1, member('acme', taken))]);
    expect(workspaceOf(facts, 'acme')).toMatchObject({ value: { uuid: OTHER.uuid } });
  });
});

describe('a permission', () => {
  const owner = ago(3, member('acme', ACME, 'owner'));
  test('keeps its own age beside a membership that was proved later', () => {
    const facts = knownAfter([owner, ago(1, member())]);
    expect(permissionOf(facts, ACME)).toEqual({ permission: 'owner', at: NOW - 3 * MINUTE });
    expect(workspaceOf(facts, 'acme')?.at).toBe(NOW - MINUTE);
  });

  test('from before a no is not one of now', () => {
    const facts = knownAfter([owner, ago(2, noMember()), ago(1, member())]);
    expect(permissionOf(facts, ACME)).toBeUndefined();
  });
});

describe('a permission from before', () => {
  const owner = ago(3, member('acme', ACME, 'owner'));
  const renamed = { ...ACME, slug: 'renamed' };
  test.each<[string, readonly Told[]]>([
    [
      'a whole list without the workspace is not one of now',
      [owner, ago(2, { kind: 'reachable', workspaces: [], hasMore: false }), ago(1, member())],
    ],
    [
      'a no to its former slug is not one of now',
      [owner, ago(2, noMember()), ago(1, member(ACME.uuid, renamed))],
    ],
    ['a no to its uuid is not one of now', [owner, ago(2, noMember(ACME.uuid)), ago(1, member())]],
  ])('%s', (_, told) => {
    const facts = knownAfter(told);
    expect(membersOf(facts)).toHaveLength(1);
    for (const workspace of membersOf(facts)) {
      expect(permissionOf(facts, workspace)).toBeUndefined();
    }
  });
});

describe('a repository', () => {
  const yes = (name = 'acme/infra'): Answer => ({ kind: 'repository', name, repository: infra });
  const no = (name = 'acme/infra'): Answer => ({ kind: 'no repository', name });
  test.each<[string, string, readonly Told[], 'yes' | 'no' | undefined]>([
    ['is known as it was asked', 'acme/infra', [ago(1, yes())], 'yes'],
    ['asked by uuids is known by its full name', 'acme/infra', [ago(1, yes(byUuid))], 'yes'],
    ['ends with a no', 'acme/infra', [ago(2, yes()), ago(1, no())], 'no'],
    [
      'asked by uuids ends with a no to its full name',
      byUuid,
      [ago(2, yes(byUuid)), ago(1, no())],
      undefined,
    ],
    [
      'asked by its full name ends with a no to its uuid',
      'acme/infra',
      [ago(2, yes()), ago(1, no(byUuid))],
      undefined,
    ],
  ])('%s', (_, name, told, is) => {
    expect(repositoryOf(knownAfter(told), name)?.is).toBe(is);
  });

  test('has the permission that was answered last, by whichever name', () => {
    const lowered: Answer = {
      kind: 'repository',
      name: 'acme/infra',
      repository: { ...infra, permission: 'read' },
    };
    const facts = knownAfter([ago(2, yes(byUuid)), ago(1, lowered)]);
    for (const name of [byUuid, 'acme/infra']) {
      expect(repositoryOf(facts, name)).toMatchObject({
        at: NOW - MINUTE,
        value: { permission: 'read' },
      });
    }
  });
});

describe('the account', () => {
  const account: Answer = { kind: 'account', isActive: true };
  const another: Answer = { kind: 'another account' };
  test.each<[string, readonly Told[], boolean]>([
    ['is known', [ago(1, account)], true],
    ['is not certain once another one was seen', [ago(2, account), ago(1, another)], false],
    ['is not certain in a look that names both', [ago(1, account, another)], false],
    ['is certain again once a look names it', [ago(2, another), ago(1, account)], true],
    ['is not known where only another was seen', [ago(1, another)], false],
  ])('%s', (_, told, isKnown) => {
    expect(accountOf(knownAfter(told)) !== undefined).toBe(isKnown);
  });
});

describe('what can be reached', () => {
  const list = (...workspaces: readonly (typeof ACME)[]): Answer => ({
    kind: 'reachable',
    workspaces,
    hasMore: false,
  });
  test.each<[string, readonly Told[], readonly string[]]>([
    ['is what was listed', [ago(1, list(ACME, OTHER))], ['acme', 'other']],
    [
      'is each once, the newest first',
      [ago(2, list(ACME, OTHER)), ago(1, member('other', OTHER))],
      ['other', 'acme'],
    ],
    [
      'is without what a newer look said no to',
      [ago(2, list(ACME, OTHER)), ago(1, noMember())],
      ['other'],
    ],
    ['is without what a newer list lacks', [ago(2, member()), ago(1, list(OTHER))], ['other']],
  ])('%s', (_, told, slugs) => {
    expect(reachableOf(knownAfter(told)).map(({ slug }) => slug)).toEqual(slugs);
  });
});
