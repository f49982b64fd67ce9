/**
 * What to do about a refusal: docs/operate.md has it in words, and here is by which cause its rows
 * are found. So it is written once.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../root.ts';

/** In the page's order; the second is the first thing that its row names. */
const CAUSES: readonly (readonly [cause: RegExp, row: string])[] = [
  [
    /^(?:MANAGEMENT|CLAIM|ALLOWED|ROLES|GROUP|REQUIRE|RECHECK|EMAIL|ON_OUTAGE|LAST|BITBUCKET)[A-Z_]*: /,
    'ALLOWED_WORKSPACES: rule 2 …',
  ],
  [
    /^(?:bitbucket_allowed_workspaces|bitbucket_require_verified_email|client metadata)\b/,
    'bitbucket_allowed_workspaces: …',
  ],
  [/^management (?:token|user): 429$/, 'management token: 429'],
  [/^management user: 404$/, 'management user: 404'],
  [/^management user: 4\d\d$/, 'management user: 403'],
  [/^management token: 4\d\d$/, 'management token: 401'],
  [/^no token in the identity: /, 'no token in the identity: …'],
  [/^no identity of this connection$/, 'no identity of this connection'],
  [
    /^two identities of this connection are linked$/,
    'two identities of this connection are linked',
  ],
  [/^another account behind this identity$/, 'another account behind this identity'],
  [
    /it is that of another linked identity$|^Auth0 holds no address$/,
    '… it is that of another linked identity',
  ],
  [/^not among the confirmed addresses$/, 'not among the confirmed addresses'],
  [/^the account is not active$/, 'the account is not active'],
  [/^no rule is satisfied: /, 'no rule is satisfied: …'],
  [/^bitbucket consumer token: 4\d\d/, 'bitbucket consumer token: 400'],
  [
    /^bitbucket member: 40[134]|^the consumer can prove no more than membership$/,
    'bitbucket member: 401',
  ],
  [/^bitbucket [a-z ]+: 401$/, 'bitbucket user: 401'],
  [/^bitbucket [a-z ]+: 403, the consumer lacks /, 'bitbucket …: 403, the consumer lacks …'],
  [/^bitbucket (?:user|emails): 403$/, 'bitbucket user: 403'],
  [/^bitbucket [a-z ]+: 429$/, 'bitbucket …: 429'],
  [/: more than \d+ pages$/, '…: more than 10 pages'],
  [/: not_asked$/, '…: not_asked'],
  [/: (?:5\d\d|timed_out|dropped|no_time_left)$/, '…: 5xx'],
  [
    /: (?:unreadable|another (?:person|workspace|repository|identity).*|next leads elsewhere|too_large)$|not in Bitbucket's words/,
    '…: unreadable',
  ],
  [/^unexpected /, 'unexpected …'],
];

/** By the first thing in code that a row of a table names: what its last cell says. */
export type Advice = ReadonlyMap<string, string>;

/** The rows of the page; none where the page is not there. */
export async function readAdvice(): Promise<Advice> {
  const page = await readFile(join(ROOT, 'docs/operate.md'), 'utf8').catch(() => '');
  return parseAdvice(page);
}

export function parseAdvice(page: string): Advice {
  const [, section = ''] = page.split(/^## Two in the morning.*$/m);
  const [table = ''] = section.split(/^## /m);
  const rows = [...table.matchAll(/^\| `([^`]+)`.*\| ([^|]+) \|$/gm)];
  return new Map(rows.map(([, name = '', what = '']) => [name, toPlain(what)]));
}

/** The row of a cause; `undefined` for one that no row is about. */
export function findRow(cause: string): string | undefined {
  return CAUSES.find(([pattern]) => pattern.test(cause))?.[1];
}

/** The rows that are asked for by a cause. */
export const CAUSE_ROWS: readonly string[] = CAUSES.map(([, row]) => row);

/** Of the code, and of the cause where that says more. */
export function adviseOn(
  advice: Advice,
  { code, cause }: { readonly code: string; readonly cause: string | undefined },
): readonly string[] {
  const row = cause === undefined ? undefined : findRow(cause);
  const ofCode = advice.get(code);
  const ofCause = row === undefined ? undefined : advice.get(row);
  const isSame = ofCause?.startsWith('as for ') === true;
  const told = isSame || ofCause === undefined ? ofCode : ofCause;
  return told === undefined ? [] : [`${code}: ${told}`];
}

/** Without the marks of Markdown; a link is said with its page. */
function toPlain(text: string): string {
  return text.replace(/\[([^\]]+)\]\(([^)]+)\)/g, (_, name: string, target: string) =>
    target.startsWith('#') ? name : `${name} (docs/${target})`,
  );
}
