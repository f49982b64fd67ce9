/** A plan, for people and for programs. Values in, text out. */
import { styleText } from 'node:util';
import { hasChanges, type ResourceChange } from './plan.ts';
import type { Policy } from './policy.ts';
import { renderPolicy } from './show-policy.ts';

interface ShownPlan {
  readonly policy: Policy | undefined;
  readonly changes: readonly ResourceChange[];
  readonly warnings: readonly string[];
  readonly fingerprint: string;
}

export function renderPlan({ policy, changes, warnings, fingerprint }: ShownPlan): string {
  const width = Math.max(...changes.map(({ resource }) => resource.length));
  const lines = changes.flatMap(({ resource, change, fields }) => [
    `${signOf(change)} ${resource.padEnd(width)}  ${change === 'none' ? 'no change' : change}`,
    ...fields.map(({ field, from, to }) =>
      change === 'create' ? `    ${field}: ${to}` : `    ${field}: ${from} → ${to}`,
    ),
  ]);
  const warned = warnings.map((warning) => `${styleText('yellow', '!')} ${warning}`);
  const end = hasChanges(changes)
    ? [`Fingerprint: ${fingerprint}`]
    : ['The tenant is as it should be: nothing to do.'];
  return [renderPolicy(policy), '', ...lines, ...warned, ...end].join('\n');
}

/**
 * `policy` is `null` where no Action of this package is declared.
 * @param more what is told beside the plan.
 */
export function renderPlanAsJson(
  { policy, changes, warnings, fingerprint }: ShownPlan,
  more: object = {},
): string {
  const plan = { policy: policy ?? null, changes, warnings, fingerprint, ...more };
  return JSON.stringify({ hasChanges: hasChanges(changes), ...plan }, null, 2);
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
