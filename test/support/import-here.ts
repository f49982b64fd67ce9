/**
 * auth0-deploy-cli in the process of the test: the same code with the same request, loaded once.
 * A deploy has it in a process of its own, where every import takes 2 s of loading.
 */
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { deploy } from 'auth0-deploy-cli';
import { UserError } from '#scripts/lib/cli/report-error.ts';
import { createRequest, type Importer } from '#scripts/lib/deploy/import/import-assets.ts';
import { keepTypes, loadAsItself } from '#scripts/lib/deploy/import/keep-types.ts';
import { watchFetch } from '#scripts/lib/deploy/import/watched-fetch.ts';

const { default: logger } = createRequire(import.meta.url)('auth0-deploy-cli/lib/logger');

/** One after another: auth0-deploy-cli keeps its configuration where all of its imports see it. */
export const importHere: Importer = async (assets, target, _, listener) => {
  logger.silent = true;
  keepTypes(['clients', 'clientGrants', 'actions', 'connections'], loadAsItself);
  const { config, basePath } = createRequest(assets, target);
  const fetch = globalThis.fetch;
  globalThis.fetch = watchFetch(fetch, { ...listener, pause: (ms) => sleep(ms) });
  try {
    const request = {
      input_file: structuredClone(assets),
      base_path: basePath,
      config,
      env: false,
    };
    await deploy(request as unknown as Parameters<typeof deploy>[0]);
  } catch (error) {
    throw new UserError(`auth0-deploy-cli failed: ${(error as Error).message}`);
  } finally {
    globalThis.fetch = fetch;
  }
};
