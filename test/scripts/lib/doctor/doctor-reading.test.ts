/** What the doctor reads: headers of Bitbucket, rules as they are written, bindings. */
import { describe, expect, test } from 'vitest';
import { readNotices } from '#scripts/lib/doctor/bitbucket.ts';
import { checkGate } from '#scripts/lib/doctor/gate.ts';
import { checkPolicy } from '#scripts/lib/doctor/policy.ts';

describe('the headers of an answer', () => {
  const notices = (headers: Readonly<Record<string, string>>, status = 200) =>
    readNotices('GET /x', { status, body: {}, headers }).map(({ message }) => message);

  test.each([
    [{ sunset: 'Sat, 31 Dec 2033 23:59:59 GMT' }, 'it on 2033-12-31'],
    [{ deprecation: '@1688169599' }, '(deprecated: 2023-06-30)'],
    [{ deprecation: 'true' }, '(deprecated: true)'],
    [{ sunset: 'soon', deprecation: 'true' }, 'it on soon'],
  ])('%j announce a removal', (headers, message) => {
    expect(notices(headers)).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    [{}],
    [{ 'x-oauth-scopes': 'email' }],
    [{ 'x-accepted-oauth-scopes': 'account' }],
    [{ 'x-oauth-scopes': 'account:write, email', 'x-accepted-oauth-scopes': 'account' }],
    [{ 'x-oauth-scopes': 'email', 'x-accepted-oauth-scopes': 'repository, email' }],
    [{ 'x-oauth-scopes': 'email', 'x-accepted-oauth-scopes': '' }],
  ])('%j say nothing to worry about', (headers) => {
    expect(notices(headers)).toEqual([]);
  });
});

test('rules name workspaces, repositories and people, each once', () => {
  const uuid = '{470C176D-3574-44ea-bb41-89e8638bcca4}';
  const env = {
    CLAIM_NAMESPACE: 'https://example.com',
    ALLOWED_WORKSPACES: `Acme:owner, acme/infra:write\n${uuid}, @{470c176d-3574-44ea-bb41-89e8638bcca4}`,
    ROLES: 'admin=acme:owner, ops = beta/tools',
  };
  expect(checkPolicy(env).targets).toEqual({
    workspaces: ['acme', uuid.toLowerCase(), 'beta'],
    repositories: ['acme/infra', 'beta/tools'],
    people: [uuid.toLowerCase()],
    isForAnyWorkspace: false,
  });
  const any = checkPolicy({ ...env, ALLOWED_WORKSPACES: ' * ' }).targets;
  expect(any?.isForAnyWorkspace).toBe(true);
});

describe('a binding', () => {
  const gate = (bound: object) => ({
    ours: [{ name: 'ours', code: 'code' }],
    actions: [{ id: '1', name: 'ours', deployed_version: { id: 'v2', number: 2, code: 'code' } }],
    bindings: [{ display_name: 'x', action: { id: '1', name: 'ours', ...bound } }],
  });

  test('to another version than the one that is deployed is a problem', () => {
    const [finding] = checkGate(gate({ deployed_version: { id: 'v1' } }), 1);
    expect(finding).toMatchObject({
      level: 'problem',
      message: 'ours is bound in another version, and the connection is on for 1 application(s)',
    });
  });

  test.each([[{}], [{ deployed_version: { id: 'v2' } }]])('with %j is none', (bound) => {
    expect(checkGate(gate(bound), 1)).toMatchObject([{ level: 'ok' }]);
  });
});
