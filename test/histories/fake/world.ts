/** Everything that Auth0 and Bitbucket know in a history, and may change between two logins. */

/** From least to most; `guest` sees one repository: listed, and no member. */
export const STANDINGS = [
  'none',
  'guest',
  'member',
  'collaborator',
  'create-project',
  'owner',
] as const;
export type Standing = (typeof STANDINGS)[number];

export interface Workspace {
  readonly uuid: string;
  slug: string;
}

export interface Address {
  readonly email: string;
  isConfirmed: boolean;
  readonly isPrimary: boolean;
}

export interface Account {
  readonly uuid: string;
  isActive: boolean;
  readonly addresses: Address[];
  /** By the uuid of the workspace. */
  readonly standings: Record<string, Standing>;
  /** By `<uuid of the workspace>/<name>`: `read`, `write`, `admin`. */
  readonly repositories: Record<string, string>;
}

export interface Settings {
  readonly ALLOWED_WORKSPACES: string;
  readonly ROLES: string;
  readonly GROUP_NAMES: 'slug' | 'uuid';
  readonly REQUIRE_VERIFIED_EMAIL: 'true' | 'false';
  readonly RECHECK_AFTER_MINUTES: string;
  readonly EMAIL_RECHECK_AFTER_DAYS: string;
  readonly ON_OUTAGE: 'deny' | 'last_known';
  readonly LAST_KNOWN_MAX_AGE_HOURS: string;
  readonly MANAGEMENT_CLIENT_SECRET: string;
  /** Whether `BITBUCKET_KEY` and `BITBUCKET_SECRET` are set. */
  readonly hasConsumer: boolean;
}

export interface UpstreamToken {
  readonly text: string;
  readonly accountUuid: string;
  readonly expiresAt: number;
}

export interface World {
  readonly accounts: readonly [Account, Account];
  readonly workspaces: Workspace[];
  /** Whom Bitbucket knows the person as who sits at the browser: an index of `accounts`. */
  current: number;
  /** The address that Auth0 holds; undefined for none. */
  email: string | undefined;
  settings: Settings;
  /** Client metadata, by application. */
  readonly applications: Record<string, string>[];
  /** What Auth0 got at the last sign-in, by identity. */
  readonly tokens: Map<string, UpstreamToken>;
  tokensIssued: number;
}

const uuidOf = (digit: string) => `{${digit.repeat(8)}-74ea-4b41-89e8-638bcca4${digit.repeat(4)}}`;

export const PERSON = uuidOf('1');
export const STRANGER = uuidOf('2');
export const ACME = uuidOf('a');
export const BETA = uuidOf('b');
export const GAMMA = uuidOf('c');
/** Takes the slug `acme` when its owner renamed it. */
export const SQUATTER = uuidOf('d');
/** Of the one repository that a workspace has. */
export const repositoryUuidIn = (workspaceUuid: string) =>
  `{f00d0000-${workspaceUuid.slice(10, -1)}}`;
/** acme/infra, as a rule writes it in uuids. */
export const INFRA = `${ACME}/${repositoryUuidIn(ACME)}`;
export const MANY = Array.from({ length: 9 }, (_, index) => `team${index + 1}`);

export const DEFAULT_SETTINGS: Settings = {
  ALLOWED_WORKSPACES: 'acme',
  ROLES: '',
  GROUP_NAMES: 'slug',
  REQUIRE_VERIFIED_EMAIL: 'true',
  RECHECK_AFTER_MINUTES: '60',
  EMAIL_RECHECK_AFTER_DAYS: '30',
  ON_OUTAGE: 'deny',
  LAST_KNOWN_MAX_AGE_HOURS: '24',
  MANAGEMENT_CLIENT_SECRET: 'secret-of-machine-1',
  hasConsumer: false,
};

export const ADDRESSES = ['person@example.com', 'second@example.com', 'stranger@example.com'];

/** The person is member of acme with a confirmed address; the stranger is nowhere. */
export function createWorld(): World {
  return {
    accounts: [
      {
        uuid: PERSON,
        isActive: true,
        addresses: [
          { email: 'person@example.com', isConfirmed: true, isPrimary: true },
          { email: 'second@example.com', isConfirmed: false, isPrimary: false },
        ],
        standings: { [ACME]: 'member' },
        repositories: {},
      },
      {
        uuid: STRANGER,
        isActive: true,
        addresses: [{ email: 'stranger@example.com', isConfirmed: true, isPrimary: true }],
        standings: {},
        repositories: {},
      },
    ],
    workspaces: [
      { uuid: ACME, slug: 'acme' },
      { uuid: BETA, slug: 'beta' },
      { uuid: GAMMA, slug: 'gamma' },
      { uuid: SQUATTER, slug: 'squatter' },
      ...MANY.map((slug, index) => ({
        uuid: `{0000000${index}-74ea-4b41-89e8-638bcca40000}`,
        slug,
      })),
    ],
    current: 0,
    email: 'person@example.com',
    settings: DEFAULT_SETTINGS,
    applications: [{}, {}, {}],
    tokens: new Map(),
    tokensIssued: 0,
  };
}

/** A workspace by the name in a rule or a path: a slug, or a uuid in braces. */
export const findWorkspace = (world: World, name: string): Workspace | undefined =>
  world.workspaces.find(({ uuid, slug }) => (name.startsWith('{') ? uuid : slug) === name);

/** The consumer belongs to acme, and sees beta too. */
export const canConsumerSee = ({ uuid }: Workspace) => uuid === ACME || uuid === BETA;
