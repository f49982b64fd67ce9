/** `npm run build`: dist/<action>.cjs for every Action, or a clear refusal and no file changed. */
import { styleText } from 'node:util';
import { buildActions } from './lib/build/build-actions.ts';
import { MAX_BUNDLE_BYTES } from './lib/build/guard.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { reportAndExit } from './lib/cli/report-error.ts';

async function main(): Promise<void> {
  readCommandLine({
    name: 'build',
    does: 'Bundles every Action into dist/<action>.cjs.',
    options: {},
    ends: { 0: 'all are there', 1: 'one of them could not be deployed; dist/ was not changed' },
  });
  for (const { name, code } of await buildActions()) {
    const size = `${(Buffer.byteLength(code) / 1_000).toFixed(1)} of ${MAX_BUNDLE_BYTES / 1_000} kB`;
    console.log(`${styleText('green', '✔')} dist/${name}.cjs  ${size}`);
  }
}

await main().catch(reportAndExit);
