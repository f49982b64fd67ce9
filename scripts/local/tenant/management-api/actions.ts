/** /actions/actions: Actions, their drafts and their versions. */
import { createId, deployedVersionOf, type StoredAction } from '../store.ts';
import { isBuilt, readContent, showAction, showVersion } from './action-content.ts';
import {
  type ApiContext,
  ApiError,
  type Handler,
  invalidBody,
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
const KEPT_VERSIONS = 50;

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
  const triggers = readTriggers(fields);
  if (triggers === undefined) throw invalidBody('Missing required property: supported_triggers');
  const nowIso = context.now().toISOString();
  const empty = { code: '', runtime: TRIGGER.default_runtime, dependencies: [], secrets: [] };
  const action: StoredAction = {
    id: createId('', 16),
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
  if (fields.deploy === true) deployDraft(action, nowIso);
  return { status: 201, body: show(context, action) };
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
  action.hasChanges = true;
  action.builtAtMs = now.getTime() + context.actionBuildMs;
  action.updated_at = now.toISOString();
  return { status: 200, body: show(context, action) };
};

const deploy: Handler = ({ params }, context) => {
  const action = find(context, params[0]);
  const now = context.now();
  if (!isBuilt(action, now)) {
    throw new ApiError(400, "A draft must be in the 'built' state before it can be deployed.");
  }
  return { status: 202, body: showVersion(action, deployDraft(action, now.toISOString())) };
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
  delete action.builtAtMs; // it was built when it was deployed first
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
    throw invalidBody('Expected type array on property supported_triggers');
  }
  return triggers.map((trigger: unknown) => {
    const fields = assertObject(trigger, 'supported_triggers');
    requireString(fields, 'id');
    return structuredClone(fields);
  });
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
