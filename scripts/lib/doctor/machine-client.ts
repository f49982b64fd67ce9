/** Whether the Actions can read upstream tokens: asked for a token as they ask. */
import type { Deployer } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';
import { readScopes } from '../tenant/deployer-scopes.ts';
import { connectToTenant } from '../tenant/management-api.ts';
import type { TenantApplication } from '../tenant/tenant-types.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const CHECK = 'Reading upstream tokens';
const NEEDED = ['read:users', 'read:user_idp_tokens'];

/** @param isOpen somebody can sign in, and needs it. */
export async function checkMachineClient(
  { domain }: Deployer,
  client: TenantApplication | undefined,
  isOpen: boolean,
): Promise<Finding> {
  if (client === undefined) {
    const [message, advice] = [
      'the machine-to-machine application is not there',
      'npm run deploy makes it.',
    ] as const;
    return isOpen
      ? problem(CHECK, `${message}: nobody can sign in`, advice)
      : warning(CHECK, message, advice);
  }
  const { client_id: clientId, client_secret: secret, name } = client;
  if (!secret) {
    return warning(
      CHECK,
      `the secret of ${name} was not shown`,
      'The deployer needs read:client_keys.',
    );
  }
  try {
    const { token } = await connectToTenant({
      ...{ domain, clientId },
      credential: { kind: 'secret', secret },
    });
    const granted = readScopes(token);
    if (granted === undefined) return ok(CHECK, `${name} gets a token`);
    const missing = NEEDED.filter((scope) => !granted.includes(scope));
    if (missing.length === 0) return ok(CHECK, `${name} may: it has ${NEEDED.join(' and ')}`);
    return problem(CHECK, `${name} lacks ${missing.join(' and ')}`, 'npm run deploy');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return problem(
      CHECK,
      `${name} gets no token: ${error.message}`,
      'npm run deploy, then look again.',
    );
  }
}
