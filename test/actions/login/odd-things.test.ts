/** What is odd about one thing keeps nobody out by another. */
import { expect, test } from 'vitest';
import {
  ACME,
  accessOf,
  accessToRepository,
  afterwards,
  INFRA,
  run,
} from '#test/support/action-run.ts';

// "With *: being listed is enough" and "a role never lets anybody in": it does not keep out either.
test('under * somebody is let in by a listed workspace, whatever a role’s rule was answered', async () => {
  const options = {
    secrets: { ALLOWED_WORKSPACES: '*', ROLES: 'staff=acme' },
    script: { 'bitbucket workspaces': { values: [accessOf(ACME)] }, 'bitbucket permission': 403 },
  };
  expect((await run(options)).code).toBeUndefined();
});

// "What is known" must be readable again: one odd full name makes everything unreadable.
test('a repository with an odd full name does not make everything else unknown', async () => {
  const odd = accessToRepository({ ...INFRA, fullName: 'acme/ünïcode' });
  const secrets = { ALLOWED_WORKSPACES: `acme,${ACME.uuid}/${INFRA.uuid}` };
  const login = await run({ secrets, script: { 'bitbucket repositories': { values: [odd] } } });
  const refresh = await run({ isRefresh: true, secrets, user: afterwards(login, 1) });
  expect([login.code, refresh.log.source]).toEqual([undefined, 'facts']);
});
