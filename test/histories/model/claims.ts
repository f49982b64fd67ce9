/** What the claims of somebody who was let in may say, and must say. Returns what is wrong. */
import type { ActionName } from '../flow.ts';
import { accountNamed } from './known.ts';
import { judgeRule } from './outcome.ts';
import { allRules, namesIn, type Policy } from './policy.ts';
import { possible, type View } from './view.ts';

type Claims = Readonly<Record<string, unknown>>;
interface ClaimedWorkspace {
  readonly uuid: string;
  readonly slug: string;
  readonly permission?: string;
}

/** `views`: of each Action that let the person in, as it saw the login. */
export function wrongClaims(
  claims: Claims,
  views: Readonly<Partial<Record<ActionName, View>>>,
  policy: Policy,
  email: string | undefined,
): readonly string[] {
  const wrong: string[] = [];
  if (views.email !== undefined) wrong.push(...wrongAddress(claims, views.email, email));
  if (views.workspaces !== undefined) {
    const view = views.workspaces;
    const account = accountNamed(view.heard)?.uuid ?? view.after.account;
    // Which Action says `uuid` is open; together they do.
    if (claims.uuid !== account) wrong.push(`uuid ${claims.uuid}`);
    wrong.push(...wrongWorkspaces(claims, view, policy));
    wrong.push(...wrongRoles(claims, view, policy));
    wrong.push(...wrongGroups(claims, view, policy));
  }
  if (Buffer.byteLength(JSON.stringify(claims)) > MAX_BYTES) wrong.push('over 3 kB');
  for (const name of Object.keys(claims)) if (!NAMES.has(name)) wrong.push(`a claim ${name}`);
  return wrong;
}

/** "At most … 3 kB": of 1,024, and without the namespaces. */
const MAX_BYTES = 3_072;
const NAMES = new Set([
  'uuid',
  'workspaces',
  'groups',
  'repositories',
  'roles',
  'email',
  'email_verified',
  'workspaces_truncated',
]);

function wrongAddress(claims: Claims, view: View, email: string | undefined): string[] {
  const thing = `address ${email?.toLowerCase()}`;
  const { values } = email === undefined ? { values: ['unconfirmed', '?'] } : possible(view, thing);
  const said = claims.email_verified;
  const wrong: string[] = [];
  const word = said === undefined ? '?' : said ? 'confirmed' : 'unconfirmed';
  if (!values.includes(word)) wrong.push(`email_verified ${said}, known: ${values}`);
  const answers = view.heard.flatMap(({ answer }) => (answer?.of === 'emails' ? [answer] : []));
  const last = answers.at(-1);
  if (last !== undefined && accountNamed(view.heard) !== undefined) {
    if (claims.email !== last.primary) wrong.push(`email ${claims.email}, heard: ${last.primary}`);
  } else if (claims.email !== undefined && claims.email !== email && last === undefined) {
    wrong.push(`email ${claims.email}, which nobody said`);
  }
  return wrong;
}

function wrongWorkspaces(claims: Claims, view: View, policy: Policy): string[] {
  const wrong: string[] = [];
  const claimed = (claims.workspaces ?? []) as readonly ClaimedWorkspace[];
  const isAny = policy.rules.some(({ of }) => of === 'any');
  const names = namesIn(allRules(policy));
  const ofRepositories = allRules(policy).flatMap((rule) =>
    rule.of === 'repository' ? [rule.name.split('/')[0]] : [],
  );
  for (const { uuid, slug, permission } of claimed) {
    const own = names.filter((name) => name === uuid || name === slug);
    const isOfRepository = ofRepositories.includes(slug) || ofRepositories.includes(uuid);
    if (!isAny && own.length === 0 && !isOfRepository) wrong.push(`${slug} is not in the list`);
    const isIn = [...own, uuid, slug].some((name) =>
      possible(view, `member ${name}`).values.includes('yes'),
    );
    if (!isIn && !isAny) wrong.push(`in ${slug}, which is not known`);
    const levels = [...own, uuid, slug].flatMap(
      (name) => possible(view, `permission ${name}`).values,
    );
    if (permission !== undefined && !levels.includes(permission)) {
      wrong.push(`${slug}:${permission}, known: ${[...new Set(levels)]}`);
    }
  }
  for (const name of names) {
    const mine = claimed.find(({ uuid, slug }) => uuid === name || slug === name);
    const member = possible(view, `member ${name}`).values;
    if (mine === undefined && isOnly(member, 'yes')) wrong.push(`not in ${name}`);
    const levels = possible(view, `permission ${name}`).values;
    if (mine !== undefined && levels.length === 1 && levels[0] !== '?' && isOnly(member, 'yes')) {
      if (mine.permission !== levels[0]) wrong.push(`${name}:${mine.permission}, is ${levels}`);
    }
  }
  if (isAny) wrong.push(...wrongAny(claimed, view, claims.workspaces_truncated === true));
  return wrong;
}

/** Under `*`, and just listed: exactly those, of few. */
function wrongAny(
  claimed: readonly ClaimedWorkspace[],
  view: View,
  isTruncated: boolean,
): string[] {
  const answers = view.heard.flatMap(({ answer }) => (answer?.of === 'list' ? [answer] : []));
  const listed = answers.at(-1)?.listed;
  if (listed === undefined) return [];
  // Listed, but no member by an answer about it: as a guest. Either may be claimed.
  const saidNo = (uuid: string) =>
    listed.some(
      (one) =>
        one.uuid === uuid &&
        [one.uuid, one.slug].some((name) => possible(view, `member ${name}`).values.includes('no')),
    );
  // Nor need a yes be believed of a token whose account was not named.
  const isPart = isTruncated || accountNamed(view.heard) === undefined;
  const all = listed.map(({ uuid }) => uuid);
  const expected = all
    .filter((uuid) => claimed.some((one) => one.uuid === uuid) || !(isPart || saidNo(uuid)))
    .sort();
  const found = claimed.map(({ uuid }) => uuid).sort();
  const wrong = `${found}` === `${expected}` ? [] : [`workspaces ${found}, listed: ${expected}`];
  for (const { slug, uuid, permission } of claimed) {
    const one = listed.find((candidate) => candidate.uuid === uuid);
    if (permission === 'owner' && one?.isAdministrator === false) wrong.push(`${slug}:owner`);
  }
  return wrong;
}

function wrongRoles(claims: Claims, view: View, policy: Policy): string[] {
  if (policy.roles.size === 0) return claims.roles === undefined ? [] : ['roles without ROLES'];
  const claimed = claims.roles as readonly string[] | undefined;
  if (!Array.isArray(claimed)) return ['roles are missing'];
  const wrong = claimed.filter((role) => !policy.roles.has(role)).map((role) => `role ${role}`);
  for (const [role, rules] of policy.roles) {
    const told = rules.map((rule) => judgeRule(view, rule).values);
    const may = told.some((values) => values.includes('yes'));
    const must = told.some((values) => isOnly(values, 'yes'));
    if (claimed.includes(role) && !may) wrong.push(`role ${role}, known: ${told}`);
    if (!claimed.includes(role) && must) wrong.push(`no role ${role}, known: ${told}`);
  }
  return wrong;
}

function wrongGroups(claims: Claims, view: View, policy: Policy): string[] {
  const isAny = policy.rules.some(({ of }) => of === 'any');
  const key = isAny || view.settings.GROUP_NAMES === 'uuid' ? 'uuid' : 'slug';
  const claimed = (claims.workspaces ?? []) as readonly ClaimedWorkspace[];
  const expected = claimed.flatMap((one) => [
    one[key],
    ...(one.permission === undefined ? [] : [`${one[key]}:${one.permission}`]),
  ]);
  const found = (claims.groups ?? []) as readonly string[];
  return `${[...found].sort()}` === `${expected.sort()}` ? [] : [`groups ${found}`];
}

const isOnly = (values: readonly string[], value: string) =>
  values.length > 0 && values.every((one) => one === value);
