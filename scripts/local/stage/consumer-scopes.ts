/** What the OAuth consumer has to be allowed for a policy. No I/O. */
import { parseAllowed, parseRoles, repositoriesOf } from '#actions/lib/policy/rules.ts';
import type { Environment } from '#scripts/lib/cli/environment.ts';

/** `repository` only where a rule asks about one; a policy that cannot be read asks nothing. */
export function scopesFor(policy: Environment): readonly string[] {
  const allowed = parseAllowed(policy.ALLOWED_WORKSPACES ?? '*');
  const roles = parseRoles(policy.ROLES ?? '');
  const rules = [
    ...(allowed.ok && allowed.value !== 'any' ? allowed.value : []),
    ...(roles.ok ? roles.value.map(({ rule }) => rule) : []),
  ];
  const scopes = ['account', 'email'];
  return repositoriesOf(rules).length === 0 ? scopes : [...scopes, 'repository'];
}
