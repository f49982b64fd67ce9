/** A script of one scene, run in a process of its own by the tests of the command line. */
import { setTimeout as sleep } from 'node:timers/promises';
import { confirm } from '#scripts/lib/cli/confirm.ts';
import { explainInterruption } from '#scripts/lib/cli/interruption.ts';
import { showStep } from '#scripts/lib/cli/progress.ts';
import { ignoreClosedPipes, reportAndExit, UserError } from '#scripts/lib/cli/report-error.ts';

const SCENES: Readonly<Record<string, () => Promise<void>>> = {
  async question() {
    await confirm('Deploy this?', { yes: false });
    console.log('deployed');
  },
  async interruption() {
    await explainInterruption(
      async () => 'One Action was deployed, the other was not. Run it again.',
      () =>
        showStep('Deploying', async () => {
          console.log('ready');
          await sleep(20_000);
        }),
    );
  },
  // What goes on fails because it was interrupted, while the state is being found out.
  async failure() {
    await explainInterruption(
      async () => {
        await sleep(300);
        return 'Nothing was changed.';
      },
      async () => {
        console.log('ready');
        const gone = new AbortController();
        process.once('SIGTERM', () => gone.abort());
        await sleep(20_000, undefined, { signal: gone.signal });
      },
    );
  },
  async deafness() {
    await explainInterruption(
      () => new Promise(() => {}),
      async () => {
        console.log('ready');
        await sleep(20_000);
      },
    );
  },
  async pipe() {
    ignoreClosedPipes();
    for (let line = 0; line < 20_000; line += 1) console.log(`line ${line}`);
    await sleep(50);
    console.error('done');
  },
  async foreseen() {
    throw new UserError('It is wrong; nothing was changed.');
  },
  async spinner() {
    await showStep('Waiting', () => sleep(500));
  },
};

await SCENES[process.argv[2] ?? '']?.().catch(reportAndExit);
