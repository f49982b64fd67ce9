/** Lets in only members of the allowed Bitbucket workspaces, and puts memberships in claims. */
import type { PostLoginApi, PostLoginEvent } from '../lib/auth0/post-login.ts';
import { ports } from '../lib/login/ports.ts';
import { runAction } from '../lib/login/run-action.ts';
import { decideWorkspaces } from '../lib/policy/decide.ts';
import { claimsOf } from './claims.ts';

const spec = { name: 'bitbucket-workspace-membership', decide: decideWorkspaces, claimsOf };

export const onExecutePostLogin = (event: PostLoginEvent, api: PostLoginApi): Promise<void> =>
  runAction(spec, ports, event, api);
