/** Lets in only people whose e-mail address is confirmed at Bitbucket, and says so in claims. */
import type { PostLoginApi, PostLoginEvent } from '../lib/auth0/post-login.ts';
import { ports } from '../lib/login/ports.ts';
import { runAction } from '../lib/login/run-action.ts';
import { decideEmail } from '../lib/policy/decide.ts';
import { claimsOf } from './claims.ts';

const spec = { name: 'bitbucket-email-verification', decide: decideEmail, claimsOf };

export const onExecutePostLogin = (event: PostLoginEvent, api: PostLoginApi): Promise<void> =>
  runAction(spec, ports, event, api);
