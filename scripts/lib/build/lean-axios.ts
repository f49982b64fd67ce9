/**
 * Leaves out of axios' fetch adapter what no call of the Actions uses: forms, query parameters,
 * cookies of browsers, data: URLs. A call has a whole URL, plain headers and a text: 13 kB less of
 * Auth0's 100. The build fails where a file is not where it was, and the fault matrix runs what is
 * shipped.
 */
import type { Plugin } from 'esbuild';

/** What takes the place of each file, below axios/lib. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  // Only fields of its own: nothing that a polluted prototype could add.
  'helpers/resolveConfig.js': `
    import AxiosHeaders from '../core/AxiosHeaders.js';
    export default (config) =>
      Object.assign(Object.create(null), config, { headers: AxiosHeaders.from(config.headers) });`,
  'core/createMultipartBody.js': `
    export default () => { throw new TypeError('forms are left out'); };`,
  'helpers/AxiosURLSearchParams.js': 'export default URLSearchParams;',
  'helpers/estimateDataURLDecodedBytes.js': `
    export default () => { throw new TypeError('data: URLs are left out'); };`,
};

export function createLeanAxios(): Plugin {
  return {
    name: 'lean-axios',
    setup: ({ onLoad, onStart, onEnd }) => {
      const missing = new Set(Object.keys(REPLACEMENTS));
      onStart(() => {
        for (const file of Object.keys(REPLACEMENTS)) missing.add(file);
      });
      onLoad({ filter: /[\\/]axios[\\/]lib[\\/].*\.js$/ }, ({ path }) => {
        const file = path.replaceAll('\\', '/').split('/axios/lib/').at(-1) ?? '';
        const contents = REPLACEMENTS[file];
        if (contents === undefined) return undefined;
        missing.delete(file);
        return { contents, loader: 'js' };
      });
      onEnd(() => {
        const errors = [...missing].map((file) => ({
          text: `axios has no ${file} any more: see scripts/lib/build/lean-axios.ts`,
        }));
        return { errors };
      });
    },
  };
}
