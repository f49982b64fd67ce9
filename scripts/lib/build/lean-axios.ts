/**
 * Leaves out of axios what no call of the Actions uses: the adapters of its own, forms, query
 * parameters, cancelling, interceptors, what it checks and merges of configurations. A call has a
 * whole URL, plain headers, a text, and an adapter: a third of Auth0's 100 kB less. The build fails
 * where a file is not where it was, and the fault matrix runs what is shipped.
 */
import type { Plugin } from 'esbuild';

const NONE = 'export default undefined;';

/** What takes the place of each file, below axios/lib. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  // The one that a call is given.
  'adapters/adapters.js': 'export default { getAdapter: (adapter) => adapter };',
  'defaults/index.js': 'export default {};',
  'defaults/transitional.js': 'export default {};',
  // Only fields of their own: nothing that a polluted prototype could add.
  'core/mergeConfig.js': `
    export default (one, other) => Object.assign(Object.create(null), one, other);`,
  'core/InterceptorManager.js': 'export default class { forEach() {} }',
  'core/AxiosError.js': `
    export default class extends Error {}
    export const getCauseStackIndex = () => -1;`,
  'helpers/validator.js': `
    export default { assertOptions: () => {}, validators: { spelling: () => {} } };`,
  'core/buildFullPath.js': 'export default (base, url) => url;',
  'helpers/buildURL.js': 'export default (url) => url;',
  'cancel/CanceledError.js': NONE,
  'cancel/CancelToken.js': NONE,
  'cancel/isCancel.js': 'export default () => false;',
  'helpers/formDataToJSON.js': NONE,
  'helpers/toFormData.js': NONE,
  'helpers/spread.js': NONE,
  'helpers/isAxiosError.js': NONE,
  'helpers/HttpStatusCode.js': NONE,
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
      onEnd(({ errors: mistakes }) => {
        // A source that does not compile may be the one that imports it.
        if (mistakes.length > 0) return undefined;
        const errors = [...missing].map((file) => ({
          text: `axios has no ${file} any more: see scripts/lib/build/lean-axios.ts`,
        }));
        return { errors };
      });
    },
  };
}
