/** Histories by chance, weighted towards what is dangerous: near the limits, and half broken. */
import fc from 'fast-check';
import { type Failure, KINDS, TARGETS } from './fake/failures.ts';
import { ACME, ADDRESSES, INFRA, MANY, PERSON, type Settings, STANDINGS } from './fake/world.ts';
import type { Login, Step } from './steps.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const LISTS = [
  'acme',
  'acme',
  'beta',
  'acme,beta',
  'acme:owner',
  'beta:collaborator,acme:create-project',
  ACME,
  `${ACME}:owner`,
  '*',
  `@${PERSON}`,
  'acme/infra',
  'acme/infra:write,beta',
  INFRA,
  `beta:owner,${INFRA}:write`,
  'gamma',
  ['acme:owner', 'beta', ...MANY].join(','),
  'Acme Corp',
];
const ROLES = [
  '',
  '',
  'admin=acme:owner',
  'dev=beta,dev=acme:collaborator',
  'infra=acme/infra:write',
  `infra=${INFRA}:admin`,
];

const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const sometimes = <T>(value: fc.Arbitrary<T>, weight = 1) =>
  fc.oneof(
    { withCrossShrink: true },
    { weight: 8, arbitrary: fc.constant(undefined) },
    { weight, arbitrary: value },
  ) as fc.Arbitrary<T | undefined>;
/** Without the keys that are undefined: they would be told. */
const lean = <T extends object>(value: { [K in keyof T]: T[K] | undefined }) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;

const failure: fc.Arbitrary<Failure> = fc.record({
  target: pick(...TARGETS),
  kind: pick(...KINDS),
});
const failures = fc.oneof(
  { withCrossShrink: true },
  { weight: 5, arbitrary: fc.constant<Failure[]>([]) },
  { weight: 7, arbitrary: fc.array(failure, { minLength: 1, maxLength: 4 }) },
);

const login = fc
  .record({
    do: fc.constant('login' as const),
    by: pick(
      'sign-in',
      'sign-in',
      'sign-in, without methods',
      'single sign-on',
      'refresh',
      'refresh',
    ),
    at: pick(0, 1, 2),
    order: pick('both', 'both', 'reversed', 'workspaces alone', 'workspaces alone', 'email alone'),
    failures,
    isHeld: sometimes(fc.constant(true)),
    pauseMs: sometimes(pick(10 * SECOND, 40 * SECOND, 3 * HOUR)),
    isGarbled: sometimes(fc.constant(true)),
    savingFails: sometimes(fc.constant(true)),
    busyMs: sometimes(pick(SECOND, 3 * SECOND)),
    connection: sometimes(fc.constant('bitbucket-two' as const)),
    isLinked: sometimes(fc.constant(true)),
  })
  .map((value) => lean(value) as unknown as Login);

const setting = fc.oneof(
  ...(
    [
      ['ALLOWED_WORKSPACES', ...LISTS],
      ['ALLOWED_WORKSPACES', ...LISTS],
      ['ROLES', ...ROLES],
      ['GROUP_NAMES', 'slug', 'uuid'],
      ['REQUIRE_VERIFIED_EMAIL', 'true', 'false'],
      ['RECHECK_AFTER_MINUTES', '0', '10', '60', '600'],
      ['EMAIL_RECHECK_AFTER_DAYS', '0', '1', '30', '365'],
      ['ON_OUTAGE', 'deny', 'last_known', 'last_known'],
      ['LAST_KNOWN_MAX_AGE_HOURS', '1', '24', '720'],
      ['MANAGEMENT_CLIENT_SECRET', 'secret-of-machine-1', 'secret-of-machine-2'],
    ] as const
  ).map(([name, ...values]) => pick(...values).map((value) => ({ [name]: value }))),
  pick(true, false).map((hasConsumer) => ({ hasConsumer })),
) as fc.Arbitrary<Partial<Settings>>;

const metadata = fc
  .record({
    bitbucket_allowed_workspaces: fc.option(pick(...LISTS), { nil: undefined }),
    bitbucket_require_verified_email: fc.option(pick('true', 'false'), { nil: undefined }),
  })
  .map((value) => lean<Record<string, string>>(value));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: login },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: pick(
        SECOND,
        MINUTE,
        9 * MINUTE,
        50 * MINUTE,
        61 * MINUTE,
        125 * MINUTE,
        23 * HOUR,
        8 * DAY,
        31 * DAY,
      ),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('stand' as const),
      account: pick(0, 0, 0, 1),
      workspace: pick(0, 0, 1, 1, 2, 3, 5),
      standing: pick(...STANDINGS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('repository' as const),
      name: fc.constant('acme/infra'),
      permission: pick('none', 'read', 'write', 'admin'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('confirm' as const),
      address: pick(0, 0, 1),
      isConfirmed: pick(true, false),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('activate' as const),
      isActive: pick(true, true, false),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('readdress' as const),
      email: pick(...ADDRESSES, 'Person@Example.com', 'person@example.com', undefined),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('set' as const), settings: setting }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('application' as const), at: pick(0, 1, 2), metadata }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('become' as const), account: pick(0, 1) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'swap slugs' }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('land' as const), which: pick('oldest', 'newest') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('tamper' as const),
      how: pick(
        'remove bitbucket_look',
        'null bitbucket_look',
        'remove bitbucket',
        'null bitbucket',
      ),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'forget cache' }) },
) as fc.Arbitrary<Step>;

export const history: fc.Arbitrary<readonly Step[]> = fc.array(step, {
  minLength: 1,
  maxLength: 60,
  size: 'max',
});
