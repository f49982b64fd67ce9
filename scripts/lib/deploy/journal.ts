/** What a deploy has written so far, in words: whoever sees it end early has to know. */

export interface Journal {
  readonly written: readonly string[];
  wrote(text: string): void;
}

export function createJournal(): Journal {
  const written: string[] = [];
  return { written, wrote: (text) => written.push(text) };
}

/** One line for each. */
export function describeWritten({ written }: Journal): readonly string[] {
  if (written.length === 0) return ['Nothing was written to the tenant.'];
  return ['Written to the tenant before that:', ...written.map((text) => `  - ${text}`)];
}
