/** What a code means and what to do, as docs/operate.md has it: said there, and nowhere else. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../root.ts';

export interface Explanation {
  readonly means: string;
  readonly todo: string;
}

export const OPERATE = 'docs/operate.md';

/** `undefined` for a code that is not in its table. */
export async function explainCode(code: string): Promise<Explanation | undefined> {
  return findRow(await readFile(join(ROOT, OPERATE), 'utf8'), code);
}

export function findRow(page: string, code: string): Explanation | undefined {
  const row = page.split('\n').find((line) => line.startsWith(`| \`${code}\` |`));
  const [, , means, todo] =
    row?.split(' | ').flatMap((cell, index) => (index === 0 ? ['', cell] : [cell])) ?? [];
  if (means === undefined || todo === undefined) return undefined;
  return { means: toPlain(means), todo: toPlain(todo.replace(/ \|$/, '')) };
}

/** Without Markdown; a link says where it leads. */
function toPlain(text: string): string {
  return text
    .replace(/\[([^\]]+)\]\(#[^)]*\)/g, '$1')
    .replace(/\[([^\]]+)\]\(([^)#]+)[^)]*\)/g, '$1 (docs/$2)')
    .replaceAll('`', '');
}
