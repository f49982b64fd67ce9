/**
 * The post-login flow, as Auth0 runs it: the bound Actions one after the other, each in an
 * instance of its own that is kept for the next login, all within 20 s. `deny` ends the flow after
 * the Action that called it; metadata that was asked for is kept even then.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { assertAdmissible } from './assert-admissible.ts';
import { putRecord } from './cache-limits.ts';
import { createFlow } from './flow.ts';
import type { DeployedAction, FlowEvent, FlowResult } from './flow-types.ts';
import { type ActionInstance, createInstance } from './instance.ts';
import { FLOW_MS } from './limits.ts';
import type { ActionResult, CacheRecord } from './protocol.ts';

export interface ActionRuntime {
  /** Never throws: an Action that fails is a result. */
  runPostLogin(actions: readonly DeployedAction[], event: FlowEvent): Promise<FlowResult>;
  /** Starts their instances, so that no login waits for it; resolves when their code is loaded. */
  warm(actions: readonly DeployedAction[]): Promise<void>;
  /**
   * Ends the instances of other versions than these. Logins that run in one are let finish, and not
   * waited for.
   */
  retain(versionIds: ReadonlySet<string>): Promise<void>;
  clearCache(): void;
  /** Ends every instance at once; logins that run then, or come later, fail. */
  close(): Promise<void>;
}

export interface ActionRuntimeOptions {
  /** Where `host:port` really is, as a port on loopback; no other host can be reached. */
  readonly network: ReadonlyMap<string, number>;
  /** PEM; the only authority the Actions trust. */
  readonly certificate: string;
  readonly flowTimeoutMs?: number;
  readonly now?: () => number;
}

/** By a worker that did not answer. */
const NOTHING_TOLD: Pick<ActionResult, 'requests' | 'cacheUses' | 'appMetadata' | 'log'> = {
  requests: [],
  cacheUses: [],
  appMetadata: {},
  log: '',
};

export function createActionRuntime(options: ActionRuntimeOptions): ActionRuntime {
  const { flowTimeoutMs = FLOW_MS, now = Date.now } = options;
  const instances = new Map<string, ActionInstance>();
  const retired = new Set<ActionInstance>();
  const cache = new Map<string, CacheRecord>();
  let isClosed = false;

  const instanceOf = (action: DeployedAction): ActionInstance => {
    const existing = instances.get(action.versionId);
    if (existing?.isAlive()) return existing;
    const instance = createInstance({
      name: action.name,
      code: action.code,
      network: [...options.network],
      certificate: options.certificate,
    });
    instances.set(action.versionId, instance);
    return instance;
  };

  const runAction = async (
    action: DeployedAction,
    event: FlowEvent,
    timeLeftMs: number,
  ): Promise<ActionResult | string> => {
    try {
      if (isClosed) throw new Error('the tenant closed');
      assertAdmissible(action);
      const instance = instanceOf(action);
      const timer = new AbortController();
      const timedOut = sleep(Math.max(0, timeLeftMs), 'timed out' as const, {
        signal: timer.signal,
      });
      const running = instance.run({
        event: { ...event, secrets: action.secrets },
        cache: [...cache],
        // In this order, so that it is never behind what an Action sees as the time.
        clockAheadMs: -(Date.now() - now()),
      });
      const first = await Promise.race([running, timedOut]).finally(() => timer.abort());
      if (first !== 'timed out') return first;
      running.catch(() => {});
      await instance.end(`the flow took longer than ${flowTimeoutMs} ms`);
      return `the flow took longer than ${flowTimeoutMs} ms`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };

  return {
    runPostLogin: async (actions, event) => {
      const flow = createFlow(event);
      const beganAt = performance.now();
      const endsAt = beganAt + flowTimeoutMs;
      for (const action of actions) {
        const startedAt = performance.now();
        const result = await runAction(action, flow.event(), endsAt - startedAt);
        const failed = typeof result === 'string' ? result : (result.error ?? flow.add(result));
        const told = typeof result === 'string' ? NOTHING_TOLD : result;
        flow.steps.push({
          action: action.name,
          versionId: action.versionId,
          startedMs: startedAt - beganAt,
          durationMs: performance.now() - startedAt,
          requests: told.requests,
          cacheUses: told.cacheUses,
          written: Object.keys(told.appMetadata),
          log: told.log,
          ...(failed === undefined ? {} : { error: failed }),
        });
        if (typeof result === 'string' || failed !== undefined) return flow.end('failed');
        for (const [key, record] of result.cacheChanges) {
          // Another login may have taken the room: then it is not kept.
          if (record === null) cache.delete(key);
          else putRecord(cache, key, record, now());
        }
        if (result.denied !== undefined) return flow.end('denied', result.denied);
      }
      return flow.end('allowed');
    },
    warm: async (actions) => {
      await Promise.all(actions.map((action) => instanceOf(action).loaded()));
    },
    retain: async (versionIds) => {
      const old = [...instances].filter(([versionId]) => !versionIds.has(versionId));
      for (const [versionId, instance] of old) {
        instances.delete(versionId);
        retired.add(instance);
      }
      await Promise.all(old.map(([, instance]) => instance.retire('a new version was deployed')));
    },
    clearCache: () => cache.clear(),
    close: async () => {
      isClosed = true;
      const ending = [...instances.values(), ...retired].map((instance) =>
        instance.end('the tenant closed'),
      );
      instances.clear();
      retired.clear();
      await Promise.all(ending);
    },
  };
}
