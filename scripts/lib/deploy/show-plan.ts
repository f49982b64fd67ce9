/** A plan, for people and for programs. Values in, text out. */
import { styleText } from 'node:util';
import { hasChanges, type ResourceChange } from './plan.ts';

interface ShownPlan {
  readonly changes: readonly ResourceChange[];
  readonly warnings: readonly string[];
}

export function renderPlan({ changes, warnings }: ShownPlan): string {
  const width = Math.max(...changes.map(({ resource }) => resource.length));
  const lines = changes.flatMap(({ resource, change, fields }) => [
    `${signOf(change)} ${resource.padEnd(width)}  ${change === 'none' ? 'no change' : change}`,
    ...fields.map(({ field, from, to }) => `    ${field}: ${from} → ${to}`),
  ]);
  const warned = warnings.map((warning) => `${styleText('yellow', '!')} ${warning}`);
  const end = hasChanges(changes) ? [] : ['The tenant is as it should be: nothing to do.'];
  return [...lines, ...warned, ...end].join('\n');
}

export function renderPlanAsJson({ changes, warnings }: ShownPlan): string {
  return JSON.stringify({ hasChanges: hasChanges(changes), changes, warnings }, null, 2);
}

function signOf(change: ResourceChange['change']): string {
  switch (change) {
    case 'create':
      return styleText('green', '+');
    case 'update':
      return styleText('yellow', '~');
    case 'none':
      return styleText('dim', '=');
  }
}
