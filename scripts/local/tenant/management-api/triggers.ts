/** /actions/triggers: post-login, and which Actions are bound to it, in which order. */
import {
  createId,
  deployedVersionOf,
  type StoredAction,
  type StoredBinding,
  type TenantStore,
} from '../store.ts';
import { ApiError, type Handler, invalidBody, notFound, type Route } from './http.ts';
import { byActionsPage, PAGE_QUERY } from './paging.ts';
import { assertBody, assertQuery, optionalString, requireString } from './validate.ts';

export const TRIGGER = {
  id: 'post-login',
  version: 'v3',
  status: 'CURRENT',
  runtimes: ['node18', 'node22'],
  default_runtime: 'node22',
};
const MOST_BINDINGS = 20;

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
const update: Handler = ({ params, body }, { store, now }) => {
  assertTrigger(params[0]);
  const { bindings } = assertBody(body, ['bindings']);
  if (!Array.isArray(bindings)) throw invalidBody('Missing required property: bindings');
  if (bindings.length > MOST_BINDINGS) throw invalidBody('Array is too long on property bindings');
  const nowIso = now().toISOString();
  store.bindings = bindings.map((entry) => readBinding(entry, store, nowIso));
  return { status: 200, body: { bindings: store.bindings.map((binding) => show(binding, store)) } };
};

function readBinding(entry: unknown, store: TenantStore, nowIso: string): StoredBinding {
  const fields = assertBody(entry, ['ref', 'display_name', 'secrets']);
  const action = findReferred(assertBody(fields.ref, ['type', 'value']), store);
  if (action === undefined) throw new ApiError(404, 'That action does not exist.');
  if (!supports(action, TRIGGER.id)) {
    throw new ApiError(400, 'Trying to create a binding for a trigger that the action lacks.');
  }
  if (deployedVersionOf(action) === undefined) {
    const message = 'Trying to create a binding for an action that has not been deployed yet.';
    throw new ApiError(400, message);
  }
  const display_name = optionalString(fields, 'display_name') ?? action.name;
  return { id: createId('', 16), display_name, actionId: action.id, created_at: nowIso };
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
      throw invalidBody('No enum match on property ref.type');
  }
}

function show(binding: StoredBinding, { actions }: TenantStore): object {
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
