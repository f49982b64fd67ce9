/** The people of `npm start`: who they are at Bitbucket, what they do, and what must come of it. */
import { addRepository, grant } from '../bitbucket/repositories.ts';
import {
  addUser,
  addWorkspace,
  type BitbucketUser,
  type BitbucketWorkspace,
  type BitbucketWorld,
  createWorld,
  setStanding,
} from '../bitbucket/world.ts';

export interface Scene {
  readonly title: string;
  readonly person: BitbucketUser;
  /**
   * `login`: signs in at Bitbucket. `return`: comes back with the session of an earlier login.
   * `refresh`: the application uses the refresh token of an earlier login.
   */
  readonly does: 'login' | 'return' | 'refresh';
  /** Bitbucket answers nobody while this goes on. */
  readonly isBitbucketDown?: boolean;
  /** The code of the refusal; `undefined` when the person gets in. */
  readonly expected: string | undefined;
}

export interface Cast {
  readonly world: BitbucketWorld;
  /** The workspace that the example policy allows. */
  readonly allowed: BitbucketWorkspace;
  readonly scenes: readonly Scene[];
}

export function createCast(): Cast {
  const world = createWorld();
  const acme = addWorkspace(world, 'acme', 'Acme');
  const other = addWorkspace(world, 'elsewhere', 'Elsewhere');
  const at = (name: string) => `${name}@example.com`;

  const olivia = addUser(world, 'olivia', [{ email: at('olivia') }], 'Olivia');
  setStanding(world, olivia, acme, 'owner');
  setStanding(world, olivia, other, 'member');
  const max = addUser(world, 'max', [{ email: at('max') }], 'Max');
  setStanding(world, max, acme, 'member');
  const nora = addUser(world, 'nora', [{ email: at('nora') }], 'Nora');
  setStanding(world, nora, other, 'owner');
  const gus = addUser(world, 'gus', [{ email: at('gus') }], 'Gus');
  grant(world, gus, addRepository(world, acme, 'website'), 'read');
  const uma = addUser(world, 'uma', [{ email: at('uma'), is_confirmed: false }], 'Uma');
  setStanding(world, uma, acme, 'member');
  const toni = addUser(
    world,
    'toni',
    [{ email: at('toni') }, { email: at('toni.old'), is_confirmed: false }],
    'Toni',
  );
  setStanding(world, toni, acme, 'collaborator');

  return {
    world,
    allowed: acme,
    scenes: [
      { title: 'owner of acme', person: olivia, does: 'login', expected: undefined },
      { title: 'member of acme', person: max, does: 'login', expected: undefined },
      {
        title: 'two addresses, the primary one confirmed',
        person: toni,
        does: 'login',
        expected: undefined,
      },
      {
        title: 'owner of another workspace',
        person: nora,
        does: 'login',
        expected: 'bitbucket_workspace_required',
      },
      {
        title: 'may see one repository of acme, and is no member',
        person: gus,
        does: 'login',
        expected: 'bitbucket_workspace_required',
      },
      {
        title: 'member of acme, address not confirmed',
        person: uma,
        does: 'login',
        expected: 'bitbucket_email_unverified',
      },
      {
        title: 'refresh token, minutes after the login',
        person: max,
        does: 'refresh',
        expected: undefined,
      },
      {
        title: 'comes back while Bitbucket is down',
        person: olivia,
        does: 'return',
        isBitbucketDown: true,
        expected: 'bitbucket_unavailable',
      },
    ],
  };
}
