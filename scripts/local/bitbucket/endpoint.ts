/** What an endpoint of the REST API is, and what it is given to answer by. */
import type { LocalReply, LocalRequest } from '../net/reply.ts';
import type { AccessToken } from './tokens.ts';
import type { BitbucketUser, BitbucketWorld } from './world.ts';

export interface ApiContext {
  readonly request: LocalRequest;
  readonly world: BitbucketWorld;
  readonly token: AccessToken;
  /** The variable parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

export interface Endpoint {
  /** As the documentation writes it. */
  readonly pattern: string;
  /** All of them are needed; none where the documentation names none. */
  readonly scopes: readonly string[];
  readonly answer: (context: ApiContext) => LocalReply;
}

/** Whose token it is; `undefined` for a consumer's own. */
export function personOf({ world, token }: ApiContext): BitbucketUser | undefined {
  return token.owner.kind === 'user' ? world.users.get(token.owner.userUuid) : undefined;
}
