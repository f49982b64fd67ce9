/** The grammar of rules and roles: what is read, and what a mistake in it says. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseAllowed,
  parseRoles,
  type Rule,
  repositoriesOf,
  workspacesOf,
} from '#actions/lib/policy/rules.ts';
import { ACME, INFRA, PERSON } from '#test/support/action-run.ts';

const UUID = ACME.uuid;
const BARE = UUID.slice(1, -1);
const workspace = (name: string, permission = 'member') => ({
  kind: 'workspace',
  workspace: name,
  permission,
});
const repository = (name: string, permission = 'read') => ({
  kind: 'repository',
  repository: name,
  permission,
});

describe('rules', () => {
  test.each<[string, readonly object[]]>([
    ['acme', [workspace('acme')]],
    ['Acme_1.x-y', [workspace('acme_1.x-y')]],
    ['a,b', [workspace('a'), workspace('b')]],
    ['a , b\n\tc', [workspace('a'), workspace('b'), workspace('c')]],
    ['a\r\nb\n\n\nc', [workspace('a'), workspace('b'), workspace('c')]],
    ['a,\n  b', [workspace('a'), workspace('b')]],
    ['\n a \n', [workspace('a')]],
    ['a:owner,b:create-project', [workspace('a', 'owner'), workspace('b', 'create-project')]],
    ['a:collaborator,a:member', [workspace('a', 'collaborator'), workspace('a')]],
    [`${UUID.toUpperCase()}:owner`, [workspace(UUID, 'owner')]],
    ['acme/infra', [repository('acme/infra')]],
    ['Acme/Infra.JS:write', [repository('acme/infra.js', 'write')]],
    ['acme/-x:admin', [repository('acme/-x', 'admin')]],
    ['acme/.github', [repository('acme/.github')]],
    ['acme/docs.', [repository('acme/docs.')]],
    [`${UUID}/${INFRA.uuid.toUpperCase()}`, [repository(`${UUID}/${INFRA.uuid}`)]],
    [`@${PERSON.toUpperCase()}`, [{ kind: 'person', uuid: PERSON }]],
  ])('%o are read', (text, rules) => {
    expect(parseAllowed(text)).toEqual({ ok: true, value: rules });
  });

  test.each(['*', ' * ', '\n*\n'])('%o is anybody in any workspace', (text) => {
    expect(parseAllowed(text)).toEqual({ ok: true, value: 'any' });
  });

  const neither = 'is neither a slug nor a {uuid}';
  const unknown = 'has an unknown permission; known: member, collaborator, create-project, owner';
  const unknownOfRepository = 'has an unknown permission; known: read, write, admin';
  const url = 'is a URL; write only what follows bitbucket.org/, without a slash at the end';
  const space = 'has a space in it; rules are separated by commas or line breaks';
  const notBoth = 'is not workspace/repository in slugs or in {uuid}s';
  const mixed = 'names one by a slug and the other by a {uuid}; write both alike';
  test.each<[text: string, place: number, expected: string]>([
    [',', 1, 'is empty'],
    ['a,,b', 2, 'is empty'],
    ['a,b,', 3, 'is empty'],
    ['a,*', 2, 'is *, which stands alone or not at all'],
    ['acme other', 1, space],
    ['acme :owner', 1, space],
    ['acme\u00a0other', 1, space],
    ['a,b c', 2, space],
    [':owner', 1, 'names no workspace'],
    ['a:owner:x', 1, 'has more than one colon'],
    ['a:', 1, unknown],
    ['a,b:Owner', 2, unknown],
    ['a:admin', 1, unknown],
    ['a:write', 1, unknown],
    ['..', 1, neither],
    ['-a', 1, neither],
    ['ünïcode', 1, neither],
    ['x'.repeat(101), 1, neither],
    ['{a15fb181}', 1, neither],
    [`${UUID}x`, 1, neither],
    [`x${UUID}`, 1, neither],
    ['admin=acme', 1, neither],
    [BARE, 1, 'is a uuid without its braces'],
    ['acme/infra/x', 1, 'has more than one slash; write workspace/repository'],
    ['acme/', 1, 'names no repository after the slash'],
    ['/infra', 1, 'names no workspace before the slash'],
    ['/', 1, 'names no workspace before the slash'],
    [`acme/${INFRA.uuid}`, 1, mixed],
    [`${UUID}/infra`, 1, mixed],
    [`acme/${INFRA.uuid.slice(1, -1)}`, 1, 'has a uuid without its braces'],
    ['acme/{infra}', 1, notBoth],
    ['acme/..', 1, notBoth],
    ['acme/in fra', 1, space],
    ['acme/ünïcode', 1, notBoth],
    [`acme/${'x'.repeat(129)}`, 1, notBoth],
    ['acme/infra:owner', 1, unknownOfRepository],
    ['acme/infra:', 1, unknownOfRepository],
    ['@acme', 1, 'names a person by something else than @{uuid}'],
    ['@', 1, 'names a person by something else than @{uuid}'],
    [`@${BARE}`, 1, 'names a person by something else than @{uuid}'],
    [`@${PERSON}:owner`, 1, 'gives a person a permission; a person has none'],
    ['https://bitbucket.org/acme/', 1, url],
    ['a,HTTPS://bitbucket.org/acme', 2, url],
    ['bitbucket.org/acme/infra', 1, url],
    ['www.bitbucket.org/acme', 1, url],
    ['my+https://x', 1, neither],
    ['my.bitbucket.org/a/b', 1, 'has more than one slash; write workspace/repository'],
  ])('%o is a mistake', (text, place, expected) => {
    expect(parseAllowed(text)).toEqual({ ok: false, mistake: `rule ${place} ${expected}` });
  });

  test.each(['', ' ', '\n \r\n'])('%o is a mistake: there must be one', (text) => {
    expect(parseAllowed(text)).toEqual({
      ok: false,
      mistake: 'empty; * means anybody in any workspace',
    });
  });

  test('name at most 100 workspaces, each counted once', () => {
    const names = Array.from({ length: 101 }, (_, index) => `w${index}`);
    const mistake = 'more than 100 workspaces';
    expect(parseAllowed(names.join())).toEqual({ ok: false, mistake });
    expect(parseAllowed([...names.slice(1), 'w5:owner'].join())).toMatchObject({ ok: true });
  });

  test('name at most 50 repositories, each counted once, beside 100 workspaces', () => {
    const names = Array.from({ length: 51 }, (_, index) => `acme/r${index}`);
    const mistake = 'more than 50 repositories';
    expect(parseAllowed(names.join())).toEqual({ ok: false, mistake });
    expect(parseRoles(names.map((name) => `r=${name}`).join())).toEqual({ ok: false, mistake });
    const workspaces = Array.from({ length: 100 }, (_, index) => `w${index}`);
    const both = [...names.slice(1), 'acme/r5:write', ...workspaces];
    expect(parseAllowed(both.join())).toMatchObject({ ok: true });
  });

  test('name each workspace and repository once, in their order', () => {
    const parsed = parseAllowed('b,a,b:owner,a/y,a/x,a/y:admin');
    const rules = parsed.ok && parsed.value !== 'any' ? parsed.value : [];
    expect(workspacesOf(rules)).toEqual(['b', 'a']);
    expect(repositoriesOf(rules)).toEqual(['a/y', 'a/x']);
  });

  test('a mistake never repeats what was written', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[^\s,]{12,40}$/), (text) => {
        for (const parsed of [parseAllowed(text), parseRoles(`r=${text}`), parseRoles(text)]) {
          if (!parsed.ok) expect(parsed.mistake).not.toContain(text);
        }
      }),
    );
  });

  test('whatever is written is rules or a mistake, and rules written again are the same', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom('acme', 'a/b', `@${PERSON}`, UUID, '*', ':owner', ':read', ',', '\n', '/'),
    );
    fc.assert(
      fc.property(
        fc.array(part).map((parts) => parts.join('')),
        (text) => {
          const parsed = parseAllowed(text);
          if (!parsed.ok || parsed.value === 'any') return;
          expect(parseAllowed(parsed.value.map(write).join('\n'))).toEqual(parsed);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

function write(rule: Rule): string {
  if (rule.kind === 'person') return `@${rule.uuid}`;
  return `${rule.kind === 'workspace' ? rule.workspace : rule.repository}:${rule.permission}`;
}

describe('roles', () => {
  test('are names before rules, separated likewise', () => {
    const text = `admin=acme:owner, deployer = acme/infra:write\nstaff=acme,staff=@${PERSON}`;
    expect(parseRoles(text)).toEqual({
      ok: true,
      value: [
        { role: 'admin', rule: workspace('acme', 'owner') },
        { role: 'deployer', rule: repository('acme/infra', 'write') },
        { role: 'staff', rule: workspace('acme') },
        { role: 'staff', rule: { kind: 'person', uuid: PERSON } },
      ],
    });
  });

  test.each(['', ' \n '])('are none where %o is written', (text) => {
    expect(parseRoles(text)).toEqual({ ok: true, value: [] });
  });

  test.each<[text: string, place: number, expected: string]>([
    ['admin=', 1, 'has no rule after the ='],
    ['admin=acme,staff= ', 2, 'has no rule after the ='],
    ['=acme', 1, 'has no name before the ='],
    ['acme', 1, 'has no =; write role=rule'],
    ['a=acme,,b=acme', 2, 'is empty'],
    ['a b=acme', 1, 'has a name that is not 1 to 64 letters, digits, _ . : / or -'],
    [`${'x'.repeat(65)}=acme`, 1, 'has a name that is not 1 to 64 letters, digits, _ . : / or -'],
    ['a=b=acme', 1, 'has a rule that is neither a slug nor a {uuid}'],
    ['a=*', 1, 'has a rule that is *, which stands alone or not at all'],
    ['a=acme/', 1, 'has a rule that names no repository after the slash'],
    ['a=@acme', 1, 'has a rule that names a person by something else than @{uuid}'],
    [
      'a=https://bitbucket.org/acme',
      1,
      'has a rule that is a URL; write only what follows bitbucket.org/, without a slash at the end',
    ],
  ])('%o is a mistake', (text, place, expected) => {
    expect(parseRoles(text)).toEqual({ ok: false, mistake: `role ${place} ${expected}` });
  });
});
