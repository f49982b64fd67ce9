/** /actions: Actions, their versions, and what is bound to the login flow. */
import { createId, deployedVersionOf, type StoredAction, type StoredBinding } from '../store.ts';
import { readContent, showAction, showVersion } from './action-content.ts';
import {
  type ApiContext,
  ApiError,
  type Handler,
  invalidBody,
  notFound,
  type Route,
} from './http.ts';
import { byActionsPage, PAGE_QUERY } from './paging.ts';
import { assertBody, assertQuery, requireString } from './validate.ts';

const WRITABLE = [
  'name',
  'supported_triggers',
  'code',
  'dependencies',
  'runtime',
  'secrets',
  'modules',
];
const TRIGGER = {
  id: 'post-login',
  version: 'v3',
  status: 'CURRENT',
  runtimes: ['node18', 'node22'],
  default_runtime: 'node22',
};
const KEPT_VERSIONS = 50;
const MOST_BINDINGS = 20;

const list: Handler = ({ query }, { store }) => {
  assertQuery(query, [...PAGE_QUERY, 'triggerId', 'actionName', 'deployed', 'installed']);
  const actions = [...store.actions.values()]
    .filter((action) => (query.get('actionName') ?? action.name) === action.name)
    .filter((action) => query.get('deployed') !== 'true' || action.deployedVersionId !== undefined);
  return byActionsPage(query, 'actions', actions.map(showAction));
};

const get: Handler = ({ params }, context) => ({
  status: 200,
  body: showAction(find(context, params[0])),
});

const create: Handler = ({ body }, context) => {
  const fields = assertBody(body, [...WRITABLE, 'deploy']);
  const name = requireString(fields, 'name');
  if ([...context.store.actions.values()].some((action) => action.name === name)) {
    throw new ApiError(409, `An action with the name '${name}' already exists.`, 'conflict');
  }
  if (!Array.isArray(fields.supported_triggers)) {
    throw invalidBody('Missing required property: supported_triggers');
  }
  const nowIso = context.now().toISOString();
  const empty = { code: '', runtime: TRIGGER.default_runtime, dependencies: [], secrets: [] };
  const action: StoredAction = {
    id: createId('', 16),
    name,
    supported_triggers: fields.supported_triggers,
    draft: readContent(fields, empty, nowIso),
    versions: [],
    hasChanges: true,
    created_at: nowIso,
    updated_at: nowIso,
  };
  context.store.actions.set(action.id, action);
  if (fields.deploy === true) deployDraft(action, nowIso);
  return { status: 201, body: showAction(action) };
};

const update: Handler = ({ params, body }, context) => {
  const action = find(context, params[0]);
  const fields = assertBody(body, WRITABLE);
  const nowIso = context.now().toISOString();
  action.draft = readContent(fields, action.draft, nowIso);
  action.name = typeof fields.name === 'string' ? fields.name : action.name;
  action.hasChanges = true;
  action.updated_at = nowIso;
  return { status: 200, body: showAction(action) };
};

const deploy: Handler = ({ params }, context) => {
  const action = find(context, params[0]);
  return {
    status: 202,
    body: showVersion(action, deployDraft(action, context.now().toISOString())),
  };
};

const listVersions: Handler = ({ params, query }, context) => {
  assertQuery(query, PAGE_QUERY);
  const action = find(context, params[0]);
  const newestFirst = action.versions.toReversed();
  return byActionsPage(
    query,
    'versions',
    newestFirst.map((version) => showVersion(action, version)),
  );
};

const getVersion: Handler = ({ params }, context) => {
  const action = find(context, params[0]);
  return { status: 200, body: showVersion(action, findVersion(action, params[1])) };
};

/** A rollback: the content of that version becomes the draft, and a new version of it. */
const deployVersion: Handler = ({ params }, context) => {
  const action = find(context, params[0]);
  const { code, runtime, dependencies, secrets } = findVersion(action, params[1]);
  action.draft = { code, runtime, dependencies, secrets };
  return {
    status: 202,
    body: showVersion(action, deployDraft(action, context.now().toISOString())),
  };
};

function deployDraft(action: StoredAction, nowIso: string) {
  const number = (action.versions.at(-1)?.number ?? 0) + 1;
  const version = { ...action.draft, id: createId('', 16), number, created_at: nowIso };
  action.versions = [...action.versions, version].slice(-KEPT_VERSIONS);
  action.deployedVersionId = version.id;
  action.hasChanges = false;
  return version;
}

const listBindings: Handler = ({ params, query }, { store }) => {
  assertTrigger(params[0]);
  assertQuery(query, PAGE_QUERY);
  const bindings = store.bindings.map((binding) => showBinding(binding, store.actions));
  return byActionsPage(query, 'bindings', bindings);
};

/** Replaces the whole list. */
const updateBindings: Handler = ({ params, body }, { store, now }) => {
  assertTrigger(params[0]);
  const { bindings } = assertBody(body, ['bindings']);
  if (!Array.isArray(bindings)) throw invalidBody('Missing required property: bindings');
  if (bindings.length > MOST_BINDINGS) throw invalidBody('Array is too long on property bindings');
  store.bindings = bindings.map((entry) => {
    const { ref, display_name } = assertBody(entry, ['ref', 'display_name', 'secrets']);
    const { type, value } = assertBody(ref, ['type', 'value']);
    const action = [...store.actions.values()].find(
      (candidate) => (type === 'action_id' ? candidate.id : candidate.name) === value,
    );
    if (action === undefined) throw new ApiError(404, 'That action does not exist.');
    if (deployedVersionOf(action) === undefined) {
      throw new ApiError(400, 'An action must be deployed before it can be bound.');
    }
    return {
      id: createId('', 16),
      display_name: typeof display_name === 'string' ? display_name : action.name,
      actionId: action.id,
      created_at: now().toISOString(),
    };
  });
  const shown = store.bindings.map((binding) => showBinding(binding, store.actions));
  return { status: 200, body: { bindings: shown } };
};

function showBinding(binding: StoredBinding, actions: ApiContext['store']['actions']): object {
  const action = actions.get(binding.actionId);
  const { id, display_name, created_at } = binding;
  return {
    id,
    trigger_id: TRIGGER.id,
    display_name,
    created_at,
    updated_at: created_at,
    action: action === undefined ? undefined : { id: action.id, name: action.name },
  };
}

function find({ store }: ApiContext, id = ''): StoredAction {
  const action = store.actions.get(id);
  if (action === undefined) throw notFound('action');
  return action;
}

function findVersion(action: StoredAction, id = '') {
  const version = action.versions.find((candidate) => candidate.id === id);
  if (version === undefined) throw notFound('action version');
  return version;
}

function assertTrigger(id: string | undefined): void {
  if (id !== TRIGGER.id) throw notFound('trigger');
}

const READ = ['read:actions'];
const UPDATE = ['update:actions'];
export const ACTION_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/actions/modules',
    scopes: READ,
    handler: ({ query }) => byActionsPage(query, 'modules', []),
  },
  {
    method: 'GET',
    path: '/actions/triggers',
    scopes: READ,
    handler: () => ({ status: 200, body: { triggers: [TRIGGER] } }),
  },
  { method: 'GET', path: '/actions/triggers/*/bindings', scopes: READ, handler: listBindings },
  {
    method: 'PATCH',
    path: '/actions/triggers/*/bindings',
    scopes: UPDATE,
    handler: updateBindings,
  },
  { method: 'GET', path: '/actions/actions', scopes: READ, handler: list },
  { method: 'POST', path: '/actions/actions', scopes: ['create:actions'], handler: create },
  { method: 'GET', path: '/actions/actions/*', scopes: READ, handler: get },
  { method: 'PATCH', path: '/actions/actions/*', scopes: UPDATE, handler: update },
  { method: 'POST', path: '/actions/actions/*/deploy', scopes: UPDATE, handler: deploy },
  { method: 'GET', path: '/actions/actions/*/versions', scopes: READ, handler: listVersions },
  { method: 'GET', path: '/actions/actions/*/versions/*', scopes: READ, handler: getVersion },
  {
    method: 'POST',
    path: '/actions/actions/*/versions/*/deploy',
    scopes: UPDATE,
    handler: deployVersion,
  },
];
