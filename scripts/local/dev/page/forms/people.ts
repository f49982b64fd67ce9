/** Changes of the people, workspaces and repositories of the local Bitbucket. */
import { addRepository } from '#scripts/local/bitbucket/repositories.ts';
import {
  addUser,
  addWorkspace,
  type BitbucketWorld,
  createUuid,
  type EmailAddress,
  findWorkspace,
  REPOSITORY_PERMISSIONS,
} from '#scripts/local/bitbucket/world.ts';
import { STANDINGS } from '../views/people.ts';
import { done, type FormHandler } from './answer.ts';

const PLACE = '/dev/people';
const ADDRESS = /^[^\s@]+@[^\s@]+$/;

export const savePerson: FormHandler = (visit) => {
  const { world } = visit.state.ports;
  const { form } = visit;
  const user = world.users.get(form.get('person') ?? '');
  const name = (form.get('name') ?? '').trim();
  if (user === undefined || name === '') return done(visit, 'Nobody was named.', PLACE);
  const emails = readAddresses(form);
  const wrong = emails.find(({ email }) => !ADDRESS.test(email));
  const place = `${PLACE}?person=${encodeURIComponent(user.uuid)}`;
  if (wrong !== undefined) return done(visit, `${wrong.email} is no address.`, place);
  const taken = findTaken(world, emails, user.uuid);
  if (taken !== undefined) return done(visit, `${taken} is there already.`, place);
  const status = form.get('status');
  world.users.set(user.uuid, {
    ...user,
    display_name: name,
    emails,
    account_status: status === 'inactive' || status === 'closed' ? status : 'active',
  });
  for (const { uuid } of world.workspaces.values()) {
    const wanted = form.get(`workspace-${uuid}`);
    const standing = STANDINGS.find((known) => known === wanted);
    if (standing !== undefined) world.standings.set(`${user.uuid} ${uuid}`, standing);
    else if (wanted === '') world.standings.delete(`${user.uuid} ${uuid}`);
  }
  for (const { uuid } of world.repositories.values()) {
    const wanted = form.get(`repository-${uuid}`);
    const permission = REPOSITORY_PERMISSIONS.find((known) => known === wanted);
    if (permission !== undefined) world.grants.set(`${user.uuid} ${uuid}`, permission);
    else if (wanted === '') world.grants.delete(`${user.uuid} ${uuid}`);
  }
  return done(visit, `${name} is saved.`, place);
};

/** An address that stands twice, or is another's, as an address cannot at Bitbucket. */
function findTaken(
  world: BitbucketWorld,
  emails: readonly Pick<EmailAddress, 'email'>[],
  ofUuid?: string,
): string | undefined {
  const seen = new Set(
    [...world.users.values()]
      .filter(({ uuid }) => uuid !== ofUuid)
      .flatMap((other) => other.emails.map(({ email }) => email.toLowerCase())),
  );
  for (const { email } of emails) {
    if (seen.has(email.toLowerCase())) return email;
    seen.add(email.toLowerCase());
  }
  return undefined;
}

/** Those that are not empty, in their order; the first is the primary one where none is said to be. */
function readAddresses(form: URLSearchParams): EmailAddress[] {
  const primary = form.get('primary');
  const indexes = [...form.keys()].flatMap((key) => /^email-(\d+)$/.exec(key)?.[1] ?? []);
  const emails = indexes.flatMap((index) => {
    const email = (form.get(`email-${index}`) ?? '').trim();
    if (email === '') return [];
    return [{ email, is_primary: index === primary, is_confirmed: form.has(`confirmed-${index}`) }];
  });
  const isSaid = emails.some(({ is_primary }) => is_primary);
  return isSaid
    ? emails
    : emails.map((address, index) => ({ ...address, is_primary: index === 0 }));
}

export const addPerson: FormHandler = (visit) => {
  const { world } = visit.state.ports;
  const name = (visit.form.get('name') ?? '').trim();
  const email = (visit.form.get('email') ?? '').trim();
  if (name === '' || !ADDRESS.test(email)) {
    return done(visit, 'A person needs a name and an address.', PLACE);
  }
  const nickname = freeNickname(name, (one) => world.users.has(createUuid(`user ${one}`)));
  const taken = findTaken(world, [{ email }]);
  if (taken !== undefined) return done(visit, `${taken} is there already.`, PLACE);
  const user = addUser(world, nickname, [{ email }], name);
  return done(visit, `${name} is here.`, `${PLACE}?person=${encodeURIComponent(user.uuid)}`);
};

/** The uuid goes by it. */
function freeNickname(name: string, isTaken: (nickname: string) => boolean): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  for (let count = 1; ; count += 1) {
    const nickname = count === 1 ? plain : `${plain}-${count}`;
    if (!isTaken(nickname)) return nickname;
  }
}

export const removePerson: FormHandler = (visit) => {
  const { world } = visit.state.ports;
  const user = world.users.get(visit.form.get('person') ?? '');
  if (user === undefined) return done(visit, 'Nobody was named.', PLACE);
  world.users.delete(user.uuid);
  for (const held of [world.standings, world.grants]) {
    for (const key of held.keys()) if (key.startsWith(`${user.uuid} `)) held.delete(key);
  }
  for (const { members } of world.groups.values()) members.delete(user.uuid);
  return done(visit, `${user.display_name} is not here any more.`, PLACE);
};

export const createWorkspace: FormHandler = (visit) => {
  const { world } = visit.state.ports;
  const slug = (visit.form.get('slug') ?? '').trim();
  if (!/^[a-z0-9_][a-z0-9_-]{0,61}$/.test(slug)) return done(visit, 'That is no slug.', PLACE);
  if (findWorkspace(world, slug) !== undefined) return done(visit, `${slug} is taken.`, PLACE);
  addWorkspace(world, slug);
  return done(visit, `There is a workspace ${slug}.`, PLACE);
};

export const createRepository: FormHandler = (visit) => {
  const { world } = visit.state.ports;
  const slug = (visit.form.get('slug') ?? '').trim();
  const workspace = world.workspaces.get(visit.form.get('workspace') ?? '');
  if (workspace === undefined || !/^[a-z0-9_][a-z0-9_.-]{0,61}$/.test(slug)) {
    return done(visit, 'That is no slug.', PLACE);
  }
  addRepository(world, workspace, slug);
  return done(visit, `There is a repository ${workspace.slug}/${slug}.`, PLACE);
};
