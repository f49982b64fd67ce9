/** One login: who, in or not, and why. */
import { describeAge, type Found, listFacts } from '../found.ts';
import { type Html, html, type Part } from '../html.ts';
import { readLogLine } from '../log-line.ts';
import type { Login } from '../logins.ts';
import type { PageState } from '../state.ts';
import { readKnown } from '../subject.ts';
import { renderTimeline } from './timeline.ts';

export function renderLogin(state: PageState, login: Login): Html {
  const { application, explanation } = login;
  return html`<section class="card result ${login.outcome}" aria-labelledby="result">
<h2 id="result"><span class="badge">${BADGES[login.outcome]}</span> ${headline(login)}</h2>
${login.code !== undefined && html`<p><code>${login.code}</code></p><p class="sentence">${login.sentence}</p>`}
<p class="quiet">Login ${login.id}, <time datetime="${login.at}">${login.at.slice(11, 19)}</time> UTC,
${application.name}${sourceOf(login)}</p>
${explanation !== undefined && renderWhy(state, login, explanation)}
<h3>Timeline</h3>
${renderTimeline(login)}
${renderTokens(state, login)}
${renderFacts(state, login)}
</section>`;
}

const BADGES = { in: 'in', refused: 'refused', failed: 'failed', cancelled: 'cancelled' } as const;

export function headline({ person, outcome, isRefresh, application }: Login): string {
  const who = person?.name ?? 'Somebody';
  const what = isRefresh ? 'A refresh for' : undefined;
  switch (outcome) {
    case 'in':
      return what === undefined ? `${who} got in` : `${what} ${who} went through`;
    case 'refused':
      return what === undefined ? `${who} was not let in` : `${what} ${who} was refused`;
    case 'failed':
      return `A ${isRefresh ? 'refresh' : 'login'} to ${application.name} came to nothing`;
    case 'cancelled':
      return 'Somebody cancelled at Bitbucket';
  }
}

const SOURCES: Readonly<Record<string, string>> = {
  live: 'Bitbucket was asked',
  facts: 'decided by what was known, without a call',
  shared: 'Bitbucket was asked',
  consumer: 'Bitbucket was asked as the consumer',
  last_known: 'decided by what was last known, in an outage',
};

function sourceOf({ steps }: Login): string {
  const line = readLogLine(steps[0]?.log ?? '');
  const source = SOURCES[line?.source ?? ''];
  return source === undefined ? '' : `, ${source}`;
}

function renderWhy(
  state: PageState,
  login: Login,
  { mistake, rules, roles, address, agrees }: NonNullable<Login['explanation']>,
): Part {
  if (mistake !== undefined) {
    return html`<h3>Rules</h3><p>The policy could not be read: <strong>${mistake}</strong></p>`;
  }
  const now = state.now();
  const row = (rule: string, meaning: string, is: 'yes' | 'no' | 'unknown', found: Found) =>
    html`<tr><th scope="row"><code>${rule}</code> <span class="meaning">${meaning}</span></th>
<td>${found.text}${found.at !== undefined && html` <span class="quiet">${describeAge(now - found.at)}</span>`}</td>
<td class="${{ yes: 'good', no: 'bad', unknown: 'open' }[is]}">${{ yes: '✔ yes', no: '✘ no', unknown: '? not told' }[is]}</td></tr>`;
  return html`<h3>Rules</h3>
<div class="scroll" role="region" tabindex="0" aria-label="Rules"><table>
<thead><tr><th>Rule</th><th>What was found</th><th>Satisfied</th></tr></thead>
<tbody>
${address !== undefined && row('REQUIRE_VERIFIED_EMAIL', 'the address is confirmed at Bitbucket', address.is, address)}
${rules.map((one) => row(one.rule, one.meaning, one.is, one))}
${roles.map((one) => row(`${one.role}=${one.rule}`, `role ${one.role}: ${one.meaning}`, one.is, one))}
</tbody></table></div>
${rules.length > 1 && html`<p class="quiet">One rule that is satisfied is enough.</p>`}
${!agrees && html`<p>What is kept of this login does not say why: its log line does${causeOf(login)}.</p>`}`;
}

function causeOf({ steps }: Login): Part {
  const cause = readLogLine(steps.at(-1)?.log ?? '')?.cause;
  return cause === undefined ? '' : html` (<code>${cause}</code>)`;
}

function renderTokens({ tokens }: PageState, login: Login): Part {
  const own = tokens.get(login.id);
  if (own !== undefined) {
    const { idToken, accessToken, refreshToken } = own;
    return html`<h3>Tokens</h3>
${idToken !== undefined && renderClaims('ID token', idToken)}
${renderClaims('Access token', accessToken)}
<p class="quiet">${refreshToken === undefined ? 'No refresh token was given.' : 'And a refresh token.'}</p>`;
  }
  if (login.claims === undefined) return undefined;
  return html`<h3>Claims</h3>
${renderClaims('What the Actions put into the ID token', login.claims.idToken)}
${renderClaims('and into the access token', login.claims.accessToken)}`;
}

function renderClaims(title: string, claims: object | string): Html {
  const text = typeof claims === 'string' ? claims : JSON.stringify(claims, null, 2);
  return html`<details><summary>${title}</summary><pre tabindex="0" aria-label="${title}">${text}</pre></details>`;
}

/** As the Actions would read it at the person's next login. */
function renderFacts(state: PageState, { person, application }: Login): Part {
  const user = state.ports.sandbox.tenant.store.users.get(person?.userId ?? '');
  const identity = user?.identities[0];
  if (user === undefined || identity === undefined) return undefined;
  const now = state.now();
  const known = readKnown(
    {
      user,
      connection: { name: identity.connection, strategy: identity.provider },
      client: { client_id: application.clientId },
    },
    now,
  );
  const facts = known === undefined ? [] : listFacts(known.facts);
  if (facts.length === 0) {
    return html`<h3>What is known of ${user.name} now</h3><p class="quiet">Nothing is kept.</p>`;
  }
  return html`<h3>What is known of ${user.name} now</h3>
<div class="scroll" role="region" tabindex="0" aria-label="What is known"><table>
<thead><tr><th>Fact</th><th>Answer</th><th>Age</th></tr></thead>
<tbody>${facts.map(
    ({ about, text, at }) =>
      html`<tr><th scope="row">${about}</th><td>${text}</td><td class="quiet">${describeAge(now - at)}</td></tr>`,
  )}</tbody></table></div>`;
}
