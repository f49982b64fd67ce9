/** The process in which auth0-deploy-cli works. Takes one message, imports, and ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { deploy } from 'auth0-deploy-cli';
import { keepTypes, loadAsItself } from './keep-types.ts';
import type { ImportReport, ImportRequest } from './messages.ts';
import { watchFetch } from './watched-fetch.ts';

const report = (message: ImportReport) => process.send?.(message);

// Whoever asked is gone: nobody would see how this ends.
process.once('disconnect', () => process.exit(1));
process.once('message', (request: ImportRequest) => {
  globalThis.fetch = watchFetch(globalThis.fetch, {
    tell: (text) => report({ kind: 'tell', text }),
    wrote: (text) => report({ kind: 'wrote', text }),
    pause: (ms) => sleep(ms),
  });
  if (!keepTypes(Object.keys(request.assets), loadAsItself)) {
    const text = 'auth0-deploy-cli has its schema in another place: it takes 20 s or more';
    report({ kind: 'tell', text });
  }
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
