/**
 * `npm run login`: signs in through the tenant with Bitbucket, in a browser, and shows the claims, or
 * the refusal with what it means and what to do.
 */
import { ENV, JSON_REPORT } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { type Environment, loadEnvironment } from './lib/cli/environment.ts';
import { explainInterruption } from './lib/cli/interruption.ts';
import { reportAndExit } from './lib/cli/report-error.ts';
import { findObstacle, openBrowser, renderInvitation } from './lib/login/invite.ts';
import { type Invitation, runLogin } from './lib/login/run-login.ts';
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
  const local = options.local ? await startLocal(say) : undefined;
  const env = local?.env ?? loadEnvironment(options.env);
  try {
    const report = await runLogin({
      env,
      application: options.application,
      refresh: options.refresh,
      open: (invitation) =>
        invite(invitation, { mayOpen: !options['no-open'], ports: local?.ports ?? [], say }),
    });
    const render = options.json ? renderReportAsJson : renderReport;
    console.log(await render(report, env.CLAIM_NAMESPACE ?? ''));
    if (!isLetIn(report)) process.exitCode = REFUSED;
  } finally {
    await local?.close();
  }
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

interface Local {
  readonly env: Environment;
  readonly ports: readonly number[];
  close(): Promise<void>;
}

async function startLocal(say: Manner['say']): Promise<Local> {
  // Only here: a sign-in to a real tenant loads no server.
  const { startLoginTenant } = await import('./local/stage/login-tenant.ts');
  const { tenant, bitbucket, environment, close } = await startLoginTenant();
  say(
    `The browser warns of the certificate of the local tenant: it was made for this sign-in alone (${environment.NODE_EXTRA_CA_CERTS}).`,
  );
  return { env: environment, ports: [tenant.port, bitbucket.port], close };
}

const explain = () => 'The sign-in was ended before its answer came. Nothing is left of it.';
await explainInterruption(explain, main).catch(reportAndExit);
