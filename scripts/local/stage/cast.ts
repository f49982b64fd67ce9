/**
 * The people of `npm start`: who they are at Bitbucket, what they do, and what must come of it
 * under the policy of the example.
 */
import { addGroup, addRepository, grant } from '../bitbucket/repositories.ts';
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
  /** Of who gets in, sorted; none where it is left out. */
  readonly expectedRoles?: readonly string[];
}

/** The settings of the example, by the names of their secrets. */
export interface CastPolicy extends Readonly<Record<string, string>> {
  readonly ALLOWED_WORKSPACES: string;
  readonly ROLES: string;
}

export interface Cast {
  readonly world: BitbucketWorld;
  /** The workspace that the example policy allows. */
  readonly allowed: BitbucketWorkspace;
  readonly policy: CastPolicy;
  readonly scenes: readonly Scene[];
}

export function createCast(): Cast {
  const world = createWorld();
  const acme = addWorkspace(world, 'acme', 'Acme');
  const other = addWorkspace(world, 'elsewhere', 'Elsewhere');
  const infra = addRepository(world, acme, 'infra');
  const website = addRepository(world, acme, 'website');
  const add = (name: string, isConfirmed = true) => {
    const displayName = `${name[0]?.toUpperCase()}${name.slice(1)}`;
    const email = { email: `${name}@example.com`, is_confirmed: isConfirmed };
    return addUser(world, name, [email], displayName);
  };

  const olivia = add('olivia');
  setStanding(world, olivia, acme, 'owner');
  setStanding(world, olivia, other, 'member');
  const max = add('max');
  setStanding(world, max, acme, 'member');
  const nora = add('nora');
  setStanding(world, nora, other, 'owner');
  const gus = add('gus');
  grant(world, gus, website, 'read');
  const uma = add('uma', false);
  setStanding(world, uma, acme, 'member');
  const toni = add('toni');
  toni.emails.push({ email: 'toni.old@example.com', is_primary: false, is_confirmed: false });
  setStanding(world, toni, acme, 'collaborator');
  const rita = add('rita');
  grant(world, rita, infra, 'write');
  const dana = add('dana');
  grant(world, addGroup(world, acme, 'deployers', [dana]), infra, 'write');
  const cleo = add('cleo');

  const scenes: readonly Scene[] = [
    {
      title: 'owner of acme',
      person: olivia,
      does: 'login',
      expected: undefined,
      expectedRoles: ['admin', 'deployer'],
    },
    { title: 'member of acme', person: max, does: 'login', expected: undefined },
    {
      title: 'two addresses, the primary one confirmed',
      person: toni,
      does: 'login',
      expected: undefined,
    },
    {
      title: 'member of acme, in a group that may write to acme/infra',
      person: dana,
      does: 'login',
      expected: undefined,
      expectedRoles: ['deployer'],
    },
    {
      title: 'no member of acme, and may write to acme/infra',
      person: rita,
      does: 'login',
      expected: undefined,
      expectedRoles: ['deployer'],
    },
    { title: 'in no workspace, let in by name', person: cleo, does: 'login', expected: undefined },
    {
      title: 'owner of another workspace',
      person: nora,
      does: 'login',
      expected: 'bitbucket_workspace_required',
    },
    {
      title: 'may see another repository of acme, and is no member',
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
  ];
  const policy = {
    ALLOWED_WORKSPACES: `acme, acme/infra:write, @${cleo.uuid}`,
    ROLES: 'admin=acme:owner, deployer=acme/infra:write',
  };
  return { world, allowed: acme, policy, scenes };
}
