/**
 * Which version an Action really runs. Auth0 makes a new version of what a rollback puts back, and
 * by its number it would be the newest: the next rollback would go forward again. So a rollback
 * leaves a note, in the metadata of the machine-to-machine application: of each Action, which of its
 * versions is which earlier one.
 */
import type { TenantAction, TenantApplication } from '../tenant/tenant-types.ts';

/** `[8, 3]`: version 8 is what version 3 was. */
export type Putback = readonly [version: number, was: number];

const PREFIX = 'bitbucket_login_rollback_';
/** Auth0 takes 255 characters. */
const MOST = 15;

/** One key for each Action; another Action of the same name has another id. */
export function historyKeyOf({ id }: Pick<TenantAction, 'id'>): string {
  return `${PREFIX}${id.replaceAll('-', '').slice(0, 12)}`;
}

export function readHistory(
  client: TenantApplication | undefined,
  action: Pick<TenantAction, 'id'>,
): readonly Putback[] {
  const text = client?.client_metadata?.[historyKeyOf(action)] ?? '';
  return text
    .split(',')
    .map((pair) => /^(\d{1,9}):(\d{1,9})$/.exec(pair))
    .flatMap((match) => (match === null ? [] : [[Number(match[1]), Number(match[2])] as const]));
}

export function writeHistory(history: readonly Putback[]): string {
  return history
    .slice(-MOST)
    .map(([version, was]) => `${version}:${was}`)
    .join(',');
}

/**
 * The versions that led to the deployed one, the oldest first and it last: a rollback takes back
 * what was deployed since the version that it put back.
 * @param numbers of the versions that Auth0 still has.
 */
export function findLineage(
  numbers: readonly number[],
  deployed: number,
  history: readonly Putback[],
): readonly number[] {
  const lineage: number[] = [];
  const known = numbers.filter((number) => number <= deployed).sort((one, other) => one - other);
  for (const number of known) {
    const was = history.findLast(([version]) => version === number)?.[1];
    const place = was === undefined ? -1 : lineage.indexOf(was);
    if (place === -1) lineage.push(number);
    else lineage.length = place + 1;
  }
  return lineage;
}
