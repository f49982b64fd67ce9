/** Applications by name or by client id, as people write them in a list. Values in, values out. */
import type { ApplicationLine } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';

interface Application {
  readonly client_id: string;
  readonly name: string;
}

/**
 * The client ids of `lines`, each once. A whole line is tried as one name before its commas
 * separate anything. `source` is what names them, for whoever has to change it.
 * @throws {UserError} naming every name that no application has, or that several have.
 */
export function resolveApplications(
  lines: readonly ApplicationLine[],
  clients: readonly Application[],
  source = 'AUTH0_ENABLED_CLIENTS',
): readonly string[] {
  const faults: string[] = [];
  const ids = lines.flatMap(({ line, parts }) => {
    const names = findApplications(line, clients).length > 0 ? [line] : parts;
    return names.flatMap((name) => {
      const found = findApplications(name, clients);
      if (found.length === 0) faults.push(describeUnknown(name, parts));
      if (found.length > 1) faults.push(describeAmbiguous(name, found));
      return found.map(({ client_id: id }) => id);
    });
  });
  if (faults.length === 0) return [...new Set(ids)];
  throw new UserError(
    [
      `${source} cannot be followed; nothing was changed.`,
      ...faults.map((fault) => `  - ${fault}`),
    ].join('\n'),
  );
}

/** Auth0 chooses client ids, so one that is written is meant, whatever somebody named theirs. */
function findApplications(name: string, clients: readonly Application[]): readonly Application[] {
  const withId = clients.filter((client) => client.client_id === name);
  return withId.length > 0 ? withId : clients.filter((client) => client.name === name);
}

function describeUnknown(name: string, parts: readonly string[]): string {
  const fault = `the tenant has no application “${name}”, by name or by client id`;
  return parts.length > 1
    ? `${fault}; a name that holds a comma stands on a line of its own`
    : fault;
}

function describeAmbiguous(name: string, found: readonly Application[]): string {
  const ids = found.map(({ client_id: id }) => id).join(', ');
  return `several applications answer to “${name}”: write the client id of the one that is meant (${ids})`;
}
