/** `npm run people`: everybody of the Bitbucket connections, read and judged. Changes nothing. */
import { type Environment, readDeployer } from '../cli/environment.ts';
import { toHarmless } from '../cli/harmless.ts';
import { showStep } from '../cli/progress.ts';
import { assertScopes, READER_SCOPES } from '../tenant/deployer-scopes.ts';
import { connectToTenant } from '../tenant/management-api.ts';
import { readUsers } from './read-users.ts';
import { createRow, type Filters, filterRows, type PersonRow } from './rows.ts';
import { readSurroundings } from './surroundings.ts';

export interface People {
  /** After the filters. */
  readonly rows: readonly PersonRow[];
  /** Before them. */
  readonly total: number;
  /** In whole sentences. */
  readonly notes: readonly string[];
  readonly nowMs: number;
}

/** @throws {UserError} for a missing scope, and for what the tenant refuses. */
export async function listPeople(env: Environment, filters: Filters): Promise<People> {
  const deployer = readDeployer(env);
  const api = await connectToTenant(deployer);
  assertScopes(api.token, READER_SCOPES, 'reader');
  const surroundings = await showStep(`Reading the tenant ${deployer.domain}`, () =>
    readSurroundings(api, deployer, env),
  );
  const users = await showStep('Reading the people', (step) =>
    readUsers(api, surroundings.doors, step),
  );
  const nowMs = Date.now();
  const rows = users.map((user) => createRow(user, surroundings, nowMs));
  const { doors, standing, deployed } = surroundings;
  return {
    nowMs,
    total: rows.length,
    rows: filterRows(rows, filters, nowMs),
    notes: [
      ...(doors.length === 0 ? ['The tenant has no Bitbucket connection.'] : []),
      ...doors
        .filter(
          ({ applications, isForThirdParties }) => applications.length === 0 && !isForThirdParties,
        )
        .map(
          ({ name }) =>
            `The connection ${toHarmless(name)} is on for no application: nobody signs in through it, and its people are judged by the tenant’s policy.`,
        ),
      ...(standing.length === 0 && doors.length > 0
        ? ['NO Action of this package stands in the login flow: whoever comes gets in unchecked.']
        : []),
      deployed.sentence,
    ],
  };
}
