/** The JSON schema of a world file. Data only; what it cannot say is in `world-mistakes.ts`. */
import { VARIABLES } from '#scripts/lib/cli/variables.ts';
import { REPOSITORY_PERMISSIONS } from '#scripts/local/bitbucket/world.ts';
import { KINDS } from './world-file.ts';

const text = { type: 'string', minLength: 1 } as const;
const flag = { type: 'boolean' } as const;
const texts = { type: 'array', items: text } as const;
const SLUG = { type: 'string', pattern: '^[a-z0-9_][a-z0-9_.-]*$' } as const;
const UUID = {
  type: 'string',
  pattern: '^\\{[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\}$',
} as const;
const URL_TEXT = { type: 'string', pattern: '^[a-zA-Z][a-zA-Z0-9+.-]*:.+$' } as const;
const WORKSPACE_PERMISSION = { enum: ['owner', 'create-project', 'collaborator', 'member'] };
const REPOSITORY_PERMISSION = { enum: [...REPOSITORY_PERMISSIONS] };

/** Where a pattern says what is meant, in words. */
export const IN_WORDS: ReadonlyMap<string, string> = new Map([
  [SLUG.pattern, 'must be a slug: lower case letters, digits, -, _ and .'],
  [UUID.pattern, 'must be a uuid in braces, in quotes and in lower case'],
  [URL_TEXT.pattern, 'must be a URL'],
]);

/** What the policy can say: the settings of the Actions that are not made by the deploy. */
export const POLICY_NAMES: readonly string[] = VARIABLES.map(({ name }) => name).filter(
  (name) => !/^(?:AUTH0|BITBUCKET)_/.test(name),
);

function fields(required: readonly string[], properties: Readonly<Record<string, object>>): object {
  return { type: 'object', required, properties, additionalProperties: false };
}

function listOf(items: object): object {
  return { type: 'array', items };
}

function mappingOf(value: object): object {
  return { type: 'object', additionalProperties: value };
}

export const WORLD_SCHEMA = fields(['workspaces', 'policy'], {
  workspaces: {
    ...listOf(
      fields(['slug'], {
        slug: SLUG,
        name: text,
        uuid: UUID,
        repositories: listOf(fields(['slug'], { slug: SLUG, name: text, uuid: UUID })),
        groups: listOf(
          fields(['slug', 'members'], {
            slug: SLUG,
            members: texts,
            repositories: mappingOf(REPOSITORY_PERMISSION),
          }),
        ),
      }),
    ),
    minItems: 1,
  },
  people: listOf(
    fields(['name', 'emails'], {
      name: text,
      nickname: text,
      uuid: UUID,
      emails: listOf(
        fields(['address'], {
          address: { type: 'string', pattern: '^[^\\s@]+@[^\\s@]+$' },
          primary: flag,
          confirmed: flag,
        }),
      ),
      workspaces: mappingOf(WORKSPACE_PERMISSION),
      repositories: mappingOf(REPOSITORY_PERMISSION),
      status: { enum: ['active', 'inactive', 'closed'] },
    }),
  ),
  applications: listOf(
    fields(['client_id', 'kind'], {
      client_id: { type: 'string', pattern: '^[A-Za-z0-9_-]+$' },
      name: text,
      kind: { enum: [...KINDS] },
      secret: text,
      callbacks: listOf(URL_TEXT),
      logout_urls: listOf(URL_TEXT),
      web_origins: listOf(URL_TEXT),
      metadata: mappingOf({ type: 'string' }),
      connection: flag,
    }),
  ),
  apis: listOf(fields(['identifier'], { identifier: text, name: text, scopes: texts })),
  policy: fields(
    ['ALLOWED_WORKSPACES'],
    Object.fromEntries(
      POLICY_NAMES.map((name) => [name, { type: ['string', 'number', 'boolean'] }]),
    ),
  ),
});
