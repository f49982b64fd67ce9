/** What a rule of the policy means, in words. For rules that the Actions' reader has taken. */

const IN_WORKSPACE: Readonly<Record<string, string>> = {
  member: 'whoever is in the workspace',
  collaborator: 'whoever is at least a collaborator in the workspace',
  'create-project': 'whoever may at least create projects in the workspace',
  owner: 'owners of the workspace',
};

const ON_REPOSITORY: Readonly<Record<string, string>> = {
  read: 'whoever may at least read the repository',
  write: 'whoever may at least write to the repository',
  admin: 'administrators of the repository',
};

export function explainRule(rule: string): string {
  if (rule.startsWith('@')) return `the Bitbucket account ${rule.slice(1)}, whatever it is in`;
  const [name = '', permission] = rule.split(':');
  if (name.includes('/')) return `${ON_REPOSITORY[permission ?? 'read'] ?? ''} ${name}`;
  return `${IN_WORKSPACE[permission ?? 'member'] ?? ''} ${name}`;
}
