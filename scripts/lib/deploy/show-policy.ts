/** The policy as it was understood, for people. Values in, text out. */
import type { Policy } from './policy.ts';

export function renderPolicy(policy: Policy | undefined): string {
  if (policy === undefined) {
    return 'Policy: none; tenant.yaml declares no Action of this package.';
  }
  const width = Math.max(0, ...policy.rules.map(({ rule }) => rule.length));
  const who = policy.rules.map(({ rule, meaning }) => `    ${rule.padEnd(width)}  ${meaning}`);
  return [
    'Policy: lets in',
    ...who,
    `  ${describeAddress(policy)}`,
    `  ${describeOutage(policy)}`,
    ...policy.roles.map(({ role, meaning }) => `  role ${role}: ${meaning}`),
    ...(policy.asksForRepositories ? [`  ${REPOSITORIES}`] : []),
  ].join('\n');
}

/** What the consumer is allowed is set by hand; only the doctor can see it. */
const REPOSITORIES =
  'for its repositories the Bitbucket consumer needs Repositories: Read (npm run doctor says whether it has it)';

function describeAddress({ requireVerifiedEmail }: Policy): string {
  return requireVerifiedEmail
    ? 'and of them only people whose address is confirmed at Bitbucket'
    : 'whether their address is confirmed at Bitbucket or not (REQUIRE_VERIFIED_EMAIL=false)';
}

function describeOutage({ onOutage, lastKnownMaxAgeHours: hours }: Policy): string {
  switch (onOutage) {
    case 'deny':
      return 'while Bitbucket or the Management API fails: nobody whom it would have to be asked about';
    case 'last_known':
      return `while Bitbucket or the Management API fails: by what was known in the last ${hours} h`;
  }
}
