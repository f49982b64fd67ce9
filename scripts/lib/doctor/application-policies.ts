/**
 * The policies that applications have in their metadata: a key that is nearly one of ours, and a
 * policy that cannot be read, refuse every login of the application. Values in, findings out.
 */
import { readField } from '#actions/lib/read.ts';
import type { Environment } from '../cli/variables.ts';
import { type Finding, ok, problem } from './finding.ts';
import { findMistake } from './policy.ts';

export interface ClientMetadata {
  readonly name: string;
  readonly metadata: unknown;
}

/** Each key, and the setting that it replaces. */
const KEYS = {
  bitbucket_allowed_workspaces: 'ALLOWED_WORKSPACES',
  bitbucket_require_verified_email: 'REQUIRE_VERIFIED_EMAIL',
};

/** @param clients those that the connection is on for. @param env with a policy that can be read. */
export function checkApplicationPolicies(
  clients: readonly ClientMetadata[],
  env: Environment,
): readonly Finding[] {
  const faults = clients.flatMap((client) => checkClient(client, env));
  const own = clients.filter(({ metadata }) =>
    Object.keys(KEYS).some((key) => readField(metadata, key) !== undefined),
  );
  if (faults.length > 0 || own.length === 0) return faults;
  return [ok('Policies of applications', `${own.length} can be read`)];
}

function checkClient({ name, metadata }: ClientMetadata, env: Environment): readonly Finding[] {
  const check = `Application ${name}`;
  const keys = Object.keys(typeof metadata === 'object' && metadata !== null ? metadata : {});
  const near = keys.flatMap((key) => {
    const meant = key.toLowerCase().replaceAll('-', '_').replaceAll(/\s/g, '');
    return key !== meant && Object.hasOwn(KEYS, meant) ? [{ key, meant }] : [];
  });
  const unreadable = Object.entries(KEYS).flatMap(([key, setting]) => {
    const value = readField(metadata, key);
    if (value === undefined || value === null) return [];
    const mistake =
      typeof value === 'string'
        ? value.trim() === ''
          ? 'empty'
          : findMistake({ ...env, [setting]: value })
        : 'not a string';
    return mistake === undefined ? [] : [{ key, mistake: mistake.replace(`${setting}: `, '') }];
  });
  return [
    ...near.map(({ key, meant }) =>
      problem(
        check,
        `its metadata has “${key}”, which is nearly ${meant}: every login to it is refused`,
        `Write ${meant}, or remove it.`,
      ),
    ),
    ...unreadable.map(({ key, mistake }) =>
      problem(
        check,
        `its ${key} cannot be read (${mistake}): every login to it is refused`,
        'Correct it in the metadata of the application.',
      ),
    ),
  ];
}
