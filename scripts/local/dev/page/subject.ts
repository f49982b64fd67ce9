/** Whom the Actions take a user of the tenant for: their reading of what is kept. */
import { type Login, readLogin } from '#actions/lib/auth0/login.ts';
import type { PostLoginEvent } from '#actions/lib/auth0/post-login.ts';
import { type Facts, NOTHING_KNOWN } from '#actions/lib/knowledge/facts.ts';
import { addressMark } from '#actions/lib/knowledge/owner.ts';
import { readFacts, readRefusal, type StoredRefusal } from '#actions/lib/knowledge/stored.ts';

export interface Known {
  readonly login: Login;
  /** Of the address that the tenant holds; `undefined` where it holds none. */
  readonly mark: string | undefined;
  readonly facts: Facts;
  readonly refusal: StoredRefusal | undefined;
}

/**
 * @param event of a login; its `app_metadata` is what is read.
 * @returns `undefined` where the login is not of a Bitbucket connection.
 */
export function readKnown(
  event: Omit<PostLoginEvent, 'secrets'>,
  nowMs: number,
): Known | undefined {
  const login = readLogin({ ...event, secrets: {} }, nowMs);
  if (login === undefined) return undefined;
  const mark = login.address === undefined ? undefined : addressMark(login, login.address);
  const address =
    login.address === undefined || mark === undefined ? undefined : { text: login.address, mark };
  const appMetadata = event.user.app_metadata;
  const isOne = login.accounts.length === 1;
  return {
    login,
    mark,
    facts: isOne ? readFacts(appMetadata, login, address, nowMs) : NOTHING_KNOWN,
    refusal: readRefusal(appMetadata, login),
  };
}
