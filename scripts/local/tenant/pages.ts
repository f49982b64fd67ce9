/** The plain pages of the local tenant. Values in, HTML out. */
import { escapeHtml } from '../net/escape-html.ts';

export interface PageLink {
  readonly href: string;
  readonly text: string;
}

/** Everything is escaped. */
export function renderPage(
  title: string,
  lines: readonly string[],
  links: readonly PageLink[] = [],
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
h1 { font-size: 1.4rem } a { display: inline-block; padding: .5rem 1rem; border-radius: 4px; background: #635dff; color: #fff; text-decoration: none }
</style></head><body><h1>${escapeHtml(title)}</h1>
${paragraphs}
${anchors}
</body></html>`;
}
