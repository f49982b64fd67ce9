/** A tenant that answers as Auth0's documentation says, from a table: for what is asked, and how. */
import { vi } from 'vitest';
import { connectToTenant, type ManagementApi } from '#scripts/lib/tenant/management-api.ts';

export type Route = (url: URL, init: RequestInit | undefined) => Response | unknown;

export interface StubTenant {
  readonly api: ManagementApi;
  /** `GET /path?query`, in order. */
  readonly asked: readonly string[];
  /** The authorization of each request; `null` without one. */
  readonly authorizations: readonly (string | null)[];
}

/** @param routes by `GET /path`; what is not in it is 404. `vi.unstubAllGlobals` takes it away. */
export async function stubTenant(routes: Readonly<Record<string, Route>>): Promise<StubTenant> {
  const asked: string[] = [];
  const authorizations: (string | null)[] = [];
  vi.stubGlobal('fetch', async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const method = init?.method ?? 'GET';
    asked.push(`${method} ${decodeURIComponent(url.pathname)}${url.search}`);
    authorizations.push(new Headers(init?.headers).get('authorization'));
    const route = routes[`${method} ${decodeURIComponent(url.pathname)}`];
    const answer = route === undefined ? notFound() : await route(url, init);
    return answer instanceof Response ? answer : Response.json(answer);
  });
  const api = await connectToTenant(
    {
      domain: 'acme.eu.auth0.com',
      clientId: undefined,
      credential: { kind: 'access_token', token: 'a-token' },
    },
    { tell: () => {} },
  );
  return { api, asked, authorizations };
}

export function refuse(statusCode: number, message: string, headers: Record<string, string> = {}) {
  return Response.json({ statusCode, error: 'Error', message }, { status: statusCode, headers });
}

function notFound(): Response {
  return refuse(404, 'Not Found');
}
