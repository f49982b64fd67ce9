/** An application's own policy, in its client metadata. */
import { describe, expect, test } from 'vitest';
import { ADDRESS, EMAIL, emailOf, type RunOptions, run } from '#test/support/action-run.ts';

describe("an application's own policy", () => {
  test.each<[string, RunOptions, string | undefined]>([
    [
      'replaces the list',
      { clientMetadata: { bitbucket_allowed_workspaces: 'other' } },
      'bitbucket_workspace_required',
    ],
    [
      'may be any workspace',
      {
        secrets: { ALLOWED_WORKSPACES: 'other' },
        clientMetadata: { bitbucket_allowed_workspaces: '*' },
      },
      undefined,
    ],
    [
      'is a mistake when empty',
      { clientMetadata: { bitbucket_allowed_workspaces: ' ' } },
      'bitbucket_misconfigured',
    ],
    [
      'is a mistake when * is not alone',
      { clientMetadata: { bitbucket_allowed_workspaces: '*,acme' } },
      'bitbucket_misconfigured',
    ],
    [
      'is a mistake when it is no text',
      { clientMetadata: { bitbucket_allowed_workspaces: ['acme'] } },
      'bitbucket_misconfigured',
    ],
    [
      'may let unconfirmed addresses in',
      {
        spec: EMAIL,
        clientMetadata: { bitbucket_require_verified_email: 'false' },
        script: { 'bitbucket emails': { values: [emailOf(ADDRESS, false)] } },
      },
      undefined,
    ],
    [
      'may insist on confirmed addresses',
      {
        spec: EMAIL,
        secrets: { REQUIRE_VERIFIED_EMAIL: 'false' },
        clientMetadata: { bitbucket_require_verified_email: 'true' },
        script: { 'bitbucket emails': { values: [emailOf(ADDRESS, false)] } },
      },
      'bitbucket_email_unverified',
    ],
    [
      'is a mistake when neither true nor false',
      { spec: EMAIL, clientMetadata: { bitbucket_require_verified_email: 'no' } },
      'bitbucket_misconfigured',
    ],
    [
      'is a mistake when its key is nearly right',
      { clientMetadata: { 'bitbucket-allowed-workspaces': 'acme' } },
      'bitbucket_misconfigured',
    ],
  ])('%s', async (_, options, code) => {
    expect((await run(options)).code).toBe(code);
  });
});
