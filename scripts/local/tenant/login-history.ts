/**
 * Every login that was tried, the newest last: those that came to the login flow, and those that
 * ended before it, as when somebody cancels at Bitbucket. In memory, and no more than `MOST`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { FlowEvent, FlowResult } from './action-runtime/flow-types.ts';

interface Attempt {
  /** Counts from 1. */
  readonly id: number;
  /** ISO 8601, by the tenant's clock. */
  readonly at: string;
  /** `oidc-basic-profile`, or `oauth2-refresh-token`. */
  readonly protocol: string;
  readonly clientId: string;
}

/** A run of the login flow. */
export interface LoginRecord extends Attempt {
  readonly kind: 'flow';
  /** When the flow began: `at` is when it ended. */
  readonly startedAt: string;
  readonly userId: string;
  readonly connection: string;
  /** What the Actions saw, without secrets. */
  readonly event: FlowEvent;
  readonly result: FlowResult;
}

/** What ended before the flow. */
export interface EndedAttempt extends Attempt {
  readonly kind: 'ended';
  readonly userId: string | undefined;
  /** What the application sent along to know its answer by; absent at the token endpoint. */
  readonly state?: string;
  /** The OAuth error, and its sentence. */
  readonly error: string;
  readonly description: string;
}

export type LoginAttemptRecord = LoginRecord | EndedAttempt;

export interface LoginHistory {
  readonly all: readonly LoginAttemptRecord[];
  /** Those of `all` that came to the flow. */
  readonly flows: readonly LoginRecord[];
  addFlow(flow: Omit<LoginRecord, 'id' | 'kind' | 'at'>): void;
  /** From now on, what `provider` refuses before the flow is written down. */
  observe(provider: Provider): void;
  /** Is called with each new record, in the tick in which it is written. */
  subscribe(listener: (record: LoginAttemptRecord) => void): void;
  /** Nothing was tried: the tenant is as at its start. */
  clear(): void;
  onClear(listener: () => void): void;
}

const MOST = 200;

export function createLoginHistory(now: () => number): LoginHistory {
  const all: LoginAttemptRecord[] = [];
  const flows: LoginRecord[] = [];
  const listeners: ((record: LoginAttemptRecord) => void)[] = [];
  const clearListeners: (() => void)[] = [];
  /** Of the request that is answered. */
  const requests = new AsyncLocalStorage<{ isRecorded: boolean }>();
  let lastId = 0;

  const stamp = () => {
    lastId += 1;
    return { id: lastId, at: new Date(now()).toISOString() };
  };
  const add = (record: LoginAttemptRecord) => {
    const request = requests.getStore();
    if (request !== undefined) request.isRecorded = true;
    all.push(record);
    if (record.kind === 'flow') flows.push(record);
    if (all.length > MOST && all.shift()?.kind === 'flow') flows.shift();
    for (const listener of listeners) listener(record);
  };
  const addEnded = (ctx: KoaContextWithOIDC, error: unknown) => {
    const ended = describeEnd(ctx, error);
    if (ended === undefined || requests.getStore()?.isRecorded === true) return;
    add({ ...stamp(), kind: 'ended', ...ended });
  };

  return {
    all,
    flows,
    addFlow: (flow) => add({ ...stamp(), kind: 'flow', ...flow }),
    observe: (provider) => {
      provider.use((_ctx, next) => requests.run({ isRecorded: false }, next));
      provider.on('authorization.error', addEnded);
      provider.on('grant.error', addEnded);
      provider.on('server_error', addEnded);
    },
    subscribe: (listener) => {
      listeners.push(listener);
    },
    clear: () => {
      all.length = 0;
      flows.length = 0;
      for (const listener of clearListeners) listener();
    },
    onClear: (listener) => {
      clearListeners.push(listener);
    },
  };
}

/** A person's grant types; what a machine is refused is no login. */
const GRANT_TYPES = ['authorization_code', 'refresh_token'];

/** `undefined` where it was not about a login. */
function describeEnd(
  { oidc }: KoaContextWithOIDC,
  error: unknown,
): Omit<EndedAttempt, 'id' | 'at' | 'kind'> | undefined {
  const params: Readonly<Record<string, unknown>> = oidc?.params ?? {};
  const grantType = params.grant_type;
  if (grantType !== undefined && !GRANT_TYPES.includes(String(grantType))) return undefined;
  const clientId = oidc?.client?.clientId ?? params.client_id;
  if (typeof clientId !== 'string') return undefined;
  const { error: code, error_description } = (error ?? {}) as {
    readonly error?: unknown;
    readonly error_description?: unknown;
  };
  return {
    protocol: grantType === 'refresh_token' ? 'oauth2-refresh-token' : 'oidc-basic-profile',
    clientId,
    userId: oidc?.session?.accountId ?? oidc?.entities?.RefreshToken?.accountId,
    ...(typeof params.state === 'string' ? { state: params.state } : {}),
    error: typeof code === 'string' ? code : 'server_error',
    description: typeof error_description === 'string' ? error_description : '',
  };
}
