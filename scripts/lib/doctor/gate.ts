/**
 * Whether this package's Actions stand before the Bitbucket connections, as this checkout builds
 * them. Values in, findings out.
 */
import { readField, readString } from '#actions/lib/read.ts';
import type { TenantAction, TenantBinding } from '../tenant/tenant-types.ts';
import { type Finding, ok, problem } from './finding.ts';

export interface Gate {
  /** This package's Actions of tenant.yaml: their code as it is built. */
  readonly ours: readonly { readonly name: string; readonly code: string | undefined }[];
  /** Those of them that are in the tenant, whole. */
  readonly actions: readonly TenantAction[];
  readonly bindings: readonly TenantBinding[];
}

const CHECK = 'Gate';
const TRIGGER = { id: 'post-login', version: 'v3' };

/** @param openFor how many applications a Bitbucket connection is on for; `undefined`: not known. */
export function checkGate(gate: Gate, openFor: number | undefined): readonly Finding[] {
  if (gate.ours.length === 0) return checkNoGate(openFor);
  const faults = gate.ours.flatMap(({ name, code }) => {
    const fault = findFault(gate, name, code);
    return fault === undefined ? [] : [{ name, fault }];
  });
  if (faults.length === 0) {
    const names = gate.ours.map(({ name }) => name).join(' and ');
    return [ok(CHECK, `${names} stand before every login, as this checkout builds them`)];
  }
  // Nobody gets in: what is missing is told by the plan.
  if (openFor === 0) return [];
  const open = describeOpen(openFor);
  return faults.map(({ name, fault }) =>
    problem(
      CHECK,
      `${name} ${fault}, and ${open}`,
      'npm run deploy; until then, switch the connection off for its applications.',
    ),
  );
}

function describeOpen(openFor: number | undefined): string {
  return openFor === undefined
    ? 'whether the connection is on for somebody could not be read'
    : `the connection is on for ${openFor} application(s)`;
}

/** A file whose Actions are made of other files than `dist/` has none of ours. */
function checkNoGate(openFor: number | undefined): readonly Finding[] {
  if (openFor === 0) return [];
  return [
    problem(
      CHECK,
      `tenant.yaml has no Action of this package (code: ./dist/…), and ${describeOpen(openFor)}`,
      'Put them back into tenant.yaml and deploy; until then, switch the connection off for its applications.',
    ),
  ];
}

function findFault(
  { actions, bindings }: Gate,
  name: string,
  code: string | undefined,
): string | undefined {
  const action = actions.find((candidate) => candidate.name === name);
  if (action === undefined) return 'is not in the tenant';
  const deployed = action.deployed_version;
  if (deployed === undefined) return 'is not deployed';
  const binding = bindings.find((candidate) => candidate.action.id === action.id);
  if (binding === undefined) return 'is not bound to the login flow';
  const bound = readString(readField(binding.action, 'deployed_version'), 'id');
  if (bound !== undefined && bound !== deployed.id) return 'is bound in another version';
  const isForTrigger = (action.supported_triggers ?? [TRIGGER]).some(
    ({ id, version }) => id === TRIGGER.id && version === TRIGGER.version,
  );
  if (!isForTrigger) return `is not made for ${TRIGGER.id} ${TRIGGER.version}`;
  // An empty function in the dashboard would do just as well as the version of last year.
  if (deployed.code !== code) {
    return 'runs other code than this checkout builds: an older version, or changed in the dashboard';
  }
  return undefined;
}
