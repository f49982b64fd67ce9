/**
 * `npm run why`: why somebody got in or not. Changes nothing.
 */
import { ENV, JSON_REPORT } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { loadEnvironment } from './lib/cli/environment.ts';
import { reportAndExit, UserError } from './lib/cli/report-error.ts';
import { renderWhy, renderWhyAsJson } from './lib/people/show-why.ts';
import { explain } from './lib/people/why.ts';

async function main(): Promise<void> {
  const { argument, env, json, live } = readCommandLine({
    name: 'why',
    does: 'Says why somebody got in or not: the last refusals, what is known of them, and what today’s\npolicy says of it. Changes nothing.',
    argument: {
      name: 'PERSON',
      about: 'an e-mail address, a user id (in quotes), or the id of a log entry',
    },
    options: {
      env: ENV,
      live: { about: 'ask Bitbucket now, as the consumer: about memberships alone' },
      json: JSON_REPORT,
    },
    ends: { 0: 'it was said; there may be no history', 1: 'nobody is meant, or an error' },
    example: 'olivia@example.com',
  });
  if (argument === undefined) {
    throw new UserError(
      'Of whom? npm run why -- olivia@example.com, or a user id, or the id of a log entry.',
    );
  }
  const explanation = await explain(loadEnvironment(env), argument, { isLive: live });
  console.log(json ? renderWhyAsJson(explanation) : renderWhy(explanation));
}

await main().catch(reportAndExit);
