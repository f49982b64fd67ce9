/**
 * Whatever Bitbucket, the Management API, the settings and app_metadata hold: nothing is thrown,
 * nobody gets in without a confirmed answer, and nothing that was put in comes out.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '#actions/lib/http/send.ts';
import {
  ACME,
  ADDRESS,
  afterwards,
  CONSUMER,
  EMAIL,
  MANAGEMENT_TOKEN,
  OTHER,
  PERSON,
  type RunResult,
  run,
  SCRIPT,
  type Script,
  type Scripted,
  SECRETS,
  USER_TOKEN,
  WORKSPACES,
} from '#test/support/action-run.ts';

const RUNS = 300;
const ENDPOINTS = Object.keys(SCRIPT);
const SPECS = fc.constantFrom(EMAIL, WORKSPACES);

/** Values that are close to being right, beside any JSON at all. */
const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    ...[true, false, null, 'true', '', 0, 1, [], {}, PERSON, ACME.uuid, OTHER.uuid, ACME.slug],
    ...[ADDRESS, ADDRESS.toUpperCase(), 'owner', 'member', 'OWNER', '__proto__', '*', 'other'],
  ),
);

/** What the admissible case answers, with one place in it replaced or removed. */
const mutated = (body: unknown): fc.Arbitrary<unknown> =>
  fc
    .tuple(fc.constantFrom(...placesIn(body)), value, fc.boolean())
    .map(([place, other, isGone]) => replaceAt(body, place, isGone ? undefined : other));

const STATUS = fc.constantFrom(0, 200, 201, 204, 301, 302, 400, 401, 403, 404, 410, 429, 500, 502);
const replyTo = (endpoint: string): fc.Arbitrary<Scripted> => {
  const admissible = SCRIPT[endpoint];
  const sample =
    typeof admissible === 'function' ? admissible({ path: '/acme/' } as Call) : admissible;
  return fc.oneof(
    { arbitrary: fc.constant(admissible), weight: 12 },
    {
      arbitrary: mutated(sample).map((body) => ({ status: 200, text: JSON.stringify(body) })),
      weight: 4,
    },
    {
      arbitrary: fc
        .tuple(STATUS, value)
        .map(([status, body]) => ({ status, text: JSON.stringify(body) ?? '' })),
      weight: 2,
    },
    fc.tuple(STATUS, fc.string()).map(([status, text]) => ({ status, text })),
    fc.constantFrom<Scripted>('timed_out', 'dropped', 'too_large'),
    fc.constant(new TypeError(`${USER_TOKEN} ${ADDRESS}`)),
  );
};
const script: fc.Arbitrary<Script> = fc.record(
  Object.fromEntries(ENDPOINTS.map((endpoint) => [endpoint, replyTo(endpoint)])),
);

const setting = fc.oneof(
  fc.string(),
  fc.constantFrom<unknown>('', 'true', 'deny', 'last_known', '0', '60', undefined, 1, null, {}),
);
const rules = fc.constantFrom(
  '*',
  'acme',
  'other',
  'acme:owner',
  `${ACME.uuid}:member,other`,
  'other:member',
);
const goodSettings = fc.record({
  ALLOWED_WORKSPACES: rules,
  REQUIRE_VERIFIED_EMAIL: fc.constantFrom('true', 'false', ''),
  ON_OUTAGE: fc.constantFrom('deny', 'last_known', ''),
  RECHECK_AFTER_MINUTES: fc.constantFrom('0', '60', ''),
});

/** As a login half an hour ago left it. */
const snapshot = afterwards(await run(), 30).app_metadata;
const appMetadata = fc.oneof(fc.constant({}), fc.constant(snapshot), mutated(snapshot), value);

const SAID_TO_NOBODY = [
  ...[MANAGEMENT_TOKEN, USER_TOKEN, ADDRESS, PERSON, ACME.uuid, SECRETS.MANAGEMENT_CLIENT_SECRET],
  ...[SECRETS.MANAGEMENT_CLIENT_ID, CONSUMER.BITBUCKET_KEY, CONSUMER.BITBUCKET_SECRET],
] as string[];

function expectOrderly(result: RunResult): void {
  expect(result.logLines).toHaveLength(1);
  const [line = ''] = result.logLines;
  expect(line.length).toBeLessThanOrEqual(256);
  expect(() => JSON.parse(line)).not.toThrow();
  expect(result.reasons.length).toBeLessThanOrEqual(1);
  for (const reason of result.reasons) expect(reason).toMatch(/^bitbucket_[a-z_]+: [A-Z]/);
  if (result.reasons.length > 0) {
    expect(result.writes.at(-1)).toBe('deny');
    expect([result.idToken, result.accessToken]).toEqual([{}, {}]);
  }
  const said = JSON.stringify([result.logLines, result.reasons]);
  for (const secret of SAID_TO_NOBODY) expect(said).not.toContain(secret);
  const kept = JSON.stringify(result.appMetadata);
  for (const secret of [MANAGEMENT_TOKEN, USER_TOKEN, ADDRESS]) expect(kept).not.toContain(secret);
  expect(result.elapsedMs).toBeLessThanOrEqual(8_000);
}

/** The last thing that was answered, as JSON; `undefined` where it is none, or not a 200. */
type Answered = ReadonlyMap<string, unknown>;

async function runAndListen(options: Parameters<typeof run>[0] & { script: Script }): Promise<{
  readonly result: RunResult;
  readonly answered: Answered;
}> {
  const answered = new Map<string, unknown>();
  const listening = Object.fromEntries(
    Object.entries(options.script).map(([endpoint, scripted]) => [
      endpoint,
      (call: Call): Scripted => {
        const said = typeof scripted === 'function' ? scripted(call) : scripted;
        const key = endpoint === 'bitbucket permission' ? call.path : endpoint;
        answered.set(key, readAsJson(said));
        return said;
      },
    ]),
  );
  return { result: await run({ ...options, script: listening }), answered };
}

describe('with any answers at all', () => {
  test('a live look is orderly, and lets in only by an answer that says so', async () => {
    await fc.assert(
      fc.asyncProperty(SPECS, script, goodSettings, async (spec, answers, secrets) => {
        const { result, answered } = await runAndListen({
          spec,
          script: answers,
          secrets: { ...secrets, ON_OUTAGE: 'deny' },
        });
        expectOrderly(result);
        if (result.code === undefined) {
          expect(field(answered.get('bitbucket user'), 'uuid')).toMatch(/^\{[\da-f-]{36}\}$/i);
          if (spec === EMAIL) expectConfirmed(answered, secrets.REQUIRE_VERIFIED_EMAIL);
          else expectMember(answered, secrets.ALLOWED_WORKSPACES);
        }
      }),
      { numRuns: RUNS * 4 },
    );
  });

  test('a refresh is orderly, and lets in only by an answer or a fact that says so', async () => {
    await fc.assert(
      fc.asyncProperty(
        SPECS,
        script,
        goodSettings,
        appMetadata,
        fc.boolean(),
        async (spec, answers, secrets, app_metadata, hasConsumer) => {
          const { result } = await runAndListen({
            spec,
            script: answers,
            isRefresh: true,
            secrets: { ...secrets, ...(hasConsumer ? CONSUMER : {}) },
            user: { app_metadata },
          });
          expectOrderly(result);
          if (
            result.code === undefined &&
            ['facts', 'last_known'].includes(String(result.log.source))
          ) {
            const look = field(app_metadata, 'bitbucket_look');
            expect(field(look, 'v')).toBe(2);
            expect(field(field(look, 'account'), 'uuid')).toMatch(/^\{[\da-f-]{36}\}$/i);
            if (spec === EMAIL && secrets.REQUIRE_VERIFIED_EMAIL !== 'false') {
              expect(result.idToken).toMatchObject({
                'https://example.com/bitbucket/email_verified': true,
              });
            }
            if (spec === WORKSPACES) {
              expect(result.idToken['https://example.com/bitbucket/workspaces']).not.toEqual([]);
            }
          }
        },
      ),
      { numRuns: RUNS * 4 },
    );
  });
});

test('with any settings at all a run is orderly', async () => {
  const names = [
    ...Object.keys(SECRETS),
    ...Object.keys(CONSUMER),
    'REQUIRE_VERIFIED_EMAIL',
    ...['RECHECK_AFTER_MINUTES', 'EMAIL_RECHECK_AFTER_DAYS', 'ROLES', 'GROUP_NAMES', 'ON_OUTAGE'],
    'LAST_KNOWN_MAX_AGE_HOURS',
  ];
  const secrets = fc.dictionary(fc.constantFrom(...names), setting, { maxKeys: 3 });
  const metadata = fc.dictionary(
    fc.constantFrom('bitbucket_allowed_workspaces', 'bitbucket_require_verified_email'),
    setting,
  );
  await fc.assert(
    fc.asyncProperty(SPECS, secrets, metadata, async (spec, changes, clientMetadata) => {
      const result = await run({ spec, secrets: changes, clientMetadata });
      expectOrderly(result);
      // Only http(s) URLs ever become the name of a claim.
      for (const name of Object.keys(result.idToken)) expect(name).toMatch(/^https?:\/\//i);
    }),
    { numRuns: RUNS * 2 },
  );
});

test('with any transaction metadata at all a run is orderly, and asks for itself', async () => {
  const metadata = fc.dictionary(
    fc.constantFrom('bitbucket_look', 'bitbucket_look_more'),
    fc.oneof(
      value,
      value.map((json) => JSON.stringify(json)),
    ),
  );
  await fc.assert(
    fc.asyncProperty(SPECS, metadata, async (spec, entries) => {
      const transaction = new Map<string, unknown>(Object.entries(entries));
      const result = await run({ spec, transaction });
      expectOrderly(result);
      expect(result.log.source).toBe('live');
    }),
    { numRuns: RUNS },
  );
});

test('with any value for an identity a run is orderly', async () => {
  await fc.assert(
    fc.asyncProperty(SPECS, value, value, async (spec, email, user_id) => {
      expectOrderly(await run({ spec, user: { email, user_id } }));
    }),
    { numRuns: RUNS },
  );
});

function expectConfirmed(answered: Answered, required: string): void {
  const emails = field(answered.get('bitbucket emails'), 'values');
  if (required === 'false') return;
  expect(Array.isArray(emails)).toBe(true);
  const confirmed = (emails as unknown[]).filter((email) => field(email, 'is_confirmed') === true);
  const addresses = confirmed.map((email) => String(field(email, 'email')).toLowerCase());
  expect(addresses).toContain(ADDRESS);
}

function expectMember(answered: Answered, rules: string): void {
  const person = String(field(answered.get('bitbucket user'), 'uuid')).toLowerCase();
  if (rules === '*') {
    const workspaces = field(answered.get('bitbucket workspaces'), 'values') as unknown[];
    expect(workspaces.length).toBeGreaterThan(0);
    return;
  }
  const ranks = ['member', 'collaborator', 'create-project', 'owner'];
  const satisfied = rules.split(',').some((rule) => {
    const [workspace = '', least = 'member'] = rule.split(':');
    const answer = answered.get(`/2.0/user/workspaces/${encodeURIComponent(workspace)}/permission`);
    const { slug, uuid } = (field(answer, 'workspace') ?? {}) as Record<string, unknown>;
    const isSame = [slug, uuid].some((name) => String(name).toLowerCase() === workspace);
    const isHers = String(field(field(answer, 'user'), 'uuid')).toLowerCase() === person;
    const rank = ranks.indexOf(String(field(answer, 'permission')));
    return isSame && isHers && rank >= ranks.indexOf(least);
  });
  expect(satisfied).toBe(true);
}

function field(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null ? Reflect.get(json, name) : undefined;
}

function readAsJson(scripted: Scripted): unknown {
  if (typeof scripted !== 'object' || scripted === null || scripted instanceof Error)
    return undefined;
  if (!('text' in scripted)) return scripted;
  const { status, text } = scripted as { status: number; text: string };
  try {
    return status === 200 ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Every path into a value, the value itself among them. */
function placesIn(body: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof body !== 'object' || body === null) return [at];
  return [at, ...Object.entries(body).flatMap(([key, inner]) => placesIn(inner, [...at, key]))];
}

function replaceAt(body: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other;
  const copy = (Array.isArray(body) ? [...body] : { ...(body as object) }) as Record<
    string,
    unknown
  >;
  copy[key] = replaceAt(copy[key], rest, other);
  return copy;
}
