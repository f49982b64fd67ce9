/** /actions/actions: Actions, their drafts and their versions. */
import { ACTIONS } from '../action-runtime/limits.ts';
import { createUuid, deployedVersionOf, type StoredAction, type StoredVersion } from '../store.ts';
import { isSameContent, readContent } from './action-content.ts';
import {
  isBuilt,
  showAction,
  showListedVersion,
  showNewVersion,
  showSaved,
} from './action-view.ts';
import {
  type ApiContext,
  ApiError,
  type Handler,
  invalidBody,
  noSuchAction,
  notFound,
  type Route,
} from './http.ts';
import { byActionsPage, PAGE_QUERY } from './paging.ts';
import { supports, TRIGGER } from './triggers.ts';
import {
  assertBody,
  assertObject,
  assertQuery,
  type Body,
  optionalString,
  requireString,
} from './validate.ts';

const WRITABLE = [
  'name',
  'supported_triggers',
  'code',
  'dependencies',
  'runtime',
  'secrets',
  'modules',
];

const list: Handler = ({ query }, context) => {
  assertQuery(query, [...PAGE_QUERY, 'triggerId', 'actionName', 'deployed', 'installed']);
  const trigger = query.get('triggerId');
  const deployed = query.get('deployed');
  const actions = [...context.store.actions.values()]
    .filter((action) => trigger === null || supports(action, trigger))
    .filter((action) => (query.get('actionName') ?? action.name) === action.name)
    .filter((action) => deployed === null || deployed === String(isDeployed(action)))
    .filter(() => query.get('installed') !== 'true') // none is from the marketplace
    .map((action) => show(context, action));
  return byActionsPage(query, 'actions', actions);
};

const get: Handler = ({ params, query }, context) => {
  assertQuery(query, []);
  return { status: 200, body: show(context, find(context, params[0])) };
};

const create: Handler = ({ body }, context) => {
  const fields = assertBody(body, [...WRITABLE, 'deploy']);
  const name = requireString(fields, 'name');
  assertNameIsFree(context, name);
  if (context.store.actions.size >= ACTIONS.count) {
    // The limit is documented; with which status and sentence it is refused is UNVERIFIED.
    const message = `You have reached the limit of ${ACTIONS.count} actions.`;
    throw new ApiError(403, message, 'insufficient_entitlement');
  }
  const triggers = readTriggers(fields);
  if (triggers === undefined) throw invalidBody('Missing required property: supported_triggers');
  const nowIso = context.now().toISOString();
  const empty = { code: '', runtime: TRIGGER.default_runtime, dependencies: [], secrets: [] };
  const action: StoredAction = {
    id: createUuid(),
    name,
    supported_triggers: triggers,
    draft: readContent(fields, empty, nowIso),
    versions: [],
    hasChanges: true,
    builtAtMs: context.now().getTime() + context.actionBuildMs,
    created_at: nowIso,
    updated_at: nowIso,
  };
  context.store.actions.set(action.id, action);
  if (fields.deploy === true) deployDraft(action, context);
  return { status: 201, body: showSaved(action) };
};

const update: Handler = ({ params, body }, context) => {
  const action = find(context, params[0]);
  const fields = assertBody(body, WRITABLE);
  const name = optionalString(fields, 'name') ?? action.name;
  if (name !== action.name) assertNameIsFree(context, name);
  const triggers = readTriggers(fields) ?? action.supported_triggers;
  const now = context.now();
  action.draft = readContent(fields, action.draft, now.toISOString());
  action.name = name;
  action.supported_triggers = triggers;
  action.hasChanges = !isSameContent(action.draft, deployedVersionOf(action));
  action.builtAtMs = now.getTime() + context.actionBuildMs;
  action.updated_at = now.toISOString();
  return { status: 200, body: showSaved(action) };
};

const deploy: Handler = ({ params }, context) => {
  const action = find(context, params[0]);
  if (!isBuilt(action, context.now())) {
    throw new ApiError(400, "A draft must be in the 'built' state before it can be deployed.");
  }
  return { status: 200, body: showNewVersion(action, deployDraft(action, context)) };
};

const listVersions: Handler = ({ params, query }, context) => {
  assertQuery(query, PAGE_QUERY);
  const action = find(context, params[0]);
  const newestFirst = action.versions.toReversed();
  return byActionsPage(
    query,
    'versions',
    newestFirst.map((version) => showListedVersion(action, version)),
  );
};

const getVersion: Handler = ({ params }, context) => {
  const action = find(context, params[0]);
  return { status: 200, body: showListedVersion(action, findVersion(action, params[1])) };
};

/** A rollback: the content of that version becomes the draft, and a new version of it. */
const deployVersion: Handler = ({ params }, context) => {
  const action = find(context, params[0]);
  const { code, runtime, dependencies, secrets } = findVersion(action, params[1]);
  action.draft = { code, runtime, dependencies, secrets };
  delete action.builtAtMs; // it was built when it was deployed first
  return { status: 200, body: showNewVersion(action, deployDraft(action, context)) };
};

/** One that is bound is deleted only with `force`, which unbinds it. */
const remove: Handler = ({ params, query }, context) => {
  assertQuery(query, ['force']);
  const { id } = find(context, params[0]);
  const { store } = context;
  const others = store.bindings.filter(({ actionId }) => actionId !== id);
  if (others.length < store.bindings.length && query.get('force') !== 'true') {
    throw new ApiError(409, 'Unable to delete an action bound to a trigger.');
  }
  store.bindings = others;
  store.actions.delete(id);
  return { status: 204 };
};

function deployDraft(action: StoredAction, context: ApiContext): StoredVersion {
  const now = context.now();
  const version = {
    ...action.draft,
    id: createUuid(),
    number: (action.versions.at(-1)?.number ?? 0) + 1,
    supported_triggers: action.supported_triggers,
    created_at: now.toISOString(),
  };
  if (action.versions.length === 0) action.bindableAtMs = now.getTime() + context.actionBindMs;
  action.versions = [...action.versions, version].slice(-ACTIONS.keptVersions);
  action.deployedVersionId = version.id;
  action.hasChanges = false;
  return version;
}

function find({ store }: ApiContext, id = ''): StoredAction {
  const action = store.actions.get(id);
  if (action === undefined) throw noSuchAction();
  return action;
}

function findVersion(action: StoredAction, id = '') {
  const version = action.versions.find((candidate) => candidate.id === id);
  if (version === undefined) throw notFound('action version');
  return version;
}

function show({ now }: ApiContext, action: StoredAction): object {
  return showAction(action, now());
}

function isDeployed(action: StoredAction): boolean {
  return deployedVersionOf(action) !== undefined;
}

function assertNameIsFree({ store }: ApiContext, name: string): void {
  if ([...store.actions.values()].some((action) => action.name === name)) {
    throw new ApiError(409, `An action with the name '${name}' already exists.`, 'conflict');
  }
}

function readTriggers({ supported_triggers: triggers }: Body): readonly Body[] | undefined {
  if (triggers === undefined) return undefined;
  if (!Array.isArray(triggers)) {
    throw invalidBody('Expected type array', 'supported_triggers');
  }
  return triggers.map((trigger: unknown) => {
    const fields = assertObject(trigger, 'supported_triggers');
    requireString(fields, 'id');
    return structuredClone(fields);
  });
}

/** Nobody has a module here. Unlike the rest of the Actions API this list says what is 0. */
const listModules: Handler = ({ query }) => {
  const { per_page } = byActionsPage(query, 'modules', []).body as { per_page: number };
  return { status: 200, body: { modules: [], total: 0, page: 0, per_page } };
};

const READ = ['read:actions'];
const UPDATE = ['update:actions'];
export const ACTION_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/actions/modules',
    scopes: READ,
    handler: listModules,
  },
  { method: 'GET', path: '/actions/actions', scopes: READ, handler: list },
  { method: 'POST', path: '/actions/actions', scopes: ['create:actions'], handler: create },
  { method: 'GET', path: '/actions/actions/*', scopes: READ, handler: get },
  { method: 'PATCH', path: '/actions/actions/*', scopes: UPDATE, handler: update },
  { method: 'DELETE', path: '/actions/actions/*', scopes: ['delete:actions'], handler: remove },
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
