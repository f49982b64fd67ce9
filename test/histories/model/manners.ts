/** What holds for every flow, whoever it lets in: cost, silence, sizes, form. Returns what is wrong. */
import type { Flow } from '../flow.ts';

/** Tokens, secrets, addresses and names of the fake world. */
const SECRET = /-token-|secret-of|@example\.com|[Nn]ame.[Oo]f|nickname/;
const MAX_STORED = 4_096;
const MAX_LOG = 256;
const MAX_BITBUCKET_CALLS = 60;
const MAX_MS = 8_050;

export function badManners(
  flow: Flow,
  stored: Readonly<Record<string, unknown>>,
  cached: readonly string[],
): readonly string[] {
  const { runs, heard, asked, login } = flow;
  const bad: string[] = [];
  for (const { thrown, logLines, action } of runs) {
    if (thrown !== undefined) bad.push(`${action} threw ${thrown}`);
    if (logLines.length !== 1) bad.push(`${action} logged ${logLines.length} lines`);
    for (const line of logLines) bad.push(...badLine(line));
  }
  if (asked.reasons.length > 1) bad.push(`denied ${asked.reasons.length} times`);
  if (asked.claimsAfterDeny > 0) bad.push('claims after the refusal');
  if (flow.heardLate > 0) bad.push(`${flow.heardLate} calls after the answer`);
  const [reason = ''] = asked.reasons;
  if (reason !== '' && !/^bitbucket_[a-z_]+: [^{}]+$/.test(reason)) bad.push(`reason ${reason}`);
  if (/acme|beta|gamma/.test(reason) || SECRET.test(reason)) bad.push(`reason tells ${reason}`);
  if (JSON.stringify(asked.idToken) !== JSON.stringify(asked.accessToken)) {
    bad.push('the two tokens differ');
  }
  const bitbucketCalls = heard.filter(({ by }) => by !== 'management').length;
  if (bitbucketCalls > MAX_BITBUCKET_CALLS) bad.push(`${bitbucketCalls} Bitbucket calls`);
  const spent = flow.endedAt - flow.startedAt;
  // What the first Action left, and how long it took, is then not known to the second.
  const isUntouched = login.pauseMs === undefined && login.isGarbled !== true;
  if (spent > MAX_MS * (isUntouched ? 1 : 2)) bad.push(`took ${spent} ms`);
  // "Run in one flow, the second makes no HTTP call."
  if (isUntouched && heard.some(({ action }) => action === 1)) {
    bad.push('the second Action made calls');
  }
  bad.push(...badlyKept(stored, asked.transaction, cached));
  return bad;
}

function badLine(line: string): string[] {
  const bad: string[] = [];
  if (line.length > MAX_LOG) bad.push(`log line of ${line.length}`);
  if (SECRET.test(line)) bad.push(`log tells ${line}`);
  try {
    JSON.parse(line);
  } catch {
    bad.push(`log line is no JSON: ${line}`);
  }
  return bad;
}

function badlyKept(
  stored: Readonly<Record<string, unknown>>,
  transaction: Readonly<Record<string, unknown>>,
  cached: readonly string[],
): string[] {
  const bad: string[] = [];
  const kept = JSON.stringify([stored.bitbucket ?? null, stored.bitbucket_look ?? null]);
  if (Buffer.byteLength(kept) > MAX_STORED) bad.push(`${kept.length} bytes stored`);
  if (SECRET.test(kept)) bad.push(`stored: ${kept}`);
  if (SECRET.test(JSON.stringify(transaction))) bad.push('transaction metadata in clear');
  if (cached.some((value) => SECRET.test(value))) bad.push('cached in clear');
  return [...bad, ...badSummary(stored.bitbucket)];
}

/** `{ uuid, email_verified?, workspaces, checked_at }` */
function badSummary(summary: unknown): string[] {
  if (summary === undefined || summary === null) return [];
  const { uuid, email_verified, workspaces, checked_at, ...more } = summary as Record<
    string,
    unknown
  >;
  const isRight =
    typeof uuid === 'string' &&
    ['boolean', 'undefined'].includes(typeof email_verified) &&
    Array.isArray(workspaces) &&
    !Number.isNaN(Date.parse(String(checked_at))) &&
    Object.keys(more).length === 0;
  return isRight ? [] : [`summary ${JSON.stringify(summary)}`];
}
