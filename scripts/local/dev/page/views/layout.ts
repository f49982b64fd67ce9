/** What is around every page: where one is, and in which state the tenant is. */
import { describeSpan } from '../found.ts';
import { type Html, html, type Part } from '../html.ts';
import type { Visit } from '../state.ts';

const PLACES = [
  ['/', 'Log in'],
  ['/dev/people', 'People'],
  ['/dev/policy', 'Policy'],
  ['/dev/applications', 'Applications'],
] as const;

export function layout({ state, session, url }: Visit, title: string, content: Part): Html {
  const { notice } = session;
  session.notice = undefined;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · local tenant</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/dev/page.css">
<script src="/dev/page.js" defer></script>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header class="top">
<p class="brand"><strong>Local tenant</strong> <span class="quiet">${state.ports.sandbox.tenant.domain}</span></p>
<nav aria-label="Pages"><ul class="bare">${PLACES.map(
    ([path, name]) =>
      html`<li><a href="${path}"${url.pathname === path && html` aria-current="page"`}>${name}</a></li>`,
  )}</ul></nav>
</header>
${renderState(state)}
<main id="content" tabindex="-1">
<h1>${title}</h1>
<p role="status" class="${notice === undefined ? 'notice empty' : 'notice'}">${notice}</p>
${content}
</main>
<footer class="quiet">People here are invented and never leave this machine.</footer>
</body>
</html>`;
}

/** A build that failed, what is broken, and another time than now: nobody should overlook it. */
function renderState({ ports, breakage }: Visit['state']): Html {
  const { error, versions } = ports.builds.current();
  const broken = breakage.list();
  const aheadMs = ports.clock.aheadMs();
  const isMoved = Math.abs(aheadMs) >= 1_000;
  return html`${
    error !== undefined &&
    html`<section class="alert" role="alert" aria-label="Build">
<p><strong>The newest source does not compile.</strong> The Actions run as they were.</p>
<pre tabindex="0">${error}</pre>
</section>`
  }
<section class="state" aria-label="State of the tenant"><ul class="bare">
${versions.map(
  ({ action, number, by }) =>
    html`<li>${action} <strong>v${number}</strong> <span class="quiet">${HOW[by]}</span></li>`,
)}
${isMoved && html`<li class="warn">Clock <strong>${describeSpan(Math.abs(aheadMs))}</strong> ${aheadMs > 0 ? 'ahead' : 'behind'}</li>`}
${broken.map(({ call, fault }) => html`<li class="warn">Broken: <strong>${call}</strong>, ${fault}</li>`)}
</ul></section>`;
}

const HOW = {
  deploy: 'from the deploy',
  rebuild: 'rebuilt from a change',
  policy: 'with a changed policy',
} as const;

/** A form that is one button, or ends with one. */
export function button(
  action: string,
  text: string,
  {
    fields = {},
    back,
    isPlain = true,
  }: {
    readonly fields?: Readonly<Record<string, string>>;
    readonly back?: string;
    readonly isPlain?: boolean;
  } = {},
): Html {
  const hidden = Object.entries({ ...fields, ...(back === undefined ? {} : { back }) });
  return html`<form method="post" action="${action}" class="inline">${hidden.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}<button${isPlain && html` class="plain"`}>${text}</button></form>`;
}

export function options(
  names: readonly (readonly [value: string, text: string])[],
  chosen: string | undefined,
): Part {
  return names.map(
    ([value, text]) =>
      html`<option value="${value}"${value === chosen && html` selected`}>${text}</option>`,
  );
}
