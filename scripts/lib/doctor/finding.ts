/** What the doctor says of one thing, for people and for programs. */
import { styleText } from 'node:util';

export interface Finding {
  /** What was looked at. */
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** What to do. */
  readonly advice?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, level: 'ok', message });
export const warning = (check: string, message: string, advice: string): Finding => ({
  ...{ check, level: 'warning', message, advice },
});
export const problem = (check: string, message: string, advice: string): Finding => ({
  ...{ check, level: 'problem', message, advice },
});

export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .flatMap(({ check, level, message, advice }) => [
      `${signOf(level)} ${check.padEnd(width)}  ${message}`,
      ...(advice === undefined ? [] : [`  ${' '.repeat(width)}  → ${advice}`]),
    ])
    .join('\n');
}

function signOf(level: Finding['level']): string {
  switch (level) {
    case 'ok':
      return styleText('green', '✔');
    case 'warning':
      return styleText('yellow', '!');
    case 'problem':
      return styleText('red', '✖');
  }
}
