/**
 * The Management API, for the scripts: JSON in, JSON out, with the rate limit respected. An error
 * says the call, the status and Auth0's own message; never a token or a body that was sent.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { importPKCS8, SignJWT } from 'jose';
import type { Deployer } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';

export interface ManagementApi {
  readonly token: string;
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
  patch(path: string, body: unknown): Promise<unknown>;
  /** Every entry of a list that pages by `page` and `per_page`, from the field `name`. */
  list<T>(path: string, name: string): Promise<readonly T[]>;
}

const TIMEOUT_MS = 30_000;
const PER_PAGE = 50;
const RETRIES = 5;

/** @throws {UserError} when the tenant cannot be reached or does not take the credential. */
export async function connectToTenant(deployer: Deployer): Promise<ManagementApi> {
  const http = axios.create({
    baseURL: `https://${deployer.domain}`,
    timeout: TIMEOUT_MS,
    maxRedirects: 0,
    validateStatus: () => true,
  });
  const token = await fetchToken(http, deployer);
  const send = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await sendPatiently(http, {
      method,
      url: `/api/v2/${path}`,
      data: body,
      headers: { Authorization: `Bearer ${token}` },
    });
    if (response.status >= 200 && response.status < 300) return response.data;
    throw new UserError(
      `${method} /api/v2/${path.split('?')[0]} on ${deployer.domain} was refused: ${describe(response)}`,
    );
  };
  const get = (path: string) => send('GET', path);
  return {
    token,
    get,
    post: (path, body) => send('POST', path, body),
    patch: (path, body) => send('PATCH', path, body),
    async list<T>(path: string, name: string) {
      const entries: T[] = [];
      for (let page = 0; ; page += 1) {
        // The Actions API always tells the totals, and refuses to be asked for them.
        const totals = path.startsWith('actions/') ? '' : '&include_totals=true';
        const query = `page=${page}&per_page=${PER_PAGE}${totals}`;
        const body = await get(`${path}${path.includes('?') ? '&' : '?'}${query}`);
        const batch = (body as Record<string, unknown>)[name];
        if (!Array.isArray(batch))
          throw new UserError(`GET /api/v2/${path}: no ${name} in the answer`);
        entries.push(...batch);
        if (batch.length < PER_PAGE) return entries;
      }
    },
  };
}

async function fetchToken(http: AxiosInstance, deployer: Deployer): Promise<string> {
  if (deployer.credential.kind === 'access_token') return deployer.credential.token;
  const response = await sendPatiently(http, {
    method: 'POST',
    url: '/oauth/token',
    data: {
      grant_type: 'client_credentials',
      client_id: deployer.clientId,
      audience: `https://${deployer.domain}/api/v2/`,
      ...(await createClientAuthentication(deployer)),
    },
  });
  const token: unknown = response.data?.access_token;
  if (response.status === 200 && typeof token === 'string') return token;
  throw new UserError(
    `${deployer.domain} does not let the deployer in: ${describe(response)}. Check AUTH0_CLIENT_ID and its credential, and that the application is authorized for the Management API.`,
  );
}

/** A secret, or an assertion signed with the deployer's private key (RFC 7523). */
async function createClientAuthentication(deployer: Deployer): Promise<Record<string, string>> {
  const { credential, clientId, domain } = deployer;
  if (credential.kind === 'secret') return { client_secret: credential.secret };
  if (credential.kind === 'access_token' || clientId === undefined) return {};
  const pem = await readFile(credential.path, 'utf8').catch(() => {
    throw new UserError(`AUTH0_CLIENT_SIGNING_KEY_PATH: cannot read ${credential.path}`);
  });
  const key = await importPKCS8(pem, 'RS256').catch(() => {
    throw new UserError('AUTH0_CLIENT_SIGNING_KEY_PATH: not a private key in PKCS#8 PEM');
  });
  const assertion = await new SignJWT()
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(`https://${domain}/`)
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(key);
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
}

/** A 429 is waited out, as long as Auth0 asks for; everything else is the caller's to judge. */
async function sendPatiently(
  http: AxiosInstance,
  request: { method: string; url: string; data?: unknown; headers?: Record<string, string> },
): Promise<AxiosResponse> {
  for (let retry = 0; ; retry += 1) {
    const response = await http.request(request).catch((error: unknown) => {
      // The axios error holds the request and with it the token: only its code goes on.
      const code = axios.isAxiosError(error) ? (error.code ?? error.name) : 'unknown error';
      throw new UserError(`${http.defaults.baseURL} cannot be reached: ${code}`);
    });
    if (response.status !== 429 || retry === RETRIES) return response;
    await sleep(waitMs(response));
  }
}

/** Auth0 tells when the limit is reset, in seconds since the epoch. */
function waitMs(response: AxiosResponse): number {
  const reset = Number(response.headers['x-ratelimit-reset']) * 1_000 - Date.now();
  const retryAfter = Number(response.headers['retry-after']) * 1_000;
  const wanted = [retryAfter, reset].find((ms) => ms > 0) ?? 1_000;
  return Math.min(wanted, 60_000);
}

function describe(response: AxiosResponse): string {
  const { message, error_description: description } = (response.data ?? {}) as Record<
    string,
    unknown
  >;
  const text = [message, description].find((part) => typeof part === 'string');
  return text === undefined ? `${response.status}` : `${response.status}, ${text}`;
}
