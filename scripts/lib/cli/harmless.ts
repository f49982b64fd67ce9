/**
 * Names and addresses are other people's text. What a terminal, a CI system or a spreadsheet would
 * take for more than text is made visible and does nothing. Text in, text out.
 */

/** Control characters (C0, C1), line and paragraph separators, and what turns the direction of text. */
const DANGEROUS = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** Two columns of a terminal, and none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\u200b-\u200d]/u;

/**
 * One line that moves no cursor. CI systems take `::name::` at the beginning of a line (GitHub) and
 * `##vso[` or `##[` anywhere (Azure) for commands: these are taken apart.
 */
export function toHarmless(text: string): string {
  return text
    .replace(DANGEROUS, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
    .replace(/:(?=:)/g, ': ')
    .replace(/#(?=#)/g, '# ');
}

/** JSON whose values are as they are, written in characters that are harmless everywhere. */
export function toHarmlessJson(value: unknown): string {
  return toHarmlessText(JSON.stringify(value, null, 2));
}

/** The same of JSON that is written already. */
export function toHarmlessText(json: string): string {
  return json
    .replace(
      /[\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
      escapeChar,
    )
    .replace(/#(?=#)/g, '\\u0023');
}

/** How many columns of a terminal it takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += WITHOUT_WIDTH.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

/** At most `width` columns; what is cut ends with `…`. */
export function cutTo(width: number, text: string): string {
  if (widthOf(text) <= width) return text;
  let cut = '';
  for (const char of text) {
    if (widthOf(cut + char) > width - 1) break;
    cut += char;
  }
  return `${cut}…`;
}

export function padTo(width: number, text: string): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

function escapeChar(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
