/** Lets in only people whose e-mail address is confirmed at Bitbucket, and says so in claims. */
import type { PostLoginApi, PostLoginEvent } from '../lib/auth0.ts';
import { decideEmail } from '../lib/decide.ts';
import { ports } from '../lib/ports.ts';
import { runAction } from '../lib/run-action.ts';
import { claimsOf } from './claims.ts';

const spec = { name: 'bitbucket-email-verification', decide: decideEmail, claimsOf };

export const onExecutePostLogin = (event: PostLoginEvent, api: PostLoginApi): Promise<void> =>
  runAction(spec, ports, event, api);
