/**
 * `npm run dev`: the local tenant and the local Bitbucket stay up, with a page that shows what they
 * do; a change in `actions/` is active at the next login.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { JSON_REPORT } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { reportAndExit, UserError } from './lib/cli/report-error.ts';
import { readPort } from './local/dev/read-port.ts';
import { endWhenTold } from './local/dev/stop.ts';
import { DEFAULT_WORLD } from './local/dev/world/default-world.ts';
import { readWorld } from './local/dev/world/read-world.ts';

const DEFAULT_FILE = 'world.yaml';

async function main(): Promise<void> {
  const options = readCommandLine({
    name: 'dev',
    does: 'Starts a local tenant and a local Bitbucket that applications can use, deploys to it, and\nstays up. A change in actions/ is active at the next login.',
    options: {
      port: { about: 'of the tenant and its page; 8443 otherwise', value: 'N' },
      'bitbucket-port': { about: 'of the local Bitbucket; 8444 otherwise', value: 'N' },
      world: { about: 'people, workspaces, applications, APIs and the policy', value: 'FILE' },
      init: {
        about: `write such a file to start from (${DEFAULT_FILE}), and end`,
        value: 'FILE',
        isValueOptional: true,
      },
      cert: { about: 'a certificate for localhost, as mkcert makes it; with --key', value: 'FILE' },
      key: { about: 'the key of it', value: 'FILE' },
      'no-open': { about: 'do not open the page in a browser' },
      json: { about: `${JSON_REPORT.about}: one line, when all is ready` },
    },
    ends: { 0: 'it was ended, or the file is written', 1: 'an error', 130: 'Ctrl-C' },
    example: '--world world.yaml',
  });
  if (options.init !== undefined) return writeWorld(options.init || DEFAULT_FILE);
  const end = endWhenTold();
  const say = options.json ? console.error : console.log;
  const { cert, key } = options;
  if ((cert === undefined) !== (key === undefined)) {
    throw new UserError('--cert and --key belong together: name both.');
  }
  const port = readPort('--port', options.port);
  const bitbucketPort = readPort('--bitbucket-port', options['bitbucket-port']);
  if (port !== undefined && port === bitbucketPort) {
    throw new UserError(`--port and --bitbucket-port are both ${port}: choose two.`);
  }
  const world = options.world === undefined ? undefined : readWorld(options.world);
  // Loaded late: what is refused is refused at once.
  const { startDev } = await import('./local/dev/start-dev.ts');
  const dev = await startDev({
    ...(port === undefined ? {} : { port }),
    ...(bitbucketPort === undefined ? {} : { bitbucketPort }),
    ...(world === undefined ? {} : { world }),
    ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }),
    tell: say,
  });
  end.by(dev.close);
  if (options.json) {
    console.log(JSON.stringify(dev.addresses));
    return;
  }
  const { describeDev } = await import('./local/dev/describe-dev.ts');
  console.log(describeDev(dev));
  const { page } = dev.addresses;
  const { canOpenBrowser } = await import('./local/dev/open-page.ts');
  const { openBrowser } = await import('./lib/cli/system-browser.ts');
  if (options['no-open'] || !canOpenBrowser() || !(await openBrowser(new URL(page)))) {
    console.log(`Open ${page}`);
  }
}

/** @throws {UserError} where it would replace a file. */
function writeWorld(path: string): void {
  if (existsSync(path)) {
    throw new UserError(`${path} is there already, and was not changed: name another file.`);
  }
  try {
    writeFileSync(path, DEFAULT_WORLD, { flag: 'wx' });
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new UserError(`${path} cannot be written (${code}).`);
  }
  console.log(`${path} is written: change it, then npm run dev -- --world ${path}`);
}

await main().catch((error) => reportAndExit(error, 1, 0));
