/** The two pages of the local Bitbucket. Values in, HTML out. */
import { escapeHtml } from '../net/escape-html.ts';
import type { BitbucketWorld, Consumer } from './world.ts';

/** Asks who is signing in, and whether the consumer may have what it asks for. */
export function renderConsentPage(world: BitbucketWorld, consumer: Consumer): string {
  const people = [...world.users.values()].map(
    (user, index) =>
      `<label><input type="radio" name="user" value="${escapeHtml(user.uuid)}"${index === 0 ? ' checked' : ''}> ${escapeHtml(user.display_name)} <small>${escapeHtml(user.nickname)}</small></label>`,
  );
  const scopes = consumer.scopes.map((scope) => `<li>${escapeHtml(scope)}</li>`);
  return page(
    'Confirm access to your account',
    `<p><strong>${escapeHtml(consumer.name)}</strong> would like to read:</p>
<ul>${scopes.join('')}</ul>
<form method="post">
<fieldset><legend>Who are you?</legend>${people.join('\n')}</fieldset>
<button name="decision" value="grant">Grant access</button>
<button name="decision" value="deny" class="plain">Cancel</button>
</form>`,
  );
}

export function renderErrorPage(message: string): string {
  return page('Invalid request', `<p>${escapeHtml(message)}</p>`);
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} (local Bitbucket)</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 10vh auto; max-width: 28rem; padding: 0 1rem; color: #172b4d }
h1 { font-size: 1.4rem } small { color: #5e6c84 }
fieldset { border: 1px solid #dfe1e6; border-radius: 6px; margin: 1rem 0 } label { display: block; padding: .2rem 0 }
button { font: inherit; padding: .5rem 1rem; border: 0; border-radius: 4px; background: #0052cc; color: #fff; cursor: pointer }
button.plain { background: none; color: #42526e }
</style></head><body><h1>${escapeHtml(title)}</h1>
${content}
<p><small>This is the local Bitbucket. Nobody here is real.</small></p></body></html>`;
}
