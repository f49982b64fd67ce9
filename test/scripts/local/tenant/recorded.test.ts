/**
 * Requests that real tenants were sent, sent to the local one: it answers with the same status, the
 * same fields of the same types and no others, and the same values.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addAction } from '#scripts/local/stage/tenant-contents.ts';
import { createClientId, type StoredConnection } from '#scripts/local/tenant/store.ts';
import { connectAsDeployer } from '#test/support/management-client.ts';
import {
  listFields,
  listRecordedFields,
  type RecordedStep,
  type RecordedStory,
  readField,
  readRecordedStories,
  replaceIds,
} from '#test/support/recorded.ts';

const API = 'https://api.example.com';
const world = createWorld();
const sandbox = await startSandbox({
  world,
  consumerWorkspace: addWorkspace(world, 'acme'),
  applications: [],
  apis: [{ identifier: API }],
  policy: {},
  pace: { actionBuildMs: 40 },
});
const { store } = sandbox.tenant;
afterAll(() => sandbox.close());

const api = await connectAsDeployer(sandbox.tenant);
/** As the recorded deployer was: without one scope. */
const limited = await connectAsDeployer(sandbox.tenant, 'read:clients');

/**
 * Where an answer has a field more or less than the recording, and why that is right. `+` is a field
 * that only the local tenant shows, `-` one that only the recording has.
 */
const BY_SDK =
  'go-auth0 reads the answer and writes it anew before it is recorded, and knows no such field; auth0-deploy-cli records what was sent, and has it';
const EXCEPTIONS: readonly (readonly [story: RegExp, field: string, why: string])[] = [
  [/^client|^applications/, '+ .tenant: string', BY_SDK],
  [/^client|^applications/, '+ .global: bool', BY_SDK],
  [
    /^client/,
    '- .signing_keys: array',
    'the recorder blanks them by setting them, in an answer of two fields too',
  ],
  [/^client/, '- .signing_keys[]: object', 'as above'],
  [/^client/, '- .signing_keys[].cert: string', 'as above'],
  ...['github', 'wordpress'].flatMap((name) =>
    ['authentication', 'connected_accounts'].flatMap((field) =>
      [`+ .${field}: object`, `+ .${field}.active: bool`].map(
        (line) =>
          [
            new RegExp(name),
            line,
            'recorded before Token Vault; every connection of 2026 has it',
          ] as const,
      ),
    ),
  ),
];
const used = new Set<string>();
/** A story of things that the recorded tenant had already: inside, they are whatever was stored. */
const ASKS = 'what auth0-deploy-cli asks';
const INSIDE = /^\.clients\[\]\.\w+(?:\.|\[)|\.options\./;

const stories = await readRecordedStories(new URL('./recorded/', import.meta.url));

beforeEach(() => {
  for (const entries of [store.actions, store.connections, store.enabledClients]) entries.clear();
  for (const { id, client_id } of store.grants.values()) {
    if (client_id !== 'local-deployer') store.grants.delete(id);
  }
  for (const id of store.clients.keys()) if (id !== 'local-deployer') store.clients.delete(id);
  store.bindings = [];
  store.resourceServers.set(API, {
    identifier: API,
    name: API,
    scopes: ['read:reports', 'write:reports'],
  });
});

describe.each(stories)('$title', (story) => {
  test('is answered as it was recorded', async () => {
    const ids = prepare(story);
    for (const step of story.steps) await replay(story, step, ids);
  });
});

test('no exception is left that no recording needs', () => {
  const fields = EXCEPTIONS.map(([story, field]) => `${story} ${field}`);
  expect(fields.filter((field) => !used.has(field))).toEqual([]);
});

test('all 16 stories are here', () => {
  expect(stories.map(({ title }) => title)).toHaveLength(16);
});

async function replay(
  story: RecordedStory,
  step: RecordedStep,
  ids: Map<string, string>,
): Promise<void> {
  const at = `step ${step.id}, ${step.method} ${step.path}`;
  const { path, query, body, values = {} } = replaceIds(step, ids);
  const send = () =>
    (step.status === 403 ? limited : api).request({
      method: step.method,
      url: query === undefined ? path : `${path}?${query}`,
      ...(body === undefined ? {} : { data: body }),
    });
  // The recorded tool deleted the Action before it asked again.
  if (story.title === ASKS && step.id === 150) store.actions.clear();
  // The recorded tool waited until the draft was built, and not all of its reads are here.
  if (path.endsWith('/deploy')) await waitUntilBuilt(path.split('/')[2] ?? '');
  let answer = await send();
  // A draft that was built when it was read may need a moment before it is here.
  while (step.method === 'GET' && values.status === 'built' && answer.data.status !== 'built') {
    await sleep(10);
    answer = await send();
  }
  expect(answer.status, at).toBe(step.status);
  const shape = step.shape === undefined ? undefined : story.shapes[step.shape];
  if (shape === undefined) expect(answer.data, at).toBe('');
  else {
    const fields = listFields(answer.data);
    const ours = story.title === ASKS ? fields.filter((line) => !INSIDE.test(line)) : fields;
    expect(differences(story, ours, listRecordedFields(shape)), at).toEqual([]);
  }
  for (const [field, value] of Object.entries(values)) {
    expect(readComparable(answer.data, field, value), `${at}: ${field}`).toEqual(value);
  }
  const { id, client_id } = answer.data;
  if (step.creates !== undefined) ids.set(step.creates, id ?? client_id);
}

async function waitUntilBuilt(actionId: string): Promise<void> {
  const { builtAtMs = 0 } = store.actions.get(actionId) ?? {};
  // A timer may be a millisecond early.
  await sleep(Math.max(0, builtAtMs - Date.now()) + 5);
}

function differences(
  { title }: RecordedStory,
  ours: readonly string[],
  recorded: readonly string[],
): readonly string[] {
  const found = [
    ...ours.filter((line) => !recorded.includes(line)).map((line) => `+ ${line}`),
    ...recorded.filter((line) => !ours.includes(line)).map((line) => `- ${line}`),
  ];
  return found.filter((line) => {
    const exception = EXCEPTIONS.find(([story, field]) => story.test(title) && field === line);
    if (exception !== undefined) used.add(`${exception[0]} ${exception[1]}`);
    return exception === undefined;
  });
}

/** The names of secrets come sorted; a build that was under way may have gone on. */
function readComparable(answer: unknown, field: string, recorded: unknown): unknown {
  const value = readField(answer, field);
  if (field === 'secrets[].name') return (value as string[]).toSorted();
  const isUnderWay = ['pending', 'building', 'retrying', 'built'].includes(String(value));
  return field === 'status' && recorded === 'building' && isUnderWay ? recorded : value;
}

/** What the recorded tenant had before the story begins, and the ids of it here. */
function prepare({ title, steps, shapes }: RecordedStory): Map<string, string> {
  const ids = new Map<string, string>();
  if (title === 'deploy-cli: action') {
    const [first] = steps;
    const { code } = (first?.body ?? {}) as { code: string };
    addAction(store, 'My Custom Action', { isBound: false, code });
    const [action] = store.actions.values();
    if (action === undefined) throw new Error('no Action');
    action.draft = { ...action.draft, runtime: 'node18' };
    action.versions = action.versions.map((version) => ({ ...version, runtime: 'node18' }));
    ids.set(String(first?.path.split('/').at(-1)), action.id);
  }
  if (title !== ASKS) return ids;
  addAction(store, 'One', { isBound: false });
  const shapeOf = (id: number) => {
    const step = steps.find((candidate) => candidate.id === id);
    return (shapes[step?.shape ?? ''] as { clients: readonly Record<string, unknown>[] })
      .clients[0];
  };
  // Eight, beside the deployer, and the one that old tenants have.
  for (let n = 0; n < 8; n += 1) addApplication({ ...shapeOf(2), global: false });
  addApplication({ ...shapeOf(11), global: true });
  addDatabase('con_zXAdAJ7zaBMcTUlE', 'one', ['local-deployer']);
  addDatabase('con_Dyc8vFGQ4ncArPi0', 'two', ['local-deployer']);
  addDatabase('con_u6eDOnzfycy2sDLb', 'Username-Password-Authentication', []);
  return ids;
}

/** Of the recorded fields, each with a value of its type. */
function addApplication(fields: Readonly<Record<string, unknown>>): void {
  const client_id = createClientId();
  const samples: Record<string, unknown> = { string: 'text', bool: false, number: 1 };
  const entries = Object.entries(fields).map(([name, type]) => [
    name,
    typeof type === 'string' ? samples[type] : type,
  ]);
  const client = { ...Object.fromEntries(entries), global: fields.global, client_id };
  store.clients.set(client_id, client);
}

function addDatabase(id: string, name: string, enabledFor: readonly string[]): void {
  const connection: StoredConnection = { id, name, strategy: 'auth0', options: {} };
  store.connections.set(id, connection);
  store.enabledClients.set(id, new Set(enabledFor));
}
