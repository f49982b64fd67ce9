/** One field with its label, its help, what it means and what is wrong with it. */
import { checkSetting } from '../check.ts';
import { type Html, html } from '../html.ts';
import type { Setting } from '../settings.ts';
import { options } from './layout.ts';

/** @param id unique on the page. */
export function renderField(
  { name, label, help, kind, usual }: Setting,
  value: string,
  id: string,
): Html {
  const { mistake, means } = checkSetting(name, value);
  const described = `${id}-help ${id}-said`;
  const attributes = html`id="${id}" name="${name}" aria-describedby="${described}"`;
  return html`<div class="field">
<label for="${id}">${label} <code>${name}</code></label>
${
  typeof kind !== 'string'
    ? html`<select ${attributes}>${options(
        kind.map((one) => [one, nameOption(one, usual)]),
        value || usual,
      )}</select>`
    : kind === 'rules'
      ? html`<textarea ${attributes} rows="3" spellcheck="false" autocapitalize="off" data-check="${name}"${mistake !== undefined && html` aria-invalid="true"`}>${value}</textarea>`
      : html`<input ${attributes} value="${value}" placeholder="${usual}" autocomplete="off" spellcheck="false" data-check="${name}"${kind === 'number' && html` inputmode="numeric"`}${mistake !== undefined && html` aria-invalid="true"`}>`
}
<p class="quiet" id="${id}-help">${help}</p>
<div id="${id}-said" class="said" aria-live="polite">${renderSaid(mistake, means)}</div>
</div>`;
}

export function renderSaid(mistake: string | undefined, means: readonly string[]): Html {
  return mistake === undefined
    ? html`${means.length > 0 && html`<ul>${means.map((line) => html`<li>${line}</li>`)}</ul>`}`
    : html`<p class="bad">${mistake}</p>`;
}

function nameOption(value: string, usual: string): string {
  if (value === '') return 'not set';
  return value === usual ? `${value} (usual)` : value;
}
