/** The pages that people read, and what in them is code. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);

export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export function readText(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

export function pathOf(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

export function readPages(): readonly Page[] {
  const list = (folder: string) =>
    readdirSync(new URL(folder, ROOT))
      .filter((name) => name.endsWith('.md'))
      .map((name) => folder + name);
  return [...list(''), ...list('docs/')].map((path) => ({ path, text: readText(path) }));
}

/** Fenced blocks and code spans, a line each: what a reader would copy or search for. */
export function codeOf(text: string): string {
  const fence = /^```[^\n]*\n([\s\S]*?)^```/gm;
  const blocks = [...text.matchAll(fence)].map(([, block]) => block);
  const spans = [...text.replace(fence, '').matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
  return [...blocks, ...spans].join('\n');
}

/** The blocks that a file's name stands beside, by that name. */
export function namedBlocksOf(text: string): ReadonlyMap<string, string> {
  const blocks = text.matchAll(/^```[a-z]+ (\S+)\n([\s\S]*?)^```/gm);
  return new Map([...blocks].map(([, name = '', block = '']) => [name, block]));
}
