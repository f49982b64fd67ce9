/** What people and programs read of a sign-in, and how they get to it. */
import { describe, expect, test } from 'vitest';
import { describeRefusal, type RefusalCode } from '#actions/lib/policy/refusal.ts';
import { findObstacle } from '#scripts/lib/cli/system-browser.ts';
import { explainCode, findRow } from '#scripts/lib/login/explain-code.ts';
import { readRefusal } from '#scripts/lib/login/read-refusal.ts';
import { isLetIn, renderReport } from '#scripts/lib/login/show-report.ts';

const CODES = Object.keys({
  bitbucket_email_unverified: true,
  bitbucket_workspace_required: true,
  bitbucket_login_required: true,
  bitbucket_unavailable: true,
  bitbucket_misconfigured: true,
} satisfies Record<RefusalCode, true>) as RefusalCode[];

describe.each(CODES)('%s', (code) => {
  test('is explained as docs/operate.md has it, without Markdown', async () => {
    const explained = await explainCode(code);
    expect(explained?.means).toMatch(/^\w.{10,}[^|.]$/);
    expect(explained?.todo).toMatch(/^\w.{10,}[^|.]$/);
    expect(Object.values(explained ?? {}).join()).not.toMatch(/[`|[\]]/);
  });

  test('is read from what an Action says', () => {
    const description = describeRefusal({ code, cause: '' });
    expect(readRefusal({ error: 'access_denied', error_description: description })).toEqual({
      ...{ kind: 'refused', code },
      sentence: description.slice(code.length + 2),
    });
  });
});

test('a row says where its links lead', () => {
  const page = '| `a` | one | [there](applications.md#x), [here](#y) or `npm` |\n';
  expect(findRow(page, 'a')).toEqual({
    means: 'one',
    todo: 'there (docs/applications.md), here or npm',
  });
  expect(findRow(page, 'b')).toBeUndefined();
});

test.each([
  [{ error: 'login_required', error_description: 'Login required' }],
  [{ error: 'invalid_request', error_description: 'bitbucket_unavailable: x' }],
  [{ error: 'access_denied', error_description: 'Unauthorized' }],
])('%j is no refusal of a person', (error) => {
  expect(readRefusal(error)).toBeUndefined();
});

test('what another Action refuses has no code', () => {
  expect(readRefusal({ error: 'access_denied', error_description: 'Only on weekdays.' })).toEqual({
    ...{ kind: 'refused', code: undefined, sentence: 'Only on weekdays.' },
  });
});

test('who is let in without a claim of ours is told that nothing checked', async () => {
  const report = {
    application: { name: 'App', clientId: 'app' },
    signIn: { kind: 'let_in', claims: { sub: 'bitbucket|1', 'https://other.example/a': 1 } },
  } as const;
  expect(isLetIn(report)).toBe(true);
  expect(await renderReport(report, 'https://example.com')).toContain(
    'No claim of https://example.com came',
  );
});

test.each([
  [{ CI: 'true', DISPLAY: ':0' }, 'linux', 'ci'],
  [{ SSH_CONNECTION: '1 2 3 4', DISPLAY: ':0' }, 'linux', 'ssh'],
  [{ SSH_TTY: '/dev/pts/0' }, 'darwin', 'ssh'],
  [{}, 'linux', 'no_display'],
  [{ WAYLAND_DISPLAY: 'wayland-0' }, 'linux', undefined],
  [{ WSL_DISTRO_NAME: 'Debian' }, 'linux', undefined],
  [{}, 'darwin', undefined],
  [{}, 'win32', undefined],
] as const)('with %j on %s a browser is not opened because of: %s', (env, platform, obstacle) => {
  expect(findObstacle(env, platform)).toBe(obstacle);
});
