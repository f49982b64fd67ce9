/** `npm run build`: dist/<action>.cjs for every Action, or a clear refusal and no file changed. */
import { styleText } from 'node:util';
import { buildActions } from './lib/build/build-actions.ts';
import { MAX_BUNDLE_BYTES } from './lib/build/guard.ts';
import { reportAndExit } from './lib/cli/report-error.ts';

const built = await buildActions().catch(reportAndExit);
for (const { name, code } of built) {
  const size = `${(Buffer.byteLength(code) / 1_000).toFixed(1)} of ${MAX_BUNDLE_BYTES / 1_000} kB`;
  console.log(`${styleText('green', '✔')} dist/${name}.cjs  ${size}`);
}
