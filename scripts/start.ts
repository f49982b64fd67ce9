/**
 * `npm start`: the whole thing on this machine. Builds, starts a local Bitbucket and a local
 * tenant, deploys with the real auth0-deploy-cli, signs people in, shows who got in and why,
 * and asks `why` of one who did not.
 */
import { styleText } from 'node:util';
import { readCommandLine } from './lib/cli/command-line.ts';
import type { Environment } from './lib/cli/environment.ts';
import { showStep } from './lib/cli/progress.ts';
import { reportAndExit } from './lib/cli/report-error.ts';
import { renderClaims } from './lib/cli/show-claims.ts';
import { deployToTenant } from './lib/deploy/deploy-to-tenant.ts';
import { prepare } from './lib/deploy/prepare.ts';
import { renderWhy } from './lib/people/show-why.ts';
import { explain } from './lib/people/why.ts';
import { createCast } from './local/stage/cast.ts';
import { createStage, type Performance } from './local/stage/perform.ts';
import { startSandbox } from './local/stage/sandbox.ts';
import { createApplication } from './local/stage/sign-in.ts';

const NAMESPACE = 'https://example.com/bitbucket';
const AUDIENCE = 'https://api.example.com';
const APPLICATION = {
  clientId: 'example-app',
  name: 'Example App',
  callbacks: ['https://app.example.com/callback'],
};

async function main(): Promise<void> {
  readCommandLine({
    name: 'start',
    does: 'Starts a local Bitbucket and a local tenant, deploys to it, signs people in, and shows who\ngot in and why. Needs no account and no network.',
    options: {},
    ends: { 0: 'everybody was let in or refused as expected', 1: 'somebody was not, or an error' },
  });
  const cast = createCast();
  const sandbox = await showStep('Starting a local Bitbucket and a local tenant', () =>
    startSandbox({
      world: cast.world,
      consumerWorkspace: cast.allowed,
      applications: [APPLICATION],
      apis: [{ identifier: AUDIENCE }],
      policy: { CLAIM_NAMESPACE: NAMESPACE, ...cast.policy },
    }),
  );
  try {
    await deployToTenant(await prepare(sandbox.environment));
    console.log(
      `\nSigning in to ${APPLICATION.name}. It takes confirmed addresses, and by these rules:`,
    );
    for (const [name, value] of Object.entries(cast.policy)) console.log(`    ${name}=${value}`);
    console.log('');
    const application = await createApplication({
      issuer: `${sandbox.tenant.origin}/`,
      clientId: APPLICATION.clientId,
      callbackUrl: APPLICATION.callbacks[0] ?? '',
      audience: AUDIENCE,
    });
    const perform = createStage(sandbox, application);
    const performances: Performance[] = [];
    for (const scene of cast.scenes) {
      const performance = await perform(scene);
      performances.push(performance);
      console.log(describe(performance));
    }
    const unexpected = performances.filter(({ isAsExpected }) => !isAsExpected);
    for (const { scene, code, roles } of unexpected) {
      const came = nameOutcome(code, roles);
      const expected = nameOutcome(scene.expected, scene.expectedRoles);
      console.error(`${scene.person.display_name}, ${scene.title}: ${came}, not ${expected}`);
    }
    if (unexpected.length > 0) process.exitCode = 1;
    await showWhy(sandbox.environment, performances);
  } finally {
    await sandbox.close();
  }
}

/** As `npm run why` says it, of the first who was refused. */
async function showWhy(env: Environment, performances: readonly Performance[]): Promise<void> {
  const refused = performances.find(({ result }) => result.kind === 'refused');
  const address = refused?.scene.person.emails[0]?.email;
  if (address === undefined) return;
  console.log(`${styleText('dim', `$ npm run why -- ${address}`)}`);
  console.log(renderWhy(await explain(env, address, { isLive: false })));
}

function describe({ scene, result, calls }: Performance): string {
  const who = `${scene.person.display_name}, ${scene.title}`;
  const cost = styleText('dim', `${calls} calls`);
  if (result.kind === 'refused') {
    const [code = '', ...sentence] = result.description.split(': ');
    const head = `${styleText('red', '✖ refused')}  ${who}  ${cost}`;
    return `${head}\n    ${styleText('yellow', code)}\n    ${sentence.join(': ')}\n`;
  }
  const claims = renderClaims(result.idToken, NAMESPACE);
  return `${styleText('green', '✔ allowed')}  ${who}  ${cost}\n${claims.join('\n')}\n`;
}

function nameOutcome(code: string | undefined, roles: readonly string[] = []): string {
  if (code !== undefined) return code;
  return roles.length === 0 ? 'allowed' : `allowed as ${roles.join(' and ')}`;
}

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
await main().catch(reportAndExit);
