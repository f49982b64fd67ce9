/**
 * Binds the Actions to the login flow, through the SDK: auth0-deploy-cli would write a list that is
 * as old as its beginning, and does not wait for a new Action that Auth0 cannot bind yet.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../cli/report-error.ts';
import type { BindingAsset } from '../tenant/assets.ts';
import type { ManagementApi } from '../tenant/management-api.ts';
import { listBindings } from '../tenant/read-tenant.ts';
import { TenantError } from '../tenant/tenant-error.ts';
import type { TenantState } from '../tenant/tenant-state.ts';
import { assertSameFlow } from './unchanged.ts';

const WHAT = 'PATCH /api/v2/actions/triggers/post-login/bindings';
/** An Action was seen to be bindable 6 s after its first deploy. */
const LONGEST_WAIT_MS = 40_000;
const PAUSE_MS = 2_000;

/**
 * @param wanted the whole flow, in its order: this replaces what is bound.
 * @param state read just now, with the ids of the Actions.
 * @throws {UserError} where Auth0 goes on refusing, or somebody else changes the flow meanwhile.
 */
export async function bindActions(
  api: ManagementApi,
  wanted: readonly BindingAsset[],
  state: TenantState,
  tell: (text: string) => void,
): Promise<void> {
  // Two that others have bound may have one name: each is taken once.
  const left = [...state.bindings];
  const takeBound = (name: string) => {
    const place = left.findIndex(({ action }) => action.name === name);
    return place === -1 ? undefined : left.splice(place, 1)[0]?.action;
  };
  const bindings = wanted.map(({ action_name: name, display_name }) => {
    const action = takeBound(name) ?? state.allActions.find((candidate) => candidate.name === name);
    if (action === undefined) throw new UserError(`The tenant has no Action ${name} to bind.`);
    return { ref: { type: 'action_id' as const, value: action.id }, display_name };
  });
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    try {
      await api.ask(WHAT, (sdk, options) =>
        sdk.actions.triggers.bindings.updateMany('post-login', { bindings }, options),
      );
      return;
    } catch (error) {
      if (!isNotYetBindable(error) || waitedMs >= LONGEST_WAIT_MS) throw error;
      tell('Auth0 cannot bind the new Actions yet; waiting');
      await sleep(PAUSE_MS);
      // Others may have bound something meanwhile, and this list would unbind it.
      assertSameFlow(state, { bindings: await listBindings(api) });
    }
  }
}

/** Just after its first deploy an Action is not there yet for the flow. */
function isNotYetBindable(error: unknown): boolean {
  if (!(error instanceof TenantError)) return false;
  return (
    (error.status === 400 || error.status === 404) &&
    /not been deployed|not deployed|does not exist|not found|'built' state/i.test(error.message)
  );
}
