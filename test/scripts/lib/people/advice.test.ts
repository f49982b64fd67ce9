/** What to do about a cause is what docs/operate.md says, for every cause that there is. */
import { expect, test } from 'vitest';
import { adviseOn, CAUSE_ROWS, findRow, parseAdvice } from '#scripts/lib/people/advice.ts';
import { REFUSAL_CODES } from '#scripts/lib/people/read-logs.ts';
import { readText } from '#test/docs/pages.ts';

const advice = parseAdvice(readText('docs/operate.md'));

test('each code and each cause of the page is one that is looked for, and the other way round', () => {
  expect([...advice.keys()].sort()).toEqual([...REFUSAL_CODES, ...CAUSE_ROWS].sort());
});

test.each([
  ['ALLOWED_WORKSPACES: rule 2 has a space in it', 'ALLOWED_WORKSPACES: rule 2 …'],
  ['BITBUCKET_KEY: missing beside BITBUCKET_SECRET', 'ALLOWED_WORKSPACES: rule 2 …'],
  ['bitbucket_allowed_workspaces: empty', 'bitbucket_allowed_workspaces: …'],
  [
    'client metadata: a key that is nearly bitbucket_allowed_workspaces',
    'bitbucket_allowed_workspaces: …',
  ],
  ['management token: 403', 'management token: 401'],
  ['management user: 403', 'management user: 403'],
  ['management user: 404', 'management user: 404'],
  ['management user: 429', 'management token: 429'],
  ['two identities of this connection are linked', 'two identities of this connection are linked'],
  ['Auth0 holds no address', '… it is that of another linked identity'],
  [
    'not among the confirmed addresses: it is that of another linked identity',
    '… it is that of another linked identity',
  ],
  ['not among the confirmed addresses', 'not among the confirmed addresses'],
  ['no rule is satisfied: 404', 'no rule is satisfied: …'],
  ['bitbucket permission: 401', 'bitbucket user: 401'],
  ['bitbucket emails: 403', 'bitbucket user: 403'],
  [
    'bitbucket repositories: 403, the consumer lacks repository',
    'bitbucket …: 403, the consumer lacks …',
  ],
  ['bitbucket permission: 429', 'bitbucket …: 429'],
  [
    'bitbucket consumer token: 401, BITBUCKET_KEY and BITBUCKET_SECRET are refused',
    'bitbucket consumer token: 400',
  ],
  ['bitbucket member: 404 of a workspace that the consumer cannot see', 'bitbucket member: 401'],
  ['the consumer can prove no more than membership', 'bitbucket member: 401'],
  ['bitbucket permission: 503', '…: 5xx'],
  ['management token: timed_out', '…: 5xx'],
  ['bitbucket user: unreadable', '…: unreadable'],
  ['bitbucket workspaces: more than 10 pages', '…: more than 10 pages'],
  ['bitbucket permission: not_asked', '…: not_asked'],
  ['unexpected TypeError', 'unexpected …'],
])('%s is looked up under %s', (cause, row) => {
  expect(findRow(cause)).toBe(row);
});

test('a cause that says the same as its code is not said twice, and a link names its page', () => {
  const [told = ''] = adviseOn(advice, {
    ...{ code: 'bitbucket_workspace_required', cause: 'no rule is satisfied: 404' },
  });
  expect(told).toMatch(/^bitbucket_workspace_required: add the person to the workspace/);
  expect(told).toContain('(docs/applications.md)');
  expect(adviseOn(advice, { code: 'bitbucket_unavailable', cause: 'something new' })).toHaveLength(
    1,
  );
  expect(adviseOn(new Map(), { code: 'bitbucket_unavailable', cause: undefined })).toEqual([]);
});
