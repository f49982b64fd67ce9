/** The plain pages of the local tenant. Values in, HTML out. */
import { escapeHtml } from '../net/escape-html.ts';

export interface PageLink {
  readonly href: string;
  readonly text: string;
}

/** A question: one button that sends the fields. */
export interface PageForm {
  readonly action: string;
  readonly button: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Everything is escaped. */
export function renderPage(
  title: string,
  lines: readonly string[],
  links: readonly PageLink[] = [],
  form?: PageForm,
): string {
  const paragraphs = lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n');
  const anchors = links
    .map(({ href, text }) => `<p><a href="${escapeHtml(href)}">${escapeHtml(text)}</a></p>`)
    .join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} (local tenant)</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 10vh auto; max-width: 28rem; padding: 0 1rem; color: #1e212a }
h1 { font-size: 1.4rem } button { font: inherit; border: 0; cursor: pointer }
a, button { display: inline-block; padding: .5rem 1rem; border-radius: 4px; background: #635dff; color: #fff; text-decoration: none }
</style></head><body><h1>${escapeHtml(title)}</h1>
${paragraphs}
${anchors}
${form === undefined ? '' : renderForm(form)}
</body></html>`;
}

function renderForm({ action, button, fields }: PageForm): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) =>
      `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return `<form method="post" action="${escapeHtml(action)}">${inputs.join('')}<button>${escapeHtml(button)}</button></form>`;
}
