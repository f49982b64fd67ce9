/** From a save in `actions/` to the version that the next login runs. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ROOT } from '#scripts/lib/root.ts';
import { type Rebuilder, watchSources } from '#scripts/local/dev/builds/rebuild.ts';
import { createVersions } from '#scripts/local/dev/builds/versions.ts';
import { addAction } from '#scripts/local/stage/tenant-contents.ts';
import type { FlowEvent } from '#scripts/local/tenant/action-runtime/flow-types.ts';
import { createActionRuntime } from '#scripts/local/tenant/action-runtime/runtime.ts';
import { createStore, listDeployedActions } from '#scripts/local/tenant/store.ts';

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

const NAMES = ['bitbucket-email-verification', 'bitbucket-workspace-membership'] as const;
const [FIRST, SECOND] = NAMES;
const SHARED = 'lib/login/run-action.ts';

/** The Actions' own sources. Inside node_modules, where packages are found from. */
function makeSources() {
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const root = mkdtempSync(join(cache, 'rebuild-'));
  ending.push(() => rmSync(root, { recursive: true, force: true }));
  cpSync(join(ROOT, 'package.json'), join(root, 'package.json'));
  cpSync(join(ROOT, 'actions'), join(root, 'actions'), { recursive: true });
  return {
    root,
    /** Adds a line to a source, in place of one that was added before. */
    save: (path: string, line: string) => {
      const source = readFileSync(join(ROOT, 'actions', path), 'utf8');
      writeFileSync(join(root, 'actions', path), `${source}${line}\n`);
    },
    lineBehind: (path: string) =>
      readFileSync(join(ROOT, 'actions', path), 'utf8').split('\n').length,
  };
}

const mark = (text: string) => `console.debug(${JSON.stringify(text)});`;

/** Builds and failures, in their order; each can be awaited. */
function createRecord() {
  const events: (ReadonlyMap<string, string> | string)[] = [];
  let wake = () => {};
  let woken = Promise.resolve();
  const renew = () => {
    woken = new Promise((resolve) => {
      wake = resolve;
    });
  };
  renew();
  const add = (event: ReadonlyMap<string, string> | string) => {
    events.push(event);
    wake();
    renew();
  };
  return {
    events,
    add,
    /** The event at `index`, from 0. */
    at: async (index: number) => {
      while (events.length <= index) await woken;
      return events[index];
    },
  };
}

async function watchThem(root: string, during: (count: number) => void | Promise<void> = () => {}) {
  const record = createRecord();
  const rebuilder: Rebuilder = await watchSources({
    root,
    names: NAMES,
    built: async (codes) => {
      record.add(codes);
      await during(record.events.length);
    },
    failed: record.add,
  });
  ending.push(() => rebuilder.close());
  return { ...record, rebuilder };
}

const codeIn = (event: ReadonlyMap<string, string> | string | undefined, name: string) => {
  if (typeof event !== 'object') throw new Error(event);
  return event.get(name);
};

describe('a watcher', () => {
  test('builds at once what was saved before it watched, and both after a change of lib', async () => {
    const { root, save } = makeSources();
    save(SHARED, mark('old'));
    const { at } = await watchThem(root);
    const before = await at(0);
    save(SHARED, mark('new'));
    const after = await at(1);
    for (const name of NAMES) {
      expect(codeIn(before, name)).toContain('console.debug("old")');
      expect(codeIn(after, name)).toContain('console.debug("new")');
    }
  });

  test('builds once after a burst of saves', async () => {
    const { root, save } = makeSources();
    const { at, events, rebuilder } = await watchThem(root);
    await at(0);
    for (let count = 0; count < 20; count += 1) {
      save(SHARED, mark(`shared ${count}`));
      save(`${FIRST}/index.ts`, mark(`first ${count}`));
    }
    const built = await at(1);
    await rebuilder.idle();
    expect(events).toHaveLength(2);
    expect(codeIn(built, FIRST)).toMatch(/"shared 19"[\s\S]*"first 19"/);
    expect(codeIn(built, SECOND)).not.toContain('first 19');
  });

  test('does not lose what is saved while a build is swapped in', async () => {
    const { root, save } = makeSources();
    const { at } = await watchThem(root, (count) => {
      if (count === 1) save(SHARED, mark('meanwhile'));
    });
    expect(codeIn(await at(1), SECOND)).toContain('meanwhile');
  });

  test('tells a syntax error with its place, once for both, and builds what was mended', async () => {
    const { root, save, lineBehind } = makeSources();
    const { at } = await watchThem(root);
    await at(0);
    save(SHARED, 'const = 1;');
    expect(await at(1)).toMatch(new RegExp(`^actions/${SHARED}:${lineBehind(SHARED)}:7: [^\\n]+$`));
    save(SHARED, mark('mended'));
    expect(codeIn(await at(2), FIRST)).toContain('mended');
  });

  test('tells what could not be deployed', async () => {
    const { root, save } = makeSources();
    const { at } = await watchThem(root);
    await at(0);
    save(`${FIRST}/index.ts`, mark('x'.repeat(100_001)));
    expect(await at(1)).toMatch(
      new RegExp(`^${FIRST} cannot be deployed:\\n {2}- it has \\d+ bytes`),
    );
  });

  test('tells nothing any more when it is closed', async () => {
    const { root, save } = makeSources();
    const { at, events, rebuilder } = await watchThem(root);
    await at(0);
    save(SHARED, mark('late'));
    await rebuilder.close();
    await rebuilder.idle();
    expect(events).toHaveLength(1);
  });
});

describe('a swap', () => {
  const EVENT = { transaction: { metadata: {} } } as unknown as FlowEvent;
  const codeOf = (word: string) => `exports.onExecutePostLogin = async (event, api) => {
    api.idToken.setCustomClaim('https://example.com/' + ${JSON.stringify(word)}, event.secrets.ALLOWED_WORKSPACES);
  };`;
  const SECRETS = {
    MANAGEMENT_DOMAIN: 'localhost',
    MANAGEMENT_CLIENT_ID: 'id',
    MANAGEMENT_CLIENT_SECRET: 'secret',
    CLAIM_NAMESPACE: 'https://example.com',
    ALLOWED_WORKSPACES: 'acme',
  };

  const NEW_CODES = new Map([
    [FIRST, codeOf('first-new')],
    [SECOND, codeOf('second-new')],
  ]);

  const start = () => {
    const store = createStore();
    const runtime = createActionRuntime({ network: new Map(), certificate: '' });
    ending.push(() => runtime.close());
    for (const [name, word] of [
      [FIRST, 'first-old'],
      [SECOND, 'second-old'],
    ] as const) {
      addAction(store, name, { isBound: true, code: codeOf(word), secrets: SECRETS });
    }
    addAction(store, 'theirs', { isBound: true });
    const versions = createVersions({ store, runtime }, NAMES, () => 0);
    const login = async () => {
      const { idTokenClaims } = await runtime.runPostLogin(listDeployedActions(store), EVENT);
      return Object.fromEntries(
        Object.entries(idTokenClaims).map(([name, value]) => [name.split('/').at(-1), value]),
      );
    };
    return { store, runtime, versions, login };
  };

  test('changes what runs next, of those whose code changed, in one step', async () => {
    const { versions, login } = start();
    expect(await login()).toEqual({ 'first-old': 'acme', 'second-old': 'acme' });
    const codes = new Map([
      [FIRST, codeOf('first-old')],
      [SECOND, codeOf('second-new')],
    ]);
    expect(await versions.swapCode(codes)).toEqual([SECOND]);
    expect(await login()).toEqual({ 'first-old': 'acme', 'second-new': 'acme' });
    expect(versions.current()).toEqual([
      { action: FIRST, number: 1, at: expect.any(String), by: 'deploy' },
      { action: SECOND, number: 2, at: '1970-01-01T00:00:00.000Z', by: 'rebuild' },
    ]);
  });

  test('does nothing where nothing changed', async () => {
    const { versions, store } = start();
    const before = structuredClone(store.actions);
    expect(await versions.swapCode(new Map([[FIRST, codeOf('first-old')]]))).toEqual([]);
    expect(store.actions).toEqual(before);
  });

  test('lets a login end with the versions that it began with', async () => {
    const { versions, runtime, store } = start();
    const actions = listDeployedActions(store);
    const underWay = runtime.runPostLogin(actions, EVENT);
    await versions.swapCode(NEW_CODES);
    const { outcome, idTokenClaims } = await underWay;
    expect(outcome).toBe('allowed');
    expect(Object.keys(idTokenClaims)).toEqual([
      'https://example.com/first-old',
      'https://example.com/second-old',
    ]);
  });

  test('of the policy gives new secrets to both, with the newest code', async () => {
    const { versions, login } = start();
    await Promise.all([
      versions.swapCode(NEW_CODES),
      versions.writePolicy({ ...versions.readPolicy(), ALLOWED_WORKSPACES: 'other', ROLES: '' }),
    ]);
    expect(await login()).toEqual({ 'first-new': 'other', 'second-new': 'other' });
    expect(versions.readPolicy()).toEqual({
      CLAIM_NAMESPACE: 'https://example.com',
      ALLOWED_WORKSPACES: 'other',
    });
    expect(versions.current().map(({ number, by }) => [number, by])).toEqual([
      [3, 'policy'],
      [3, 'policy'],
    ]);
  });

  test('of a policy that the Actions would refuse is refused, and changes nothing', async () => {
    const { versions, login } = start();
    await expect(versions.writePolicy({ ALLOWED_WORKSPACES: 'acme/' })).rejects.toThrow(
      /^CLAIM_NAMESPACE: missing$/,
    );
    expect(await login()).toEqual({ 'first-old': 'acme', 'second-old': 'acme' });
  });
});
