/**
 * Makes the one file that Auth0 is given for an Action. Reads sources, writes nothing.
 *
 * HTTP is axios. Its Node build brings form-data, follow-redirects and proxies: 269 kB minified, over
 * Auth0's limit. Bundled as for a browser it has 59 kB, and without what the Actions do not use of it 21 kB;
 * they send with an adapter of their own.
 */
import { join } from 'node:path';
import { type BuildFailure, build } from 'esbuild';
import { ROOT } from '../root.ts';
import { BundleError } from './guard.ts';
import { createLeanAxios } from './lean-axios.ts';

/**
 * Bundles `actions/<name>/index.ts` into self-contained CommonJS.
 * @param options.root the folder that `actions/` is in.
 * @throws {BundleError} for a source that does not compile, with the place of each mistake.
 */
export async function bundleAction(
  name: string,
  { minify = true, root = ROOT } = {},
): Promise<string> {
  const result = await build({
    entryPoints: [join(root, 'actions', name, 'index.ts')],
    absWorkingDir: root,
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
  }).catch((failure: BuildFailure) => {
    throw new BundleError(describeFailure(failure));
  });
  return result.outputFiles.map((file) => file.text).join('');
}

/** As compilers write it: `<file>:<line>:<column>: <what>`, a line each. */
function describeFailure({ errors = [], message }: BuildFailure): string {
  const lines = errors.map(({ text, location }) =>
    location === null ? text : `${location.file}:${location.line}:${location.column + 1}: ${text}`,
  );
  return lines.length === 0 ? message : lines.join('\n');
}
