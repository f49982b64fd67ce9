/** The model finds what it is there to find: the shipped files, each time with one thing wrong. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PostLoginApi, PostLoginEvent } from '#actions/lib/auth0/post-login.ts';
import type { Handler } from '#scripts/local/stage/load-handler.ts';
import type { Handlers } from './flow.ts';
import { loadHandlers } from './load.ts';
import { runHistories } from './run.ts';

let handlers: Handlers & { readonly unload: () => void };
beforeAll(() => {
  handlers = loadHandlers();
});
afterAll(() => handlers.unload());

type Wrong = (
  run: Handler,
) => (event: PostLoginEvent, api: PostLoginApi) => Promise<void> | ReturnType<Handler>;

const withSecrets = (event: PostLoginEvent, secrets: Readonly<Record<string, unknown>>) => ({
  ...event,
  secrets: { ...event.secrets, ...secrets },
});

const wrongs: readonly (readonly [string, Wrong, RegExp])[] = [
  [
    'refuses nobody',
    (run) => (event, api) => run(event, { ...api, access: { deny: () => {} } }),
    /let in/,
  ],
  [
    'forgets what it heard when it refuses',
    (run) => async (event, api) => {
      const writes: (() => void)[] = [];
      let isRefused = false;
      const deny = (reason: string) => {
        isRefused = true;
        api.access.deny(reason);
      };
      const setAppMetadata = (key: string, value: unknown) => {
        writes.push(() => api.user.setAppMetadata(key, value));
      };
      await run(event, { ...api, access: { deny }, user: { setAppMetadata } });
      if (!isRefused) for (const write of writes) write();
    },
    /let in/,
  ],
  [
    'believes what is too old',
    (run) => (event, api) => run(withSecrets(event, { RECHECK_AFTER_MINUTES: '6000' }), api),
    /let in/,
  ],
  [
    'fills in what may not be filled in',
    (run) => (event, api) => run(withSecrets(event, { ON_OUTAGE: 'last_known' }), api),
    /let in/,
  ],
  [
    'takes a sign-in for a refresh',
    (run) => (event, api) =>
      run(
        { ...event, transaction: { ...event.transaction, protocol: 'oauth2-refresh-token' } },
        api,
      ),
    /no live look/,
  ],
  [
    'keeps a role from whom it belongs to',
    (run) => (event, api) => run(withSecrets(event, { ROLES: '' }), api),
    /claims: roles/,
  ],
];

test.each(wrongs)(
  'an Action that %s is found out',
  { timeout: 120_000 },
  async (_, spoil, kind) => {
    const spoilt: Handlers = {
      email: spoil(handlers.email),
      workspaces: spoil(handlers.workspaces),
    };
    const { failure } = await runHistories(spoilt, 1, 20_000, (wrong) => kind.test(wrong));
    expect(failure?.wrong.join()).toMatch(kind);
  },
);
