/** What came of it, for people and for programs. No token is in either. */
import { styleText } from 'node:util';
import { toHarmless, toHarmlessJson } from '../cli/harmless.ts';
import { claimsOf, renderClaims } from '../cli/show-claims.ts';
import { explainCode, OPERATE } from './explain-code.ts';
import type { Outcome, Report } from './outcome.ts';

/** Whether every part of it was let in. */
export function isLetIn({ signIn, refresh }: Report): boolean {
  return [signIn, refresh].every((outcome) => outcome === undefined || outcome.kind === 'let_in');
}

export async function renderReport(report: Report, namespace: string): Promise<string> {
  const { application, signIn, refresh } = report;
  const parts = [
    await renderOutcome(signIn, `signing in to ${toHarmless(application.name)}`, namespace),
    ...(refresh === undefined
      ? []
      : [await renderOutcome(refresh, 'exchanging the refresh token', namespace)]),
  ];
  return parts.join('\n\n');
}

export async function renderReportAsJson(report: Report, namespace: string): Promise<string> {
  const { application, signIn, refresh } = report;
  return toHarmlessJson({
    result: isLetIn(report) ? 'let_in' : 'refused',
    application: { name: application.name, client_id: application.clientId },
    sign_in: await describe(signIn, namespace),
    ...(refresh === undefined ? {} : { refresh: await describe(refresh, namespace) }),
  });
}

async function renderOutcome(outcome: Outcome, what: string, namespace: string): Promise<string> {
  if (outcome.kind === 'let_in') {
    const claims = renderClaims(outcome.claims, namespace);
    return [
      `${styleText('green', '✔ let in')}  ${what}  ${styleText('dim', toHarmless(String(outcome.claims.sub)))}`,
      ...(claims.length > 0
        ? claims
        : [
            `    ${styleText('yellow', '!')} No claim of ${namespace} came: CLAIM_NAMESPACE is another one than is deployed, or no Action of this package stands before this login. npm run doctor tells.`,
          ]),
    ].join('\n');
  }
  const { code, sentence } = outcome;
  const explained = code === undefined ? undefined : await explainCode(code);
  return [
    `${styleText('red', '✖ refused')}  ${what}`,
    ...(code === undefined ? [] : [`    ${styleText('yellow', code)}`]),
    `    ${toHarmless(sentence)}`,
    '',
    ...(explained === undefined
      ? [`    ${OF_OTHERS}`]
      : [
          `    It means: ${explained.means}.`,
          `    What to do: ${explained.todo}.`,
          `    The cause is in the Action’s log line and in the profile: ${OPERATE} says where, and what to do about each.`,
        ]),
  ].join('\n');
}

const OF_OTHERS =
  'No Action of this package refused it: the sign-in was cancelled at Bitbucket, or another Action or a setting of the tenant refused. Look at Monitoring → Logs in the Auth0 dashboard.';

async function describe(outcome: Outcome, namespace: string): Promise<object> {
  if (outcome.kind === 'let_in') {
    return {
      result: 'let_in',
      sub: outcome.claims.sub,
      claims: claimsOf(outcome.claims, namespace),
    };
  }
  const { code, sentence } = outcome;
  const explained = code === undefined ? undefined : await explainCode(code);
  return { result: 'refused', code: code ?? null, sentence, ...explained };
}
