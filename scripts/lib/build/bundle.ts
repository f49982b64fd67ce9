/**
 * Makes the one file that Auth0 is given for an Action. Reads sources, writes nothing.
 *
 * HTTP is axios. Its Node build brings form-data, follow-redirects and proxies: 269 kB minified, over
 * Auth0's limit. Bundled as for a browser it has 59 kB, and without what the Actions do not use of it 21 kB;
 * they send with an adapter of their own.
 */
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../root.ts';
import { createLeanAxios } from './lean-axios.ts';

/** Bundles `actions/<name>/index.ts` into self-contained CommonJS. */
export async function bundleAction(name: string, { minify = true } = {}): Promise<string> {
  const result = await build({
    entryPoints: [join(ROOT, 'actions', name, 'index.ts')],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'browser',
    external: ['node:*'],
    target: 'node22',
    minify,
    legalComments: 'none',
    charset: 'ascii',
    banner: { js: `// ${name}: built from source by auth0-bitbucket-login; do not edit here.` },
    plugins: [createLeanAxios()],
    logLevel: 'silent',
  });
  return result.outputFiles.map((file) => file.text).join('');
}
