/** What a deploy would change: drift is a warning, and a deploy that is impossible a problem. */
import type { Environment } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';
import type { ResourceChange } from '../deploy/plan.ts';
import { prepare } from '../deploy/prepare.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

export async function checkDrift(env: Environment): Promise<readonly Finding[]> {
  try {
    const { changes } = await prepare(env);
    return changes.map(describeChange);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [first = '', ...rest] = error.message.split('\n').map((line) => line.trim());
    return [problem('Plan', first, rest.join(' ') || 'npm run plan says the same.')];
  }
}

function describeChange({ resource, change, fields }: ResourceChange): Finding {
  switch (change) {
    case 'none':
      return ok(resource, 'as it should be');
    case 'create':
      return warning(resource, 'it is not there yet', 'npm run deploy');
    case 'update':
      return warning(
        resource,
        `it differs: ${fields.map(({ field }) => field).join(', ')}`,
        'npm run plan shows how; npm run deploy puts it right.',
      );
  }
}
