/**
 * The fetch that auth0-deploy-cli works with. It would ask eleven times, up to a minute apart and
 * without a word, and at its end nobody would know what it had written. Here a server error is tried
 * three times, each of them told, and every write that Auth0 took is told too. The rate limit is the
 * SDK's to wait out; it is told as well. Applications it may change, and not make: what it misses was
 * taken away meanwhile, perhaps with what stood before the connections.
 */

export interface Watcher {
  /** Something goes on that takes its time. */
  tell(text: string): void;
  /** Auth0 took this. */
  wrote(text: string): void;
  pause(ms: number): Promise<void>;
}

const MOST_TRIES = 3;
/** Those that are to be there are made before an import, each at its time. */
const MAKE_APPLICATION = 'POST /api/v2/clients';
/** What each write is, by its method and its path; the first that matches. */
const WRITES: readonly (readonly [RegExp, string])[] = [
  [/^POST .*\/actions\/[^/]+\/deploy$/, 'deployed the Action'],
  [/^POST .*\/actions\/actions$/, 'made the Action'],
  [/^PATCH .*\/actions\/actions\/[^/]+$/, 'saved the draft of the Action'],
  [/^PATCH .*\/clients\/[^/]+$/, 'updated the application'],
  [/^POST .*\/client-grants$/, 'made the grant for'],
  [/^PATCH .*\/client-grants\/[^/]+$/, 'updated the grant for'],
  [/^POST .*\/connections$/, 'made the connection'],
  [/^PATCH .*\/connections\/[^/]+$/, 'updated the connection'],
];

export function watchFetch(fetch: typeof globalThis.fetch, watcher: Watcher): typeof fetch {
  return async (input, init) => {
    const method = init?.method ?? 'GET';
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const call = `${method} ${pathname}`;
    if (call === MAKE_APPLICATION) {
      throw new Error('an application was removed during this deploy, and is not made again here');
    }
    for (let tries = 1; ; tries += 1) {
      const response = await fetch(input, init);
      if (response.status === 429) watcher.tell(`${call}: Auth0's rate limit; waiting`);
      if (response.ok && method !== 'GET') watcher.wrote(await describeWrite(call, response));
      if (response.status < 500) return response;
      if (tries === MOST_TRIES) {
        // An error and no answer: the SDK would go on asking.
        throw new Error(`${call} was answered with ${response.status}, ${tries} times`);
      }
      const seconds = 2 ** (tries - 1);
      watcher.tell(`${call}: ${response.status}; trying again in ${seconds} s (try ${tries + 1})`);
      await watcher.pause(seconds * 1_000);
    }
  };
}

async function describeWrite(call: string, response: Response): Promise<string> {
  const verb = WRITES.find(([pattern]) => pattern.test(call))?.[1];
  if (verb === undefined) return call;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  const name = readName(body);
  return name === undefined ? verb : `${verb} ${name}`;
}

function readName(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { name, action, audience } = body as Readonly<Record<string, unknown>>;
  const found = [name, (action as { readonly name?: unknown } | undefined)?.name, audience].find(
    (candidate) => typeof candidate === 'string',
  );
  return found as string | undefined;
}
