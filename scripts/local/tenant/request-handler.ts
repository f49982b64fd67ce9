/** From a socket to the part of the tenant that answers: sign-in, OpenID Connect, or the API. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type Provider from 'oidc-provider';
import { readBody, writeReply, writeWithFault } from '../net/exchange.ts';
import type { Fault, Faults } from '../net/faults.ts';
import { html, json, type LocalReply } from '../net/reply.ts';
import { createRateLimit, type RateLimitOptions } from './management-api/rate-limit.ts';
import { handleManagementRequest, type VerifyToken } from './management-api/router.ts';
import { translateAuthorize, translateRevoke, translateToken } from './oidc/auth0-dialect.ts';
import { renderPage } from './pages.ts';
import type { FrontHandler } from './sign-in/front.ts';
import type { TenantStore } from './store.ts';

/** A request that was received, without its query, its headers and its body. */
export interface RecordedCall {
  readonly method: string;
  readonly path: string;
  /** Of the answer; absent until there is one, and where the connection was dropped. */
  readonly status?: number;
}

export interface RequestHandlerOptions {
  readonly provider: Provider;
  readonly store: TenantStore;
  readonly front: FrontHandler;
  readonly verifyToken: VerifyToken;
  readonly faults: Faults;
  readonly calls: RecordedCall[];
  readonly now: () => number;
  readonly actionBuildMs: number;
  readonly actionBindMs: number;
  readonly rateLimit: RateLimitOptions | undefined;
  /** Ends whatever waits: the tenant is closing. */
  readonly signal: AbortSignal;
}

const API = '/api/v2';

/** For records and faults: the path of the Management API without ids, as it is documented. */
function endpointOf(path: string): string {
  return path
    .replace(/^(\/api\/v2\/users\/)[^/]+/, '$1{id}')
    .replace(
      /\/(?:(?:con|cgr)_\w{16}|[0-9A-Za-z]{32}|[0-9a-f]{8}(?:-[0-9a-f]+){4})(?=\/|$)/g,
      '/{id}',
    );
}

/** Asks the Management API to change something. */
export function isWrite({ method, path }: RecordedCall): boolean {
  return path.startsWith(`${API}/`) && !['GET', 'HEAD', 'OPTIONS'].includes(method);
}

/** A tenant that is slow does its work all the same. */
function isDelayAlone(fault: Fault): boolean {
  return Object.keys(fault).join() === 'delayMs';
}

export function createRequestHandler(
  options: RequestHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { provider, store, front, verifyToken, faults, calls, now, signal } = options;
  const { actionBuildMs, actionBindMs } = options;
  const context = {
    store,
    now: () => new Date(now()),
    actionBuildMs,
    actionBindMs,
    ...(options.rateLimit === undefined ? {} : { countCall: createRateLimit(options.rateLimit) }),
  };
  const handleOidc = provider.callback();

  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<LocalReply | 'answered'> => {
    const { pathname } = url;
    if (pathname.startsWith(`${API}/`)) {
      const { status, body, headers } = await handleManagementRequest(
        {
          method: request.method ?? 'GET',
          path: pathname.slice(API.length),
          query: url.searchParams,
          authorization: request.headers.authorization,
          body: await readBody(request),
        },
        context,
        verifyToken,
      );
      return body === undefined
        ? { status, headers: { ...headers }, body: '' }
        : json(status, body, headers);
    }
    const reply = await front(request, response, url);
    if (reply !== undefined) return reply;
    if (pathname === '/authorize') translateAuthorize(request);
    if (request.method === 'POST') {
      if (pathname === '/oauth/token') await translateToken(request, store);
      if (pathname === '/oauth/revoke') await translateRevoke(request);
    }
    await handleOidc(request, response);
    return 'answered';
  };

  return async (request, response) => {
    const url = URL.parse(request.url ?? '/', 'https://localhost');
    if (url === null) {
      writeReply(response, html(400, renderPage('Something is wrong', ['Bad request'])));
      return;
    }
    const endpoint = endpointOf(url.pathname);
    const method = request.method ?? 'GET';
    const call: { -readonly [Key in keyof RecordedCall]: RecordedCall[Key] } = {
      method,
      path: endpoint,
    };
    calls.push(call);
    try {
      const fault = faults.take(
        `${method} ${endpoint}`,
        endpoint,
        ...(isWrite(call) ? ['write'] : []),
      );
      if (fault !== undefined && isDelayAlone(fault)) {
        await sleep(fault.delayMs, undefined, { signal });
      } else if (fault !== undefined) {
        // A tenant that fails has not done its work, unless the fault is about what the API answers.
        const form = new URLSearchParams();
        const isDone =
          (fault.isDone === true || typeof fault.reply === 'function') &&
          url.pathname.startsWith(`${API}/`);
        const reply = isDone ? await answer(request, response, url) : json(200, {});
        if (reply === 'answered') return;
        await writeWithFault(
          response,
          { method, url, headers: request.headers, form },
          reply,
          fault,
          signal,
        );
        return;
      }
      const reply = await answer(request, response, url);
      if (reply !== 'answered') writeReply(response, reply);
    } catch {
      if (response.headersSent) response.destroy();
      else writeReply(response, html(500, renderPage('Something is wrong', ['Internal error'])));
    } finally {
      // In the tick in which the answer was written, so that who gets it finds it recorded.
      if (response.headersSent) call.status = response.statusCode;
    }
  };
}
