/**
 * Looks at one person, drawn at random: what Bitbucket answered, by whichever name it was asked, and
 * what is known after each of them. Few names and few times, so that they meet.
 */
import fc from 'fast-check';
import { createFindings, type Findings } from '#actions/lib/bitbucket/findings.ts';
import {
  type Facts,
  NOTHING_KNOWN,
  PERMISSIONS,
  type Permission,
  REPOSITORY_PERMISSIONS,
  type Repository,
  type Workspace,
} from '#actions/lib/knowledge/facts.ts';
import { merge } from '#actions/lib/knowledge/merge.ts';
import { NOW, numbered, PERSON } from '#test/support/action-run.ts';

export const UUIDS = numbered(3).map(({ uuid }) => uuid);
/** A slug may be given up and taken by another workspace. */
export const SLUGS = ['w0', 'w1', 'w2'];
export const NAMES = [...UUIDS, ...SLUGS];
const REPOSITORY_UUIDS = numbered(5)
  .slice(3)
  .map(({ uuid }) => uuid);
export const REPOSITORY_NAMES = [
  ...['w0/infra', 'w0/tools'],
  ...REPOSITORY_UUIDS.map((uuid) => `${UUIDS[0]}/${uuid}`),
];

export type Answer =
  | {
      readonly kind: 'member';
      readonly name: string;
      readonly workspace: Workspace;
      readonly permission: Permission | undefined;
    }
  | { readonly kind: 'no member'; readonly name: string }
  | { readonly kind: 'repository'; readonly name: string; readonly repository: Repository }
  | { readonly kind: 'no repository'; readonly name: string }
  | { readonly kind: 'account'; readonly isActive: boolean }
  | { readonly kind: 'another account' }
  | { readonly kind: 'address'; readonly mark: string; readonly isConfirmed: boolean }
  | {
      readonly kind: 'reachable';
      readonly workspaces: readonly Workspace[];
      readonly hasMore: boolean;
    };

export interface Told {
  readonly at: number;
  readonly answers: readonly Answer[];
}

const workspace = fc.record({
  uuid: fc.constantFrom(...UUIDS),
  slug: fc.constantFrom(...SLUGS),
});
const member = fc
  .tuple(workspace, fc.boolean(), fc.option(fc.constantFrom(...PERMISSIONS), { nil: undefined }))
  .map(
    ([found, byUuid, permission]): Answer => ({
      kind: 'member',
      name: byUuid ? found.uuid : found.slug,
      workspace: found,
      permission,
    }),
  );
const repository = fc
  .tuple(
    fc.record({
      uuid: fc.constantFrom(...REPOSITORY_UUIDS),
      fullName: fc.constantFrom('w0/infra', 'w0/tools'),
      permission: fc.constantFrom(...REPOSITORY_PERMISSIONS),
    }),
    fc.boolean(),
  )
  .map(
    ([found, byUuid]): Answer => ({
      kind: 'repository',
      name: byUuid ? `${UUIDS[0]}/${found.uuid}` : found.fullName,
      repository: found,
    }),
  );
const answer = fc.oneof(
  { arbitrary: member, weight: 4 },
  {
    arbitrary: fc.constantFrom(...NAMES).map((name): Answer => ({ kind: 'no member', name })),
    weight: 3,
  },
  { arbitrary: repository, weight: 2 },
  {
    arbitrary: fc
      .constantFrom(...REPOSITORY_NAMES)
      .map((name): Answer => ({ kind: 'no repository', name })),
    weight: 2,
  },
  {
    arbitrary: fc.boolean().map((isActive): Answer => ({ kind: 'account', isActive })),
    weight: 2,
  },
  fc.constant<Answer>({ kind: 'another account' }),
  fc
    .tuple(fc.constantFrom('', 'mark', 'another'), fc.boolean())
    .map(([mark, isConfirmed]): Answer => ({ kind: 'address', mark, isConfirmed })),
  fc
    .tuple(fc.uniqueArray(workspace, { selector: ({ uuid }) => uuid }), fc.boolean())
    .map(([workspaces, hasMore]): Answer => ({ kind: 'reachable', workspaces, hasMore })),
);

/** Looks that began at different times within the last day, in the order in which they ended. */
export const looks: fc.Arbitrary<readonly Told[]> = fc
  .uniqueArray(fc.integer({ min: 1, max: 1_440 }), { minLength: 1, maxLength: 6 })
  .chain((minutes) =>
    fc.tuple(
      ...minutes.map((ago) =>
        fc
          .array(answer, { maxLength: 5 })
          .map((answers): Told => ({ at: NOW - ago * 60_000, answers: consistent(answers) })),
      ),
    ),
  );

/**
 * At any one time a slug is one workspace's, a workspace has one slug, there is one permission, and
 * what is answered no is not listed.
 */
function consistent(answers: readonly Answer[]): readonly Answer[] {
  const truth = new Map<string, string>();
  const noes = answers.flatMap((one) => (one.kind === 'no member' ? [one.name] : []));
  return answers.filter((one) => {
    if (one.kind === 'reachable') {
      return one.workspaces.every(({ uuid, slug }) => !noes.includes(uuid) && !noes.includes(slug));
    }
    const [uuid, name, permission] =
      one.kind === 'member'
        ? [one.workspace.uuid, one.workspace.slug, one.permission]
        : one.kind === 'repository'
          ? [one.repository.uuid, one.repository.fullName, one.repository.permission]
          : [];
    if (uuid === undefined || name === undefined) return true;
    const found = `${name} ${permission}`;
    const isSo = (truth.get(uuid) ?? found) === found && (truth.get(name) ?? uuid) === uuid;
    if (isSo) truth.set(uuid, found).set(name, uuid);
    return isSo;
  });
}

/** What such a look found. */
export function foundIn({ at, answers }: Told): Facts {
  const findings = createFindings(at, 'person');
  for (const one of answers) tell(findings, one);
  return findings.end().found;
}

/** What is known after these looks. */
export function knownAfter(told: readonly Told[]): Facts {
  return told.map(foundIn).reduce(merge, NOTHING_KNOWN);
}

function tell(findings: Findings, one: Answer): void {
  switch (one.kind) {
    case 'member':
      findings.member(one.name, one.workspace, one.permission);
      break;
    case 'no member':
      findings.noMember(one.name, '403');
      break;
    case 'repository':
      findings.repository(one.name, one.repository);
      break;
    case 'no repository':
      findings.noRepository(one.name, 'no access');
      break;
    case 'account':
      findings.account({ uuid: PERSON, isActive: one.isActive });
      break;
    case 'another account':
      findings.anotherAccount();
      break;
    case 'address':
      findings.address(one.mark, one.isConfirmed, undefined);
      break;
    case 'reachable':
      findings.reachable(one.workspaces, one.hasMore);
      break;
  }
}
