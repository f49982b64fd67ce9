/** From a save in `actions/` to the version that the next login runs. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

const NAMES = ['first', 'second'];
const entry = (text: string) => `import { word } from '../lib/word.ts';
export const onExecutePostLogin = async (_event: unknown, api: any) =>
  api.idToken.setCustomClaim('https://example.com/word', word + ${JSON.stringify(text)});
`;

/** Two Actions and what they share. Inside node_modules, where packages are found from. */
function makeSources() {
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const root = mkdtempSync(join(cache, 'rebuild-'));
  ending.push(() => rmSync(root, { recursive: true, force: true }));
  const save = (path: string, text: string) => writeFileSync(join(root, 'actions', path), text);
  for (const name of ['lib', ...NAMES]) mkdirSync(join(root, 'actions', name), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(root, 'package.json'));
  save('lib/word.ts', "export const word = 'old';\n");
  for (const name of NAMES) save(`${name}/index.ts`, entry(name));
  return { root, save };
}

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

describe('a watcher', () => {
  test('builds at once what was saved before it watched, and both after a change of lib', async () => {
    const { root, save } = makeSources();
    const { at } = await watchThem(root);
    const before = await at(0);
    save('lib/word.ts', "export const word = 'new';\n");
    const after = await at(1);
    if (typeof before !== 'object' || typeof after !== 'object') throw new Error('not built');
    for (const name of NAMES) {
      expect(before.get(name)).toContain('old');
      expect(after.get(name)).toContain('new');
    }
  });

  test('builds once after a burst of saves', async () => {
    const { root, save } = makeSources();
    const { at, events, rebuilder } = await watchThem(root);
    await at(0);
    for (let count = 0; count < 20; count += 1) {
      save('lib/word.ts', `export const word = 'new ${count}';\n`);
      save('first/index.ts', entry(`first ${count}`));
    }
    const built = await at(1);
    await rebuilder.idle();
    expect(events).toHaveLength(2);
    expect(typeof built === 'object' && built.get('first')).toMatch(/new 19[\s\S]*first 19/);
  });

  test('does not lose what is saved while a build is swapped in', async () => {
    const { root, save } = makeSources();
    const { at } = await watchThem(root, (count) => {
      if (count === 1) save('lib/word.ts', "export const word = 'meanwhile';\n");
    });
    const built = await at(1);
    expect(typeof built === 'object' && built.get('second')).toContain('meanwhile');
  });

  test('tells a syntax error with its place, once for both, and builds what was mended', async () => {
    const { root, save } = makeSources();
    const { at } = await watchThem(root);
    await at(0);
    save('lib/word.ts', "export const word = 'new';\nconst = 1;\n");
    expect(await at(1)).toMatch(/^actions\/lib\/word\.ts:2:7: [^\n]+$/);
    save('lib/word.ts', "export const word = 'mended';\n");
    const built = await at(2);
    expect(typeof built === 'object' && built.get('first')).toContain('mended');
  });

  test('tells what could not be deployed', async () => {
    const { root, save } = makeSources();
    const { at } = await watchThem(root);
    await at(0);
    save(
      'first/index.ts',
      `export const onExecutePostLogin = 'x'.repeat(1) + ${JSON.stringify('x'.repeat(100_001))};`,
    );
    expect(await at(1)).toMatch(/^first cannot be deployed:\n {2}- it has \d+ bytes/);
  });

  test('tells nothing any more when it is closed', async () => {
    const { root, save } = makeSources();
    const { at, events, rebuilder } = await watchThem(root);
    await at(0);
    save('lib/word.ts', "export const word = 'late';\n");
    await rebuilder.close();
    await rebuilder.idle();
    expect(events.length).toBeLessThanOrEqual(2);
  });
});

describe('a swap', () => {
  const EVENT = { transaction: { metadata: {} } } as unknown as FlowEvent;
  const codeOf = (word: string) => `exports.onExecutePostLogin = async (event, api) => {
    api.idToken.setCustomClaim('https://example.com/' + ${JSON.stringify(word)}, event.secrets.ALLOWED_WORKSPACES);
    while (event.wait) await new Promise((resolve) => setTimeout(resolve, 5));
  };`;
  const SECRETS = {
    MANAGEMENT_DOMAIN: 'localhost',
    MANAGEMENT_CLIENT_ID: 'id',
    MANAGEMENT_CLIENT_SECRET: 'secret',
    CLAIM_NAMESPACE: 'https://example.com',
    ALLOWED_WORKSPACES: 'acme',
  };

  const start = () => {
    const store = createStore();
    const runtime = createActionRuntime({ network: new Map(), certificate: '' });
    ending.push(() => runtime.close());
    for (const name of NAMES) {
      addAction(store, name, { isBound: true, code: codeOf(`${name}-old`), secrets: SECRETS });
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
      ['first', codeOf('first-old')],
      ['second', codeOf('second-new')],
    ]);
    expect(await versions.swapCode(codes)).toEqual(['second']);
    expect(await login()).toEqual({ 'first-old': 'acme', 'second-new': 'acme' });
    expect(versions.current()).toEqual([
      { action: 'first', number: 1, at: expect.any(String), by: 'deploy' },
      { action: 'second', number: 2, at: '1970-01-01T00:00:00.000Z', by: 'rebuild' },
    ]);
  });

  test('does nothing where nothing changed', async () => {
    const { versions, store } = start();
    const before = structuredClone(store.actions);
    expect(await versions.swapCode(new Map([['first', codeOf('first-old')]]))).toEqual([]);
    expect(store.actions).toEqual(before);
  });

  test('lets a login end with the versions that it began with', async () => {
    const { versions, runtime, store } = start();
    const actions = listDeployedActions(store);
    const underWay = runtime.runPostLogin(actions, EVENT);
    await versions.swapCode(new Map(NAMES.map((name) => [name, codeOf(`${name}-new`)])));
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
      versions.swapCode(new Map(NAMES.map((name) => [name, codeOf(`${name}-new`)]))),
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
