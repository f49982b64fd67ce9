/** The first page: log in, see what came of it, and try what would come of it otherwise. */
import { describeAge } from '../found.ts';
import { type Html, html, type Part } from '../html.ts';
import type { Login } from '../logins.ts';
import { listUsable, OWN_CLIENT_ID } from '../own-application.ts';
import { ALL_CALLS, CALL_NAMES, FAULT_NAMES, type Visit } from '../state.ts';
import { button, layout, options } from './layout.ts';
import { headline, renderLogin } from './login.ts';

export function renderHome(visit: Visit): Html {
  const { state, url } = visit;
  const login = shownLogin(visit);
  const back = url.pathname + url.search;
  return layout(
    visit,
    'Log in',
    html`<div class="columns">
<div>
${renderForm(visit)}
${login === undefined ? html`<section class="card"><p>Nobody has logged in yet. Log in here, or with an application of yours: what comes of it is shown here.</p></section>` : renderLogin(state, login)}
</div>
<div>
${renderWhatIf(visit, login, back)}
<section class="card" aria-labelledby="logins-title">
<h2 id="logins-title">Logins</h2>
<p role="status" id="news" class="quiet"></p>
<div id="logins" data-newest="${state.logins.newestId()}">${renderList(visit, login?.id)}</div>
</section>
</div>
</div>`,
  );
}

/** What was asked for, the last of this browser, or the last of all. */
function shownLogin({ state: { logins }, session, url }: Visit): Login | undefined {
  const wanted = url.searchParams.get('login');
  if (wanted !== null) return logins.find(Number(wanted));
  return logins.find(session.lastId ?? -1) ?? logins.list()[0];
}

function renderForm({ state, session }: Visit): Html {
  const usable = listUsable(state.ports.sandbox.tenant.store, state.origin);
  const { signedIn } = session;
  const names = usable.map(({ client_id, name }) => [client_id, name] as const);
  return html`<section class="card" aria-labelledby="log-in">
<h2 id="log-in">${signedIn === undefined ? 'Try a login' : html`Signed in as ${signedIn.name}`}</h2>
<form method="post" action="/dev/login">
${
  names.length > 1
    ? html`<label>Application <select name="application">${options(names, signedIn?.clientId ?? OWN_CLIENT_ID)}</select></label>`
    : html`<input type="hidden" name="application" value="${OWN_CLIENT_ID}">`
}
<div class="buttons">
<button>Log in with Bitbucket</button>
<button class="plain" name="prompt" value="login">Use another account</button>
</div>
</form>
<div class="buttons">
${signedIn?.refreshToken !== undefined && button('/dev/refresh', 'Refresh the token')}
${button('/dev/sign-out', 'Sign out')}
</div>
<p class="quiet">${
    signedIn === undefined
      ? 'The real redirects, the real Actions: choose who you are at the local Bitbucket.'
      : 'Log in again, and nobody is asked at Bitbucket: the session answers.'
  }</p>
</section>`;
}

function renderWhatIf({ state }: Visit, login: Login | undefined, back: string): Html {
  const { ports, breakage } = state;
  return html`<section class="card" aria-labelledby="what-if">
<h2 id="what-if">What if …</h2>
${renderPerson(state, login, back)}
<h3>Bitbucket breaks</h3>
<form method="post" action="/dev/break">
<input type="hidden" name="back" value="${back}">
<label>Call <select name="call">${options(
    [ALL_CALLS, ...CALL_NAMES].map((name) => [name, name]),
    ALL_CALLS,
  )}</select></label>
<label>Fault <select name="fault">${options(
    FAULT_NAMES.map((name) => [name, name]),
    '503',
  )}</select></label>
<div class="buttons"><button class="plain">Break it</button></div>
</form>
${breakage.list().length > 0 && button('/dev/mend', 'Mend everything', { back })}
<p class="quiet">A sign-in asks Bitbucket before the Actions do, and ends there. To see what the Actions make of it, log in again with the session, or refresh.</p>
<h3>Time passes</h3>
<div class="buttons">
${MOVES.map(([minutes, text]) => button('/dev/clock', text, { fields: { minutes: String(minutes) }, back }))}
${Math.abs(ports.clock.aheadMs()) >= 1_000 && button('/dev/clock', 'Back to now', { fields: { minutes: 'now' }, back })}
</div>
<h3>All of it</h3>
<div class="buttons">
${button('/dev/reset', 'Reset', { fields: { back: '/' } })}
<a class="button" href="/dev/world.yaml">Download the world</a>
</div>
</section>`;
}

const MOVES = [
  [61, '+61 min'],
  [25 * 60, '+25 h'],
  [31 * 24 * 60, '+31 d'],
] as const;

/** Of the login that is shown, where it is known whose it is. */
function renderPerson(
  { ports, formerStandings }: Visit['state'],
  login: Login | undefined,
  back: string,
): Part {
  const { world, sandbox } = ports;
  const identity = sandbox.tenant.store.users.get(login?.person?.userId ?? '')?.identities[0];
  const person = world.users.get(identity?.user_id ?? '');
  if (person === undefined) return undefined;
  const rows = [...world.workspaces.values()].flatMap((workspace) => {
    const key = `${person.uuid} ${workspace.uuid}`;
    const standing = world.standings.get(key);
    const former = formerStandings.get(key);
    const fields = { person: person.uuid, workspace: workspace.uuid };
    if (standing !== undefined) {
      const text = `Take ${person.display_name} out of ${workspace.slug}`;
      return [button('/dev/standing', text, { fields: { ...fields, does: 'leave' }, back })];
    }
    if (former === undefined) return [];
    const text = `Put ${person.display_name} back into ${workspace.slug} as ${former}`;
    return [button('/dev/standing', text, { fields: { ...fields, does: 'return' }, back })];
  });
  return html`<h3>Something happens to ${person.display_name}</h3>
<div class="buttons">
${button('/dev/expire', 'Let the Bitbucket token expire', { fields: { person: person.uuid }, back })}
${rows}
</div>`;
}

/** The newest first; what the script puts in its place when there are new ones. */
export function renderList({ state }: Visit, shownId: number | undefined): Html {
  const list = state.logins.list();
  if (list.length === 0) return html`<p class="quiet">None yet.</p>`;
  const now = state.now();
  return html`<ol class="bare logins">${list.slice(0, 50).map(
    (
      login,
    ) => html`<li class="${login.outcome}"><a href="/?login=${login.id}"${login.id === shownId && html` aria-current="true"`}>
<span class="badge">${login.outcome}</span> <span>${headline(login)}</span>
<span class="quiet">${login.application.name}${login.code !== undefined && html` · ${login.code}`} · <time datetime="${login.at}">${describeAge(now - Date.parse(login.at))}</time></span></a></li>`,
  )}</ol>`;
}
