/** /actions/triggers: post-login, and which Actions are bound to it, in which order. */
import { ACTIONS } from '../action-runtime/limits.ts';
import {
  createUuid,
  deployedVersionOf,
  type StoredAction,
  type StoredBinding,
  type TenantStore,
} from '../store.ts';
import { showBoundAction } from './action-view.ts';
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
import { assertBody, assertQuery, optionalString, requireString } from './validate.ts';

/** As recorded in August 2026. */
export const TRIGGER = {
  id: 'post-login',
  version: 'v3',
  status: 'CURRENT',
  runtimes: ['node18-actions', 'node22'],
  default_runtime: 'node22',
  binding_policy: 'trigger-bound',
  compatible_triggers: [{ id: 'post-login', version: 'v2' }],
};

export function supports(action: StoredAction, trigger: string): boolean {
  return action.supported_triggers.some(
    (supported) => (supported as { readonly id?: unknown }).id === trigger,
  );
}

const list: Handler = ({ params, query }, { store }) => {
  assertTrigger(params[0]);
  assertQuery(query, PAGE_QUERY);
  const bindings = store.bindings.map((binding) => show(binding, store));
  return byActionsPage(query, 'bindings', bindings);
};

/** Replaces the whole list, or refuses and changes nothing. */
const update: Handler = ({ params, body }, context) => {
  const { store } = context;
  assertTrigger(params[0]);
  const { bindings } = assertBody(body, ['bindings']);
  if (!Array.isArray(bindings)) throw invalidBody('Missing required property: bindings');
  if (bindings.length > ACTIONS.bound) throw invalidBody('Array is too long', 'bindings');
  store.bindings = bindings.map((entry) => readBinding(entry, context));
  return { status: 200, body: { bindings: store.bindings.map((binding) => show(binding, store)) } };
};

/** A binding that stays is a new one all the same, with another id. */
function readBinding(entry: unknown, { store, now }: ApiContext): StoredBinding {
  const fields = assertBody(entry, ['ref', 'display_name', 'secrets']);
  const action = findReferred(assertBody(fields.ref, ['type', 'value']), store);
  if (action === undefined) throw noSuchAction();
  if (!supports(action, TRIGGER.id)) {
    throw new ApiError(400, 'Trying to create a binding for a trigger that the action lacks.');
  }
  if (deployedVersionOf(action) === undefined || (action.bindableAtMs ?? 0) > now().getTime()) {
    const message = 'Trying to create a binding for an action that has not been deployed yet.';
    throw new ApiError(400, message);
  }
  const display_name = optionalString(fields, 'display_name') ?? action.name;
  return { id: createUuid(), display_name, actionId: action.id, created_at: now().toISOString() };
}

function findReferred(
  ref: ReturnType<typeof assertBody>,
  { actions, bindings }: TenantStore,
): StoredAction | undefined {
  const value = requireString(ref, 'value');
  switch (ref.type) {
    case 'action_id':
      return actions.get(value);
    case 'action_name':
      return [...actions.values()].find(({ name }) => name === value);
    case 'binding_id':
      return actions.get(bindings.find(({ id }) => id === value)?.actionId ?? '');
    default:
      throw invalidBody('No enum match', 'ref.type');
  }
}

function show(binding: StoredBinding, { actions }: TenantStore): object {
  const action = actions.get(binding.actionId);
  const { id, display_name, created_at } = binding;
  return {
    id,
    trigger_id: TRIGGER.id,
    ...(action === undefined ? {} : { action: showBoundAction(action) }),
    created_at,
    updated_at: created_at,
    display_name,
  };
}

function assertTrigger(id: string | undefined): void {
  if (id !== TRIGGER.id) throw notFound('trigger');
}

const READ = ['read:actions'];
export const TRIGGER_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/actions/triggers',
    scopes: READ,
    handler: () => ({ status: 200, body: { triggers: [TRIGGER] } }),
  },
  { method: 'GET', path: '/actions/triggers/*/bindings', scopes: READ, handler: list },
  {
    method: 'PATCH',
    path: '/actions/triggers/*/bindings',
    scopes: ['update:actions'],
    handler: update,
  },
];
