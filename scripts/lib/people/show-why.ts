/** What `why` found, for people and for programs. Values in, text out. */
import { styleText } from 'node:util';
import { padTo, toHarmless, toHarmlessJson, widthOf } from '../cli/harmless.ts';
import { renderFindings } from '../doctor/finding.ts';
import { type Is, writeRuleOf } from './judge.ts';
import { tellFacts, tellRule } from './known.ts';
import type { ApplicationVerdict, Person } from './person.ts';
import type { ToldRefusal } from './refusals.ts';
import { nameOf } from './tenant-user.ts';
import { readTime, writeAge, writeTime } from './times.ts';
import type { ExplainedPerson, Explanation } from './why.ts';

export function renderWhy(explanation: Explanation): string {
  const { people, gate, deployed, notes } = explanation;
  return [
    ...notes.map((note) => `${styleText('yellow', '!')} ${toHarmless(note)}\n`),
    ...people.map((one) => renderPerson(one, explanation)),
    title('The gate'),
    ...(gate.length === 0
      ? ['  The Bitbucket connection is on for nobody.']
      : indent(renderFindings(gate))),
    `  ${deployed.sentence}`,
  ].join('\n');
}

function renderPerson(one: ExplainedPerson, { nowMs }: Explanation): string {
  const { person, notes, live, advice } = one;
  return [
    styleText('bold', toHarmless(nameOf(person.user))),
    ...indent(table(describeUser(person, nowMs))),
    ...notes.map((note) => `  ${styleText('yellow', '!')} ${toHarmless(note)}`),
    '',
    ...(person.accounts.length === 0 ? [] : renderHistory(one, nowMs)),
    ...(person.accounts.length === 0
      ? []
      : [
          title('What today’s policy says, by these facts'),
          ...renderVerdicts(person.verdicts, nowMs),
          '',
        ]),
    ...(live === undefined
      ? []
      : [
          title('The same, with the memberships that Bitbucket tells now'),
          ...renderVerdicts(live.verdicts, nowMs),
          '',
        ]),
    ...(advice.length === 0
      ? []
      : [title('What to do'), ...advice.map((line) => `  → ${toHarmless(line)}`), '']),
  ].join('\n');
}

function describeUser({ user, accounts }: Person, nowMs: number): readonly (readonly string[])[] {
  const login = readTime(user.lastLogin);
  return [
    ['Auth0 user', toHarmless(user.userId)],
    ...accounts.map(({ door, uuid, ids }) => [
      'Bitbucket account',
      toHarmless(`${uuid ?? ids.join(', ')}, by the connection ${door.name}`),
    ]),
    ['Last login', login === undefined ? 'none that Auth0 knows of' : since(login, nowMs)],
  ];
}

function renderHistory({ person, refusals }: ExplainedPerson, nowMs: number): readonly string[] {
  const facts = person.accounts.flatMap((account) => tellFacts(account.facts));
  return [
    title('The last refusals'),
    ...(refusals.length === 0
      ? ['  none that is kept']
      : refusals.flatMap((one) => renderRefusal(one, nowMs))),
    '',
    title('What is known'),
    ...(facts.length === 0
      ? ['  nothing that is believed']
      : indent(
          table(
            facts.map(({ about, answer, at }) => [
              toHarmless(about),
              toHarmless(answer),
              `${writeAge(nowMs - at)} ago`,
            ]),
          ),
        )),
    '',
  ];
}

function renderRefusal(refusal: ToldRefusal, nowMs: number): readonly string[] {
  const { at, code, cause, kind, application, description, logId } = refusal;
  const what = code ?? `by something else: ${description ?? ''}`;
  const how = kind === 'refresh' ? 'refresh of' : 'at';
  return [
    `  ${styleText('red', '✖')} ${since(at, nowMs)}  ${styleText('yellow', toHarmless(what))}  ${how} ${toHarmless(application)}`,
    ...(cause === undefined ? [] : [`      cause: ${toHarmless(cause)}`]),
    ...(logId === undefined ? [] : [styleText('dim', `      log ${toHarmless(logId)}`)]),
  ];
}

function renderVerdicts(verdicts: readonly ApplicationVerdict[], nowMs: number): readonly string[] {
  return verdicts.flatMap(({ account, application, verdict }) => {
    const { status, code, cause, satisfied } = verdict;
    const where = application?.name ?? 'no application (the tenant’s policy)';
    const why = code ?? (status === 'in' ? satisfied : 'a sign-in would look');
    const head = `${where}: ${status}${why === undefined ? '' : `, ${why}`}`;
    const because = code === undefined || cause === undefined ? '' : ` (${cause})`;
    return [
      `  ${signOf(STATUS_AS[status])} ${toHarmless(`${head}${because}`)}`,
      ...indent(table(describeRules({ account, application, verdict }, nowMs)), 6),
    ];
  });
}

const STATUS_AS = { in: 'yes', out: 'no', unknown: 'unknown' } as const;

function describeRules(
  { account, verdict }: ApplicationVerdict,
  nowMs: number,
): readonly (readonly string[])[] {
  const { rules, address, policy } = verdict;
  if (policy === undefined) return [];
  const { facts } = account;
  const known = facts.address;
  const told =
    known === undefined || address === 'unknown'
      ? 'not known of the address that Auth0 holds now, or too old for a recheck'
      : `${known.isConfirmed ? 'confirmed' : 'not among the confirmed addresses'} by the look ${writeAge(nowMs - known.at)} ago`;
  return [
    ...(address === undefined ? [] : [[`${signOf(address)} confirmed address`, told]]),
    ...rules.map(({ rule, is }) => {
      const what = tellRule(facts, rule, nowMs);
      const tooOld =
        is === 'unknown' && / ago/.test(what) ? '; that is too old, or not certain' : '';
      return [`${signOf(is)} ${toHarmless(writeRuleOf(rule))}`, toHarmless(`${what}${tooOld}`)];
    }),
  ];
}

/** The keys that programs may rely on are those of docs/operate.md. */
export function renderWhyAsJson({ people, gate, deployed, notes, nowMs }: Explanation): string {
  return toHarmlessJson({
    people: people.map(({ person, refusals, live, advice, notes: own }) => ({
      user: {
        user_id: person.user.userId,
        name: person.user.name ?? null,
        email: person.user.email ?? null,
        blocked: person.user.isBlocked,
        last_login: writeTime(readTime(person.user.lastLogin)) || null,
      },
      accounts: person.accounts.map(({ door, uuid, lastLook, notBelieved, facts }) => ({
        connection: door.name,
        bitbucket_uuid: uuid ?? null,
        last_look: writeTime(lastLook) || null,
        not_believed: notBelieved ?? null,
        facts: tellFacts(facts).map(({ at, ...fact }) => ({ ...fact, at: writeTime(at) })),
      })),
      refusals: refusals.map(({ at, code, cause, kind, application, logId, description }) => ({
        at: writeTime(at),
        code: code ?? null,
        cause: cause ?? null,
        kind: kind ?? null,
        application,
        log_id: logId ?? null,
        description: description ?? null,
      })),
      verdicts: person.verdicts.map((one) => toPlain(one, nowMs)),
      live: live?.verdicts.map((one) => toPlain(one, nowMs)) ?? null,
      advice,
      notes: own,
    })),
    gate,
    policy: deployed,
    notes,
  });
}

function toPlain({ account, application, verdict }: ApplicationVerdict, nowMs: number) {
  return {
    application: application?.name ?? null,
    client_id: application?.clientId ?? null,
    connection: account.door.name,
    status: verdict.status,
    code: verdict.code ?? null,
    cause: verdict.cause ?? null,
    satisfied: verdict.satisfied ?? null,
    confirmed_address: verdict.address ?? null,
    rules: verdict.rules.map(({ rule, is }) => ({
      rule: writeRuleOf(rule),
      is,
      known: tellRule(account.facts, rule, nowMs),
    })),
  };
}

function since(at: number, nowMs: number): string {
  return `${writeTime(at)}, ${writeAge(nowMs - at)} ago`;
}

function title(text: string): string {
  return styleText('bold', text);
}

function signOf(is: Is): string {
  switch (is) {
    case 'yes':
      return styleText('green', '✔');
    case 'no':
      return styleText('red', '✖');
    case 'unknown':
      return styleText('yellow', '?');
  }
}

function indent(text: string, by = 2): readonly string[] {
  return text === '' ? [] : text.split('\n').map((line) => ' '.repeat(by) + line);
}

/** Columns as wide as what is in them. */
function table(rows: readonly (readonly string[])[]): string {
  const plain = (cell: string) => cell.replace(STYLE, '');
  const widths = [0, 1, 2].map((at) =>
    Math.max(0, ...rows.map((row) => widthOf(plain(row[at] ?? '')))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, at) =>
          at === row.length - 1
            ? cell
            : padTo((widths[at] ?? 0) + cell.length - plain(cell).length, cell),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what styleText writes.
const STYLE = /\u001b\[\d+m/g;
