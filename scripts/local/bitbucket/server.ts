/**
 * A local Bitbucket: bitbucket.org and api.bitbucket.org in one HTTPS server on loopback. It
 * answers as Bitbucket does since 2026, refuses what Bitbucket refuses, and can be told to fail.
 */
import type { RequestListener } from 'node:http';
import type { ServerCertificate } from '../net/certificate.ts';
import { readRequest, writeReply, writeWithFault } from '../net/exchange.ts';
import { createFaults, type Faults } from '../net/faults.ts';
import { type LoopbackServer, listenOnLoopback } from '../net/loopback-server.ts';
import { createRouter, patternOf } from './router.ts';
import { type TokenMemory, TokenStore } from './tokens.ts';
import type { BitbucketWorld } from './world.ts';

/** A request that was received, without its query, its headers and its body. */
export interface RecordedCall {
  readonly method: string;
  readonly path: string;
  /** As the documentation writes it, with `{workspace}` for a workspace. */
  readonly endpoint: string;
  /** What it was answered, or would have been without a fault. */
  readonly status: number;
}

export interface LocalBitbucket extends LoopbackServer {
  readonly world: BitbucketWorld;
  readonly faults: Faults;
  readonly calls: readonly RecordedCall[];
  clearCalls(): void;
  /** As if the two hours of this user's access tokens had passed. */
  expireAccessTokens(userUuid: string): void;
  /** As if this user had taken the consumer's access away: refresh tokens end too. */
  revokeTokens(userUuid: string): void;
}

export interface LocalBitbucketOptions {
  readonly certificate: ServerCertificate;
  readonly world: BitbucketWorld;
  readonly now?: () => number;
  readonly callsPerHour?: number;
  /** One that the system chooses, where nothing is said. */
  readonly port?: number;
  /** Tokens of an earlier process; kept up to date. */
  readonly memory?: TokenMemory;
  /** Called after every request: `memory` may have changed. */
  readonly onAnswered?: () => void;
}

const DOCUMENTED_CALLS_PER_HOUR = 1_000;

export async function startLocalBitbucket({
  certificate,
  world,
  now = Date.now,
  callsPerHour = DOCUMENTED_CALLS_PER_HOUR,
  port,
  memory,
  onAnswered = () => {},
}: LocalBitbucketOptions): Promise<LocalBitbucket> {
  const tokens = new TokenStore(now, memory);
  const route = createRouter({ world, tokens, now, callsPerHour });
  const faults = createFaults();
  const calls: RecordedCall[] = [];
  const closing = new AbortController();

  const handle: RequestListener = async (message, response) => {
    try {
      const request = await readRequest(message);
      const path = request.url.pathname;
      const endpoint = patternOf(path);
      const reply = route(request);
      calls.push({ method: request.method, path, endpoint, status: reply.status });
      const fault = faults.take(endpoint);
      if (fault === undefined) writeReply(response, reply);
      else await writeWithFault(response, request, reply, fault, closing.signal);
    } catch {
      response.destroy();
    } finally {
      onAnswered();
    }
  };
  const server = await listenOnLoopback(certificate, handle, port);
  return {
    ...server,
    world,
    faults,
    calls,
    clearCalls: () => {
      calls.length = 0;
    },
    expireAccessTokens: (userUuid) => tokens.expireAccessTokens(userUuid),
    revokeTokens: (userUuid) => tokens.revokeTokens(userUuid),
    close: () => {
      closing.abort();
      return server.close();
    },
  };
}
