/** The applications: what each may do, and its own policy. */
import { ALLOWED_KEY, VERIFIED_KEY } from '#actions/lib/policy/policy.ts';
import { isEnabledFor, type StoredClient } from '#scripts/local/tenant/store.ts';
import { type Html, html } from '../html.ts';
import { CALLBACK, listApplications, OWN_CLIENT_ID } from '../own-application.ts';
import type { Setting } from '../settings.ts';
import type { Visit } from '../state.ts';
import { renderField } from './field.ts';
import { layout } from './layout.ts';

export const OWN_POLICY: readonly Setting[] = [
  {
    name: ALLOWED_KEY,
    label: 'Who gets in',
    help: 'In place of the tenant’s list; empty: the tenant’s.',
    kind: 'rules',
    usual: '',
  },
  {
    name: VERIFIED_KEY,
    label: 'The address has to be confirmed',
    help: 'Empty: as the tenant has it.',
    kind: ['', 'true', 'false'],
    usual: '',
  },
];

export interface Typed {
  readonly clientId: string;
  readonly values: Readonly<Record<string, string>>;
}

/** @param typed what was typed for one of them, where it was not taken. */
export function renderApplications(visit: Visit, typed?: Typed): Html {
  const applications = listApplications(visit.state.ports.sandbox.tenant.store);
  return layout(
    visit,
    'Applications',
    html`${applications.map((client, index) =>
      renderApplication(visit, client, `application-${index}`, typed),
    )}`,
  );
}

function renderApplication(
  { state }: Visit,
  client: StoredClient,
  id: string,
  typed: Typed | undefined,
): Html {
  const { client_id, client_secret, name, callbacks = [], client_metadata = {} } = client;
  const { store } = state.ports.sandbox.tenant;
  const ours = [...store.connections.values()].find(({ strategy }) => strategy === 'bitbucket');
  const isEnabled = ours !== undefined && isEnabledFor(store, ours, client_id);
  const values = typed?.clientId === client_id ? typed.values : client_metadata;
  return html`<section class="card" aria-labelledby="${id}">
<h2 id="${id}">${name}</h2>
<dl>
<dt>Client ID</dt><dd><code>${client_id}</code></dd>
<dt>Kind</dt><dd>${client_secret === '' ? 'public, with PKCE' : 'confidential, with a secret'}</dd>
${
  client_secret !== '' &&
  html`<dt>Client secret</dt><dd><details><summary>Show</summary><code>${client_secret}</code></details></dd>`
}
</dl>
<form method="post" action="/dev/applications" novalidate>
<input type="hidden" name="application" value="${client_id}">
<label class="check"><input type="checkbox" name="enabled"${isEnabled && html` checked`}> The connection is enabled</label>
<div class="field"><label for="${id}-callbacks">Callbacks, one a line</label>
<textarea id="${id}-callbacks" name="callbacks" rows="3" spellcheck="false" autocapitalize="off"${client_id !== OWN_CLIENT_ID && html` aria-describedby="${id}-callbacks-help"`}>${callbacks.join('\n')}</textarea>
${
  client_id !== OWN_CLIENT_ID &&
  html`<p class="quiet" id="${id}-callbacks-help">With <code>${state.origin + CALLBACK}</code> among them, this page can log in as it.</p>`
}</div>
${OWN_POLICY.map((setting) => renderField(setting, values[setting.name] ?? '', `${id}-${setting.name}`))}
<div class="buttons"><button>Save ${name}</button></div>
</form>
</section>`;
}
