/**
 * `npm run login`: signs in through the tenant with Bitbucket, in a browser, and shows the claims, or
 * the refusal with what it means and what to do.
 */
import { ENV, JSON_REPORT } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { loadEnvironment } from './lib/cli/environment.ts';
import { explainInterruption } from './lib/cli/interruption.ts';
import { reportAndExit } from './lib/cli/report-error.ts';
import { findObstacle, openBrowser } from './lib/cli/system-browser.ts';
import { renderInvitation } from './lib/login/invite.ts';
import { findTarget, type Invitation, runLogin } from './lib/login/run-login.ts';
import { isLetIn, renderReport, renderReportAsJson } from './lib/login/show-report.ts';

const REFUSED = 3;

async function main(): Promise<void> {
  const options = readCommandLine({
    name: 'login',
    does: 'Signs in through the tenant with Bitbucket, in a browser, and shows the claims, or the refusal\nwith what it means and what to do. Shows no token, and changes nothing.',
    options: {
      env: ENV,
      local: { about: 'sign in to a local tenant, started for this' },
      refresh: { about: 'exchange the refresh token too' },
      'no-open': { about: 'open no browser: print the address and wait' },
      application: {
        about: 'another application than that of LOGIN_APPLICATION, by name or client id',
        value: 'NAME',
      },
      json: JSON_REPORT,
    },
    ends: { 0: 'let in', 1: 'an error', 3: 'refused' },
    example: '--local --refresh',
  });
  // Standard output has the report alone, where a program reads it.
  const say = options.json ? console.error : console.log;
  const place = options.local
    ? await findLocal(say, options.application)
    : await findReal(options.env, options.application);
  try {
    const report = await runLogin(place.target, {
      refresh: options.refresh,
      open: (invitation) =>
        invite(invitation, { mayOpen: !options['no-open'], ports: place.ports, say }),
    });
    const render = options.json ? renderReportAsJson : renderReport;
    console.log(await render(report, place.namespace));
    if (!isLetIn(report)) process.exitCode = REFUSED;
  } finally {
    await place.close();
  }
}

async function findReal(name: string | undefined, application: string | undefined) {
  const env = loadEnvironment(name);
  const target = await findTarget(env, application);
  return { target, namespace: env.CLAIM_NAMESPACE ?? '', ports: [], close: async () => {} };
}

/** Only here a server is loaded, and a certificate trusted that is of this machine alone. */
async function findLocal(say: (text: string) => void, application: string | undefined) {
  const { findLocalTenant } = await import('./local/dev/login-tenant.ts');
  return findLocalTenant(say, application);
}

interface Manner {
  readonly mayOpen: boolean;
  /** Of the local tenant, which a browser has to reach too. */
  readonly ports: readonly number[];
  say(text: string): void;
}

async function invite(invitation: Invitation, { mayOpen, ports, say }: Manner): Promise<void> {
  const obstacle = findObstacle(process.env);
  const isOpened = mayOpen && obstacle === undefined ? await openBrowser(invitation.url) : false;
  const { port } = invitation.server.callback;
  say(
    renderInvitation(invitation, { isOpened, ports: obstacle === 'ssh' ? [port, ...ports] : [] }),
  );
}

const explain = () => 'The sign-in was ended before its answer came. Nothing is left of it.';
await explainInterruption(explain, main).catch(reportAndExit);
