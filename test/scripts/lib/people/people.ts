/** People with facts, as the Actions would have kept them. */
import { createFindings, type Findings } from '#actions/lib/bitbucket/findings.ts';
import { addressMark } from '#actions/lib/knowledge/owner.ts';
import { createStored } from '#actions/lib/knowledge/store.ts';
import type { StoredRefusal } from '#actions/lib/knowledge/stored.ts';
import { decideEmail, decideWorkspaces } from '#actions/lib/policy/decide.ts';
import type { Door } from '#scripts/lib/people/surroundings.ts';
import { parseUser, type TenantUser } from '#scripts/lib/people/tenant-user.ts';

export const NOW = Date.parse('2026-11-25T12:00:00.000Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const UUID = '{b77eb7ec-0f1f-4834-87b6-6e6eef76ac5e}';
export const ACME = { uuid: '{9a7a67cf-827e-48c4-887e-66e281afef76}', slug: 'acme' };
export const APP = { clientId: 'app', name: 'App', metadata: {} };

export const doorOf = (over: Partial<Door> = {}): Door => ({
  id: 'con_0000000000000001',
  name: 'bitbucket',
  applications: [APP],
  isForThirdParties: false,
  ...over,
});

export const gateOf = (settings: Readonly<Record<string, string>> = {}) => ({
  halves: [decideEmail, decideWorkspaces],
  secrets: {
    MANAGEMENT_DOMAIN: 'acme.eu.auth0.com',
    MANAGEMENT_CLIENT_ID: 'machine',
    MANAGEMENT_CLIENT_SECRET: 'secret',
    CLAIM_NAMESPACE: 'https://example.com/bitbucket',
    ALLOWED_WORKSPACES: 'acme',
    ...settings,
  },
});

export interface PersonOptions {
  readonly email?: string;
  readonly name?: string;
  readonly connection?: string;
  readonly identities?: readonly object[];
  /** How old the look is. */
  readonly ageMs?: number;
  readonly refusal?: StoredRefusal;
  /** What the look found beside the account and the confirmed address. */
  readonly find?: (findings: Findings) => void;
  /** Over the whole profile. */
  readonly over?: object;
}

/** Somebody who was found to be a member of acme an hour ago less a minute, where nothing is said. */
export function createPerson(options: PersonOptions = {}): TenantUser {
  const { email = 'olivia@example.com', connection = 'bitbucket', name = 'Olivia' } = options;
  const identities = options.identities ?? [{ connection, provider: 'bitbucket', user_id: UUID }];
  const owner = { connection, accounts: [UUID] };
  const address = { text: email, mark: addressMark(owner, email) };
  const findings = createFindings(NOW - (options.ageMs ?? 59 * MINUTE), 'person');
  findings.account({ uuid: UUID, isActive: true });
  findings.address(address.mark, true, email);
  (options.find ?? ((of) => of.member('acme', ACME, 'member')))(findings);
  const { found: facts } = findings.end();
  const app_metadata = createStored({
    ...{ facts, owner, address, askedFor: ['acme'], refusal: options.refusal },
  });
  const user = { user_id: `bitbucket|${UUID}`, email, name, identities, app_metadata };
  const parsed = parseUser({ ...user, ...options.over });
  if (parsed === undefined) throw new Error('no user');
  return parsed;
}
