/** The policy as a form. */
import { type Html, html } from '../html.ts';
import { SETTINGS } from '../settings.ts';
import type { Visit } from '../state.ts';
import { renderField } from './field.ts';
import { layout } from './layout.ts';

/** @param values what was typed, where it was not taken; otherwise what is set. */
export function renderPolicy(
  visit: Visit,
  values: Readonly<Record<string, string>> = visit.state.ports.policy.read(),
): Html {
  return layout(
    visit,
    'Policy',
    html`<section class="card" aria-labelledby="policy">
<h2 id="policy">Of the tenant</h2>
<p class="quiet">It acts at the next login. An application can have its own list, on its page.</p>
<form method="post" action="/dev/policy" novalidate>
${SETTINGS.map((setting) => renderField(setting, values[setting.name] ?? '', setting.name))}
<div class="buttons"><button>Save the policy</button></div>
</form>
</section>`,
  );
}
