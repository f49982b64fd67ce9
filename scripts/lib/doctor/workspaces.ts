/** The workspaces, repositories and people that the rules name, looked up as the consumer. */
import { parseUuid, readField, readString } from '#actions/lib/read.ts';
import { askBitbucket, readNotices } from './bitbucket.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Targets } from './targets.ts';

const MOST_AT_ONCE = 10;

export async function checkTargets(
  { workspaces, repositories, people, isForAnyWorkspace }: Targets,
  token: string | undefined,
): Promise<readonly Finding[]> {
  const open = warning(
    'Allowed workspaces',
    'none is named: a member of any workspace gets in',
    'Name yours in ALLOWED_WORKSPACES, unless that is what you want.',
  );
  const findings: Finding[] = isForAnyWorkspace ? [open] : [];
  if (token === undefined) return findings;
  const looks = [
    ...workspaces.map((name) => () => checkWorkspace(name, token)),
    ...repositories.map((name) => () => checkRepository(name, token)),
    ...people.map((uuid) => () => checkPerson(uuid, token)),
  ];
  // A few at a time: the consumer has 1,000 calls an hour, and people need them too.
  for (let index = 0; index < looks.length; index += MOST_AT_ONCE) {
    const batch = looks.slice(index, index + MOST_AT_ONCE).map((look) => look());
    findings.push(...(await Promise.all(batch)).flat());
  }
  // A route that is going to be removed is told once, not for each workspace.
  return findings.filter(
    (finding, index) =>
      findings.findIndex(
        ({ check, message }) => check === finding.check && message === finding.message,
      ) === index,
  );
}

async function checkWorkspace(name: string, token: string): Promise<readonly Finding[]> {
  const check = `Workspace ${name}`;
  const answer = await askBitbucket(`/2.0/workspaces/${encodeURIComponent(name)}`, token);
  const notices = readNotices('GET /2.0/workspaces/{workspace}', answer);
  const { status = 'no answer', body } = answer;
  if (status === 404) {
    const unknown = problem(
      check,
      'Bitbucket knows no such workspace',
      'Correct ALLOWED_WORKSPACES: nobody can match it.',
    );
    return [unknown, ...notices];
  }
  const [uuid, slug] = [readString(body, 'uuid'), readString(body, 'slug')];
  if (status !== 200 || uuid === undefined || slug === undefined) {
    const unseen = warning(
      check,
      `it cannot be looked up (${status})`,
      'See that the name is right; members can still sign in.',
    );
    return [unseen, ...notices];
  }
  if (name === uuid.toLowerCase()) return [ok(check, `it is ${slug}`), ...notices];
  return [adviseUuid(check, uuid), ...notices];
}

async function checkRepository(name: string, token: string): Promise<readonly Finding[]> {
  const check = `Repository ${name}`;
  const path = name.split('/').map(encodeURIComponent).join('/');
  const { status = 'no answer', body } = await askBitbucket(`/2.0/repositories/${path}`, token);
  const [uuid, fullName] = [readString(body, 'uuid'), readString(body, 'full_name')];
  if (status !== 200 || uuid === undefined || fullName === undefined) {
    // A private repository of another workspace is not there for the consumer.
    return [
      warning(
        check,
        `it cannot be looked up (${status})`,
        'See that the name is right; people who are on it can still sign in.',
      ),
    ];
  }
  if (name.endsWith(`/${uuid.toLowerCase()}`)) return [ok(check, `it is ${fullName}`)];
  return [adviseUuid(check, uuid)];
}

/** Whom the rule lets in, in words that people know: names are for reading alone. */
async function checkPerson(uuid: string, token: string): Promise<readonly Finding[]> {
  const check = `Person @${uuid}`;
  const path = `/2.0/users/${encodeURIComponent(uuid)}`;
  const { status = 'no answer', body } = await askBitbucket(path, token);
  const name = readString(body, 'display_name');
  if (status === 200 && name !== undefined && parseUuid(readField(body, 'uuid')) === uuid) {
    return [ok(check, `it is ${name}`)];
  }
  return [
    warning(
      check,
      `it cannot be looked up (${status})`,
      'See that the uuid is right; whoever has it can still sign in.',
    ),
  ];
}

function adviseUuid(check: string, uuid: string): Finding {
  return warning(
    check,
    `it is ${uuid}`,
    'Write the uuid instead: a slug that is given up can be taken by somebody else.',
  );
}
