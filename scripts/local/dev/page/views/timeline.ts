/** What happened in a login, in its order. */
import type { CacheUse, RecordedRequest } from '#scripts/local/tenant/action-runtime/protocol.ts';
import { type Html, html } from '../html.ts';
import type { Login } from '../logins.ts';

export function renderTimeline({ steps }: Login): Html {
  if (steps.length === 0) {
    return html`<p class="quiet">It ended before the login flow: no Action ran.</p>`;
  }
  const last = steps.at(-1);
  const wholeMs = Math.max(1, (last?.startedMs ?? 0) + (last?.durationMs ?? 0));
  return html`<ol class="bare timeline">${steps.map((step) => renderStep(step, wholeMs))}</ol>`;
}

function renderStep(step: Login['steps'][number], wholeMs: number): Html {
  const { startedMs, requests, cacheUses, written } = step;
  const entries = [
    ...requests.map((request) => ({
      at: request.startedMs,
      row: renderRequest(request, startedMs, wholeMs),
    })),
    ...cacheUses.map((use) => ({ at: use.atMs, row: renderCacheUse(use) })),
  ].toSorted((one, other) => one.at - other.at);
  return html`<li>
<h4>${step.action} ${step.version !== undefined && html`<span class="quiet">v${step.version}</span>`}
<span class="ms">${ms(step.durationMs)}</span></h4>
${
  entries.length === 0
    ? html`<p class="quiet">No call: nothing had to be asked.</p>`
    : html`<div class="scroll" role="region" tabindex="0" aria-label="Calls of ${step.action}"><table class="calls">
<thead><tr><th>What</th><th>Answer</th><th class="number after">After</th><th class="number">Took</th><th class="when">When</th></tr></thead>
<tbody>${entries.map(({ row }) => row)}</tbody></table></div>`
}
${written.length > 0 && html`<p>Written to <code>app_metadata</code>: ${written.join(', ')}</p>`}
${step.error !== undefined && html`<p class="bad">${step.error}</p>`}
${step.log !== '' && html`<pre class="log" tabindex="0" aria-label="Log of ${step.action}">${step.log}</pre>`}
</li>`;
}

function renderRequest(request: RecordedRequest, offsetMs: number, wholeMs: number): Html {
  const { method, host, path, status, failure, startedMs, durationMs } = request;
  const isBad = failure !== undefined || status === undefined || status >= 400;
  const answer = failure === undefined ? (status ?? 'none') : `${status ?? ''} ${failure}`.trim();
  const from = Math.min(99, (100 * (offsetMs + startedMs)) / wholeMs);
  const width = Math.min(100 - from, Math.max(1, (100 * (durationMs ?? wholeMs)) / wholeMs));
  return html`<tr><th scope="row">${method} <span class="host">${host}</span><wbr>${decode(path)}</th>
<td class="${isBad ? 'bad' : 'good'}">${answer}</td>
<td class="number after">${ms(startedMs)}</td>
<td class="number">${durationMs === undefined ? 'not ended' : ms(durationMs)}</td>
<td class="when"><svg width="100" height="10" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="track" width="100" height="10"/><rect class="${isBad ? 'bar bad' : 'bar'}" x="${from.toFixed(1)}" width="${width.toFixed(1)}" height="10"/></svg></td></tr>`;
}

/** As people read it: a user's id is full of what a path has to encode. */
function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const DID = {
  hit: 'found in the cache',
  miss: 'not in the cache',
  set: 'put into the cache',
  delete: 'taken out of the cache',
  refused: 'not taken by the cache',
} as const;

function renderCacheUse({ did, key, atMs }: CacheUse): Html {
  return html`<tr class="cache"><th scope="row">${key}</th><td>${DID[did]}</td><td class="number after">${ms(atMs)}</td><td></td><td class="when"></td></tr>`;
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
