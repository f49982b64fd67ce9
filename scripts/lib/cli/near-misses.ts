/**
 * Names in the environment that look like one of ours and are not: `ALLOWED_WORKSPACE` is nobody's
 * setting, and whoever wrote it believes that it is one. Values in, values out.
 *
 * A CI system sets hundreds of names, many of them AUTH0_… and BITBUCKET_…; a false alarm would
 * stop its deploys. So the rules are narrow, and narrower for short names.
 */
import { type Environment, VARIABLES } from './variables.ts';

export interface NearMiss {
  /** As it is written in the environment. */
  readonly name: string;
  /** What was probably meant. */
  readonly meant: string;
}

const OURS = VARIABLES.map(({ name }) => name);
/** Words that others use too: told only in another case, or with a letter too many or too few. */
const COMMON = new Set(['ROLES', 'GROUP_NAMES', 'ON_OUTAGE']);
const OF_A_PRODUCT = /^(?:AUTH0|BITBUCKET)_/;

/** Those of `env` that are not empty, sorted by name. */
export function findNearMisses(env: Environment): readonly NearMiss[] {
  return Object.keys(env)
    .filter((name) => env[name] && !OURS.includes(name))
    .sort()
    .flatMap((name) => {
      const meant = OURS.find((ours) => isNear(name, ours, env));
      return meant === undefined ? [] : [{ name, meant }];
    });
}

function isNear(name: string, ours: string, env: Environment): boolean {
  const written = name.trim().toUpperCase().replace(/[-. ]/g, '_');
  if (written === ours) return true;
  const isSet = Boolean(env[ours]);
  if (OF_A_PRODUCT.test(ours)) {
    // Others have names of these families: only where ours is missing, or is ours alone.
    return (!isSet || ours === 'AUTH0_ENABLED_CLIENTS') && isMisspelt(written, ours);
  }
  const bare = written.replace(/^BITBUCKET_/, '');
  if (bare === ours || isMisspelt(bare, ours)) return true;
  if (COMMON.has(ours)) return false;
  if (hasSameWords(bare, ours) || hasSameBeginning(bare, ours)) return true;
  // PROD_ALLOWED_WORKSPACES beside ALLOWED_WORKSPACES is where a CI file takes the value from.
  if (isSet && !written.startsWith('AUTH0_')) return false;
  return written.endsWith(`_${ours}`) || written.startsWith(`${ours}_`);
}

/** One letter wrong; two in a long name. A short name is another one when a letter is replaced. */
function isMisspelt(written: string, ours: string): boolean {
  if (COMMON.has(ours) && written.length === ours.length) {
    return [...written].sort().join() === [...ours].sort().join() && distance(written, ours) === 1;
  }
  return distance(written, ours) <= (ours.length >= 15 && !OF_A_PRODUCT.test(ours) ? 2 : 1);
}

/** `REQUIRE_EMAIL_VERIFIED`, `VERIFIED_EMAIL_REQUIRED`. */
function hasSameWords(written: string, ours: string): boolean {
  return wordsOf(written).sort().join() === wordsOf(ours).sort().join();
}

/** `RECHECK_AFTER_HOURS`: all words but the last. */
function hasSameBeginning(written: string, ours: string): boolean {
  const [one, other] = [wordsOf(written), wordsOf(ours)];
  return (
    other.length >= 3 &&
    one.length === other.length &&
    one.slice(0, -1).join() === other.slice(0, -1).join()
  );
}

function wordsOf(name: string): string[] {
  return name.split('_').map((word) => word.replace(/(?:ED|S|D)$/, '').replace(/E$/, ''));
}

/** Letters to insert, to remove, to replace, or to swap with the next (optimal string alignment). */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= one.length; row += 1) {
    rows.push([row]);
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      rows[row]?.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (isSame ? 0 : 1),
          isSwapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(one.length, other.length);
}
