/** Where in a YAML file a value stands. Values in, values out. */
import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';

export type Path = readonly (string | number)[];

/** The line, from 1, of the value at `path`, or of the nearest one around it that is there. */
export function findLine(document: Document, lines: LineCounter, path: Path): number {
  return findPlace(document, lines, path).line;
}

/** The same with its column, from 1. */
export function findPlace(
  document: Document,
  lines: LineCounter,
  path: Path,
): { readonly line: number; readonly column: number } {
  let node = resolve(document, document.contents);
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    const next = findChild(document, node, step);
    if (next === undefined) break;
    offset = next.offset;
    node = next.node;
  }
  const { line, col } = lines.linePos(offset);
  // Of an empty file there is no line 0.
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** As people write a path: `connections[0].options`. */
export function writePath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

function findChild(
  document: Document,
  node: Node | undefined,
  step: string | number,
): { readonly node: Node | undefined; readonly offset: number } | undefined {
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step] as Node | undefined;
    if (item === undefined) return undefined;
    const resolved = resolve(document, item);
    return { node: resolved, offset: item.range?.[0] ?? resolved?.range?.[0] ?? 0 };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  if (pair === undefined) return undefined;
  const key = pair.key as Node;
  return { node: resolve(document, pair.value as Node | null), offset: key.range?.[0] ?? 0 };
}

function resolve(document: Document, node: Node | null | undefined): Node | undefined {
  if (isAlias(node)) return node.resolve(document);
  return node ?? undefined;
}
