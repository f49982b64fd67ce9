/**
 * The Management API through Auth0's SDK. What the SDK does not do is here: it takes a page of HTML
 * or a `null` for an empty list, it tells nobody that it tries again, its time limit ends with the
 * headers, and its errors carry the request.
 */
import { styleText } from 'node:util';
import { ManagementClient } from 'auth0';
import type { Deployer } from '../cli/environment.ts';
import { fetchAccessToken } from './access-token.ts';
import { tryPatiently } from './patience.ts';
import { useProxyOf } from './proxy.ts';
import { TenantError } from './tenant-error.ts';

/** One call: to be handed to the SDK as its request options. */
export interface CallOptions {
  readonly maxRetries: 0;
  readonly abortSignal: AbortSignal;
}
export type Call<T> = (sdk: ManagementClient, options: CallOptions) => PromiseLike<T>;

/** What the SDK gives of a list. */
interface ListPage {
  readonly response: unknown;
  readonly data: readonly unknown[];
  hasNextPage(): boolean;
  getNextPage(): Promise<ListPage>;
}

export type Answer = Readonly<Record<string, unknown>>;

export interface ManagementApi {
  readonly domain: string;
  readonly token: string;
  /**
   * `what` is the call as Auth0 documents it. The answer is an object, or this throws.
   * `isRepeatable: false` for what would be made twice.
   * @throws {TenantError} saying the call, the status and Auth0's own message.
   */
  ask(
    what: string,
    call: Call<unknown>,
    options?: { readonly isRepeatable?: boolean },
  ): Promise<Answer>;
  /** A call whose answer has no body. @throws {TenantError} */
  send(what: string, call: Call<unknown>): Promise<void>;
  /** Every entry of a list, which its pages name `field`. @throws {TenantError} */
  list(what: string, field: string, call: Call<ListPage>): Promise<readonly unknown[]>;
}

/** For the answer with its body. */
const TIMEOUT_MS = 30_000;

export interface ConnectOptions {
  /** Is told of every try that failed and will be made again. */
  readonly tell?: (text: string) => void;
}

/** @throws {UserError} when the tenant cannot be reached or does not take the credential. */
export async function connectToTenant(
  deployer: Deployer,
  { tell = tellOnStandardError }: ConnectOptions = {},
): Promise<ManagementApi> {
  useProxyOf(process.env);
  const { domain } = deployer;
  const token = await fetchAccessToken(deployer, tell);
  const sdk = new ManagementClient({ domain, token, maxRetries: 0 });

  const tryOnce = <T>(what: string, isRepeatable: boolean, call: () => PromiseLike<T>): Promise<T> =>
    tryPatiently({ what, domain, isRepeatable, tell }, async () => call());
  const ask = <T>(what: string, isRepeatable: boolean, call: Call<T>): Promise<T> =>
    tryOnce(what, isRepeatable, () => {
      const limit = createTimeLimit();
      return limit.run(() => call(sdk, { maxRetries: 0, abortSignal: limit.signal }));
    });
  const unreadable = (what: string) =>
    new TenantError(
      `${what} on ${domain} was answered with something that is not the Management API's: is AUTH0_DOMAIN the tenant's own domain, and nothing in between?`,
    );

  return {
    domain,
    token,
    async ask(what, call, { isRepeatable = true } = {}) {
      const answer = await ask(what, isRepeatable, call);
      if (!isObject(answer) || isUnparsed(answer)) throw unreadable(what);
      return answer;
    },
    async send(what, call) {
      await ask(what, true, call);
    },
    async list(what, field, call) {
      const entries: unknown[] = [];
      // The SDK asks for every page with the signal that the first was asked with.
      const limit = createTimeLimit();
      const options: CallOptions = { maxRetries: 0, abortSignal: limit.signal };
      let page = await tryOnce(what, true, () => limit.run(() => call(sdk, options)));
      for (;;) {
        const { response } = page;
        if (!isObject(response) || !Array.isArray(response[field])) throw unreadable(what);
        entries.push(...page.data);
        if (!page.hasNextPage()) return entries;
        const current = page;
        page = await tryOnce(what, true, () => limit.run(() => current.getNextPage()));
      }
    },
  };
}

interface TimeLimit {
  readonly signal: AbortSignal;
  /** Ends a call that does not: the SDK's own limit covers the header alone. */
  run<T>(work: () => PromiseLike<T>): Promise<T>;
}

function createTimeLimit(): TimeLimit {
  const controller = new AbortController();
  const { signal } = controller;
  return {
    signal,
    async run(work) {
      const timer = setTimeout(
        () => controller.abort(new DOMException('no answer in time', 'TimeoutError')),
        TIMEOUT_MS,
      );
      try {
        return await work();
      } catch (error) {
        throw signal.aborted ? signal.reason : error;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** What the SDK makes of an answer that is no JSON, with a status that is no error. */
function isUnparsed(answer: Answer): boolean {
  return answer.ok === false && isObject(answer.error) && answer.error.reason === 'non-json';
}

function isObject(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tellOnStandardError(text: string): void {
  console.error(`${styleText('yellow', '!')} ${text}`);
}
