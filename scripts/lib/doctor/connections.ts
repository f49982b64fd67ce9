/** The Bitbucket connections of the tenant. Values in, findings out. */
import { readField } from '#actions/lib/read.ts';
import { isForThirdParties, THIRD_PARTIES } from '../deploy/door.ts';
import type { ConnectionState } from '../tenant/tenant-state.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

export function checkConnection({
  connection,
  enabledClients,
}: ConnectionState): readonly Finding[] {
  const check = `Connection ${connection.name}`;
  const count = enabledClients.length;
  const isVaultOn = readField(connection.connected_accounts, 'active') === true;
  return [
    count === 0
      ? warning(
          check,
          'it is on for no application',
          'Name some in AUTH0_ENABLED_CLIENTS and deploy.',
        )
      : ok(check, `it is on for ${count} application(s)`),
    ...(isForThirdParties(connection)
      ? [
          warning(
            check,
            `it is on for ${THIRD_PARTIES}`,
            'Take the promotion back, unless that is meant.',
          ),
        ]
      : []),
    ...(isVaultOn
      ? [
          problem(
            check,
            'Token Vault (Connected Accounts) is on: it hides the Bitbucket token from the Actions',
            'Switch it off for this connection.',
          ),
        ]
      : []),
  ];
}
