/**
 * The network of one history, in the place of `fetch`: Auth0's Management API and Bitbucket. What
 * is asked with a spent or a wrong token is refused; what was arranged to fail fails.
 */
import {
  type Said,
  sayAccount,
  sayEmails,
  sayList,
  sayMember,
  sayPermission,
  sayRepository,
  sayWorkspace,
} from './bitbucket.ts';
import { breakAnswer, type Wire } from './broken.ts';
import type { Clock } from './clock.ts';
import { causeOf, type Failure, failureOf } from './failures.ts';
import type { Heard } from './heard.ts';
import type { World } from './world.ts';

export const CONSUMER = { BITBUCKET_KEY: 'consumer-key', BITBUCKET_SECRET: 'secret-of-consumer' };
export const DOMAIN = 'acme.eu.auth0.com';
const HOUR_MS = 3_600_000;
const ANSWERS_IN_MS = 3;

export interface Network {
  readonly heard: Heard[];
  failures: readonly Failure[];
  /** Until then the Management API is at its limit, and says so. */
  managementBusyUntil: number;
  action: number;
  readonly fetch: typeof globalThis.fetch;
}

interface Question {
  readonly by: Heard['by'];
  readonly endpoint: string;
  readonly about?: string;
  readonly say: () => Said;
}

export function createNetwork(world: World, clock: Clock): Network {
  const network: Network = {
    heard: [],
    failures: [],
    managementBusyUntil: 0,
    action: 0,
    fetch: (input, init) => {
      const request = input instanceof Request ? input : new Request(input, init);
      const { signal } = request;
      return new Promise<Response>((resolve, reject) => {
        const abort = () => reject(signal.reason);
        if (signal.aborted) return abort();
        signal.addEventListener('abort', abort, { once: true });
        const wire = hear(request);
        if (wire === 'silence') return;
        clock.after(ANSWERS_IN_MS, () => {
          if (wire === 'drop') return reject(new TypeError('fetch failed'));
          resolve(new Response(wire.text, { status: wire.status, headers: wire.headers }));
        });
      });
    },
  };

  const hear = (request: Request): Wire | 'drop' | 'silence' => {
    const question = understand(request);
    const { by, endpoint, about } = question;
    const said = question.say();
    const kind = said.status === 401 ? 'expired' : failureOf(network.failures, by, endpoint, about);
    const isBusy = by === 'management' && clock.now < network.managementBusyUntil;
    const account = accountOf(request)?.uuid;
    const heard = (text: string, rest: Partial<Heard>) =>
      network.heard.push({
        by,
        endpoint,
        at: clock.now,
        action: network.action,
        text,
        ...(about === undefined ? {} : { about }),
        ...(account === undefined ? {} : { account }),
        ...rest,
      });
    if (isBusy) {
      // Told once waiting was in vain: a later answer of the same endpoint stands above it.
      heard('429 until soon', { cause: 'outage' });
      const reset = String(Math.ceil(network.managementBusyUntil / 1_000));
      return { status: 429, text: '{}', headers: { 'x-ratelimit-reset': reset } };
    }
    if (kind !== undefined) {
      const wire = breakAnswer(kind, by, endpoint, said.body, clock.now);
      heard(kind, { cause: causeOf(kind, by, endpoint) });
      return wire ?? (kind as 'drop' | 'silence');
    }
    const text = `${said.status} ${said.answer === undefined ? '' : describe(said.answer)}`;
    // A 404 to the consumer about what it may not see: it cannot tell.
    const isUntold = by === 'consumer' && said.status === 404 && said.answer === undefined;
    heard(text, {
      ...(said.answer === undefined ? {} : { answer: said.answer }),
      ...(isUntold ? { cause: 'untold' as const } : {}),
    });
    return {
      status: said.status,
      text: JSON.stringify(said.body),
      headers: { 'content-type': 'application/json' },
    };
  };

  const bearerOf = (request: Request) => request.headers.get('authorization')?.slice(7) ?? '';
  const accountOf = (request: Request) => {
    const bearer = bearerOf(request);
    const token = [...world.tokens.values()].find(({ text }) => text === bearer);
    return token && world.accounts.find(({ uuid }) => uuid === token.accountUuid);
  };
  const spent: Said = { status: 401, body: {} };

  const understand = (request: Request): Question => {
    const url = new URL(request.url);
    const parts = url.pathname.slice(1).split('/').map(decodeURIComponent);
    if (url.host === DOMAIN) return askManagement(parts, bearerOf(request));
    if (url.host === 'bitbucket.org') {
      const basic = `Basic ${btoa(Object.values(CONSUMER).join(':'))}`;
      const isRight = request.headers.get('authorization') === basic;
      const body = {
        access_token: consumerToken(clock.now),
        scope: 'account email',
        expires_in: 7_200,
      };
      return {
        by: 'consumer',
        endpoint: 'key',
        say: () => (isRight ? { status: 200, body } : spent),
      };
    }
    if (url.host !== 'api.bitbucket.org') throw new Error(`asked ${url.host}`);
    const bearer = bearerOf(request);
    if (bearer.startsWith('consumer-token')) return askAsConsumer(parts, bearer);
    return askAsPerson(request, parts, url.searchParams.get('q') ?? '');
  };

  const askManagement = (parts: string[], bearer: string): Question => {
    if (parts[0] === 'oauth') {
      const body = { access_token: `management-token-${clock.now}`, expires_in: 86_400 };
      return { by: 'management', endpoint: 'token', say: () => ({ status: 200, body }) };
    }
    const issued = Number(bearer.split('-')[2]);
    const isValid = issued + 24 * HOUR_MS > clock.now;
    const identities = [...world.tokens].map(([connection, { text }]) => ({
      connection,
      provider: 'bitbucket',
      user_id: connection === 'bitbucket' ? '1' : '2',
      isSocial: true,
      access_token: text,
      refresh_token: 'refresh-token-1',
    }));
    const body = { user_id: 'bitbucket|1', identities };
    return {
      by: 'management',
      endpoint: 'profile',
      say: () => (isValid ? { status: 200, body } : spent),
    };
  };

  const consumerToken = (now: number) => `consumer-token-${now}`;
  const askAsConsumer = (parts: string[], bearer: string): Question => {
    const isValid = Number(bearer.split('-')[2]) + 2 * HOUR_MS > clock.now;
    const about = parts[2] ?? '';
    const [endpoint, say] =
      parts[3] === 'members'
        ? ['member', () => sayMember(world, about, parts[4] ?? '')]
        : ['workspace', () => sayWorkspace(world, about)];
    return { by: 'consumer', endpoint, about, say: () => (isValid ? say() : spent) };
  };

  const askAsPerson = (request: Request, parts: string[], q: string): Question => {
    const account = accountOf(request);
    const bearer = bearerOf(request);
    const token = [...world.tokens.values()].find(({ text }) => text === bearer);
    const about = parts[3] ?? '';
    const by = 'person';
    const when = (say: (who: NonNullable<typeof account>) => Said) => () =>
      account === undefined || (token?.expiresAt ?? 0) <= clock.now ? spent : say(account);
    const path = parts.slice(1).join('/');
    if (path === 'user') return { by, endpoint: 'account', say: when(sayAccount) };
    if (path === 'user/emails') return { by, endpoint: 'emails', say: when(sayEmails) };
    if (path === 'user/workspaces') {
      return { by, endpoint: 'list', say: when((who) => sayList(world, who)) };
    }
    if (parts[4] === 'permission') {
      const say = when((who) => sayPermission(world, who, about));
      return { by, endpoint: 'permission', about, say };
    }
    const [, fullName, uuid] = /^repository\.(?:full_name="([^"]+)"|uuid="([^"]+)")$/.exec(q) ?? [];
    const name = uuid === undefined ? fullName : `${about}/${uuid}`;
    if (parts[5] !== 'repositories' || name === undefined) throw new Error(`asked ${path}?${q}`);
    return {
      by,
      endpoint: 'repository',
      about: name,
      say: when((who) => sayRepository(world, who, name)),
    };
  };
  return network;
}

function describe(answer: NonNullable<Heard['answer']>): string {
  if (answer.of === 'member') {
    return answer.isMember ? `yes ${answer.permission ?? ''}`.trim() : 'no';
  }
  if (answer.of === 'account')
    return `${answer.uuid.slice(1, 5)}${answer.isActive ? '' : ' inactive'}`;
  if (answer.of === 'list') {
    return `[${answer.listed.map(({ slug, isAdministrator }) => slug + (isAdministrator ? '!' : ''))}]`;
  }
  if (answer.of === 'emails') return `confirmed [${answer.confirmed}]`;
  return answer.of === 'repository' ? answer.permission : '';
}
