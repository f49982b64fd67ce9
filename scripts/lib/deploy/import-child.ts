/**
 * The process in which auth0-deploy-cli works: it spends about 20 s of processor time compiling
 * its schema, which would freeze whoever waits for it. Takes one message, imports, and ends.
 */
import { deploy } from 'auth0-deploy-cli';
import type { ImportRequest } from './import.ts';

// Whoever asked is gone: nobody would see how this ends.
process.once('disconnect', () => process.exit(1));
process.once('message', (request: ImportRequest) => {
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
