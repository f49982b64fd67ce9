/** Lets in only members of the allowed Bitbucket workspaces, and puts memberships in claims. */
import type { PostLoginApi, PostLoginEvent } from '../lib/auth0.ts';
import { decideWorkspaces } from '../lib/decide.ts';
import { ports } from '../lib/ports.ts';
import { runAction } from '../lib/run-action.ts';
import { claimsOf } from './claims.ts';

const spec = { name: 'bitbucket-workspace-membership', decide: decideWorkspaces, claimsOf };

export const onExecutePostLogin = (event: PostLoginEvent, api: PostLoginApi): Promise<void> =>
  runAction(spec, ports, event, api);
