/**
 * `npm run undeploy`: switches the connection off for every application, then unbinds and removes
 * what tenant.yaml put into the tenant. The connection and its users stay.
 */
import { ENV, YES } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { confirm } from './lib/cli/confirm.ts';
import { loadEnvironment } from './lib/cli/environment.ts';
import { explainInterruption } from './lib/cli/interruption.ts';
import { reportAndExit, UserError } from './lib/cli/report-error.ts';
import { createJournal, describeWritten } from './lib/deploy/journal.ts';
import { isNothing, renderRemoval, renderSwitchOn } from './lib/deploy/plan-removal.ts';
import { prepareRemoval } from './lib/deploy/prepare-removal.ts';
import { removeFromTenant } from './lib/deploy/undeploy.ts';

const AGAIN = 'Run it again: it goes on with what is left.';

async function main(): Promise<void> {
  const options = readCommandLine({
    name: 'undeploy',
    does: 'Switches the connection off for every application, then unbinds and removes what was deployed.\nThe connection and its users stay.',
    options: {
      env: ENV,
      'leave-enabled': {
        about: 'do not switch the connection off: everybody with a Bitbucket account gets in',
      },
      yes: YES,
    },
    ends: { 0: 'nothing of it is left', 1: 'an error' },
    example: '--env staging',
  });
  const env = loadEnvironment(options.env);
  const { api, deployer, state, removal } = await prepareRemoval(env, options['leave-enabled']);
  if (isNothing(removal)) {
    console.log('There is nothing to remove.');
    return;
  }
  console.log(renderRemoval(removal, state));
  await confirm(`Do this on ${deployer.domain}?`, options);
  const journal = createJournal();
  const explain = () =>
    [
      'It was ended in its middle.',
      ...describeWritten(journal),
      AGAIN,
      ...(renderSwitchOn(removal, state)?.split('\n') ?? []),
    ].join('\n');
  try {
    await explainInterruption(explain, () => removeFromTenant(api, removal, journal));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError([error.message, ...describeWritten(journal), AGAIN].join('\n'));
  } finally {
    const switchOn = renderSwitchOn(removal, state);
    if (switchOn !== undefined && journal.written.length > 0) console.log(switchOn);
  }
}

await main().catch(reportAndExit);
