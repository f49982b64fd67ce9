/**
 * The process in which auth0-deploy-cli works. Takes one message, imports, and ends.
 *
 * auth0-deploy-cli compiles the schema of every resource type that it knows, twice, at each import:
 * 20 s and 2 GB, nearly all of it for `prompts`. Without the types that are not imported it takes
 * 2 s, and those that are imported are still validated.
 */
import { createRequire } from 'node:module';
import { deploy } from 'auth0-deploy-cli';
import type { ImportRequest } from './import.ts';

// Whoever asked is gone: nobody would see how this ends.
process.once('disconnect', () => process.exit(1));
process.once('message', (request: ImportRequest) => {
  keepTypes(Object.keys(request.assets));
  deploy({
    input_file: request.assets,
    base_path: request.basePath,
    config: request.config,
    env: false,
  } as unknown as Parameters<typeof deploy>[0]).then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : String(error));
      process.exit(1);
    },
  );
});

/** No documented door: where it is not as it was in 8.44.0, the import is slow and right. */
function keepTypes(types: readonly string[]): void {
  const require = createRequire(import.meta.url);
  try {
    const { properties } = require('auth0-deploy-cli/lib/tools/auth0/schema').default;
    for (const type of Object.keys(properties)) if (!types.includes(type)) delete properties[type];
  } catch {
    console.log('auth0-deploy-cli is slow: its schema is not where it was');
  }
}
