/** What the Actions of one login have asked for so far, within the limits for all of them together. */

import type { FlowEvent, FlowResult, FlowStep } from './flow-types.ts';
import { CLAIMS_BYTES, METADATA_BYTES } from './limits.ts';
import { jsonBytes } from './metadata-size.ts';
import type { ActionResult } from './protocol.ts';

export interface Flow {
  readonly steps: FlowStep[];
  /** For the next Action: with the transaction metadata that those before it set. */
  event(): FlowEvent;
  /** @returns the limit that is passed with `result`, and nothing of it is taken over then. */
  add(result: ActionResult): string | undefined;
  end(outcome: FlowResult['outcome'], reason?: string): FlowResult;
}

export function createFlow(event: FlowEvent): Flow {
  const steps: FlowStep[] = [];
  const revoked: ('refreshToken' | 'session')[] = [];
  let asked = { idTokenClaims: {}, accessTokenClaims: {}, appMetadata: {}, userMetadata: {} };
  let transaction: Readonly<Record<string, unknown>> = event.transaction?.metadata ?? {};
  return {
    steps,
    event: () => ({ ...event, transaction: { ...event.transaction, metadata: transaction } }),
    add: (result) => {
      const next = {
        idTokenClaims: { ...asked.idTokenClaims, ...result.idTokenClaims },
        accessTokenClaims: { ...asked.accessTokenClaims, ...result.accessTokenClaims },
        appMetadata: { ...asked.appMetadata, ...result.appMetadata },
        userMetadata: { ...asked.userMetadata, ...result.userMetadata },
      };
      const passed = findExcess(next);
      if (passed !== undefined) return passed;
      asked = next;
      revoked.push(...result.revoked);
      transaction = result.transaction;
      return undefined;
    },
    end: (outcome, reason) => ({
      ...asked,
      ...(outcome === 'allowed' ? {} : { idTokenClaims: {}, accessTokenClaims: {} }),
      revoked: [...new Set(revoked)],
      outcome,
      ...(reason === undefined ? {} : { reason }),
      steps,
    }),
  };
}

function findExcess(asked: {
  readonly idTokenClaims: object;
  readonly accessTokenClaims: object;
  readonly appMetadata: object;
  readonly userMetadata: object;
}): string | undefined {
  const { idTokenClaims, accessTokenClaims, appMetadata, userMetadata } = asked;
  if ([idTokenClaims, accessTokenClaims].some((claims) => jsonBytes(claims) > CLAIMS_BYTES)) {
    return `the custom claims of all Actions pass ${CLAIMS_BYTES} bytes`;
  }
  if ([appMetadata, userMetadata].some((metadata) => jsonBytes(metadata) > METADATA_BYTES)) {
    return `the metadata of all Actions passes ${METADATA_BYTES} bytes`;
  }
  return undefined;
}
