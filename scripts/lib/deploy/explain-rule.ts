/** What a rule of the policy means, in words, as the Actions' reader has understood it. */
import type { Rule } from '#actions/lib/policy/rules.ts';

/** The rule as it could have been written. */
export function writeRule(rule: Rule): string {
  switch (rule.kind) {
    case 'person':
      return `@${rule.uuid}`;
    case 'workspace':
      return withPermission(rule.workspace, rule.permission, 'member');
    case 'repository':
      return withPermission(rule.repository, rule.permission, 'read');
  }
}

export function explainRule(rule: Rule): string {
  switch (rule.kind) {
    case 'person':
      return `the Bitbucket account ${rule.uuid}, whatever it is in`;
    case 'workspace':
      return `${WHO_IN_WORKSPACE[rule.permission]} ${rule.workspace}`;
    case 'repository':
      return `${WHO_ON_REPOSITORY[rule.permission]} ${rule.repository}`;
  }
}

const WHO_IN_WORKSPACE = {
  member: 'whoever is in the workspace',
  collaborator: 'whoever is at least a collaborator in the workspace',
  'create-project': 'whoever may at least create projects in the workspace',
  owner: 'owners of the workspace',
} as const;

const WHO_ON_REPOSITORY = {
  read: 'whoever may at least read the repository',
  write: 'whoever may at least write to the repository',
  admin: 'administrators of the repository',
} as const;

function withPermission(name: string, permission: string, usual: string): string {
  return permission === usual ? name : `${name}:${permission}`;
}
