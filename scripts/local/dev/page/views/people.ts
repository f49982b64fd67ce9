/** The people of the local Bitbucket, what they are in, and the workspaces and repositories there are. */
import type {
  BitbucketUser,
  BitbucketWorld,
  WorkspacePermission,
} from '#scripts/local/bitbucket/world.ts';
import { REPOSITORY_PERMISSIONS } from '#scripts/local/bitbucket/world.ts';
import { type Html, html } from '../html.ts';
import type { Visit } from '../state.ts';
import { layout, options } from './layout.ts';

export const STANDINGS: readonly WorkspacePermission[] = [
  'member',
  'collaborator',
  'create-project',
  'owner',
];
const STATUSES = ['active', 'inactive', 'closed'] as const;

export function renderPeople(visit: Visit): Html {
  const { world } = visit.state.ports;
  const opened = visit.url.searchParams.get('person');
  return layout(
    visit,
    'People',
    html`<section class="card" aria-labelledby="people">
<h2 id="people">People</h2>
${[...world.users.values()].map((user) => renderPerson(world, user, user.uuid === opened))}
<details><summary>Add somebody</summary>
<form method="post" action="/dev/people/add" class="small">
<label>Name <input name="name" required maxlength="60" autocomplete="off"></label>
<label>Address <input name="email" type="email" required autocomplete="off"></label>
<div class="buttons"><button>Add</button></div>
</form></details>
</section>
<section class="card" aria-labelledby="workspaces">
<h2 id="workspaces">Workspaces and repositories</h2>
<ul>${[...world.workspaces.values()].map(
      ({ uuid, slug }) => html`<li><code>${slug}</code> <small class="quiet">${uuid}</small>
<ul>${[...world.repositories.values()]
        .filter(({ workspaceUuid }) => workspaceUuid === uuid)
        .map((repository) => html`<li><code>${slug}/${repository.slug}</code></li>`)}</ul></li>`,
    )}</ul>
<form method="post" action="/dev/workspaces/add" class="small">
<label>New workspace <input name="slug" required pattern="[a-z0-9_][a-z0-9_\\-]{0,61}" autocomplete="off" aria-describedby="slug-help"></label>
<p class="quiet" id="slug-help">Lower case letters, digits, <code>_</code> and <code>-</code>.</p>
<div class="buttons"><button class="plain">Add the workspace</button></div>
</form>
<form method="post" action="/dev/repositories/add" class="small">
<label>In <select name="workspace">${options(
      [...world.workspaces.values()].map(({ uuid, slug }) => [uuid, slug]),
      undefined,
    )}</select></label>
<label>New repository <input name="slug" required pattern="[a-z0-9_][a-z0-9_.\\-]{0,61}" autocomplete="off"></label>
<div class="buttons"><button class="plain">Add the repository</button></div>
</form>
</section>`,
  );
}

function renderPerson(world: BitbucketWorld, user: BitbucketUser, isOpen: boolean): Html {
  const { uuid, display_name, emails, account_status } = user;
  const rows = [...emails, { email: '', is_primary: emails.length === 0, is_confirmed: false }];
  return html`<details class="person"${isOpen && html` open`}><summary><strong>${display_name}</strong> <span class="quiet">${summarize(world, user)}</span></summary>
<form method="post" action="/dev/people">
<input type="hidden" name="person" value="${uuid}">
<p class="quiet"><code>${uuid}</code></p>
<div class="fields">
<label>Name <input name="name" value="${display_name}" required maxlength="60" autocomplete="off"></label>
<label>Account <select name="status">${options(
    STATUSES.map((status) => [status, status]),
    account_status,
  )}</select></label>
</div>
<fieldset><legend>Addresses</legend>
${rows.map(
  ({ email, is_primary, is_confirmed }, index) => html`<div class="address">
<input type="email" name="email-${index}" value="${email}" autocomplete="off" aria-label="${email === '' ? 'Another address' : `Address ${index + 1}`}">
<label class="check"><input type="checkbox" name="confirmed-${index}"${is_confirmed && html` checked`}> confirmed</label>
<label class="check"><input type="radio" name="primary" value="${index}"${is_primary && html` checked`}> primary</label>
</div>`,
)}
</fieldset>
<fieldset><legend>Workspaces</legend><div class="fields">
${[...world.workspaces.values()].map(
  (workspace) =>
    html`<label>${workspace.slug} <select name="workspace-${workspace.uuid}">${options(
      [['', 'not in it'], ...STANDINGS.map((name) => [name, name] as const)],
      world.standings.get(`${uuid} ${workspace.uuid}`) ?? '',
    )}</select></label>`,
)}
</div></fieldset>
<fieldset><legend>Repositories</legend><div class="fields">
${[...world.repositories.values()].map((repository) => {
  const workspace = world.workspaces.get(repository.workspaceUuid);
  return html`<label>${workspace?.slug}/${repository.slug} <select name="repository-${repository.uuid}">${options(
    [['', 'no access'], ...REPOSITORY_PERMISSIONS.map((name) => [name, name] as const)],
    world.grants.get(`${uuid} ${repository.uuid}`) ?? '',
  )}</select></label>`;
})}
</div></fieldset>
<div class="buttons"><button>Save</button>
<button class="plain" formaction="/dev/people/remove" formnovalidate>Remove ${display_name}</button></div>
</form>
</details>`;
}

function summarize(world: BitbucketWorld, user: BitbucketUser): string {
  const primary = user.emails.find(({ is_primary }) => is_primary);
  const address =
    primary === undefined
      ? 'no address'
      : `${primary.email}${primary.is_confirmed ? '' : ', not confirmed'}`;
  const standings = [...world.workspaces.values()].flatMap(({ uuid, slug }) => {
    const standing = world.standings.get(`${user.uuid} ${uuid}`);
    return standing === undefined ? [] : [`${standing} of ${slug}`];
  });
  const repositories = [...world.repositories.values()].flatMap((repository) => {
    const permission = world.grants.get(`${user.uuid} ${repository.uuid}`);
    const slug = world.workspaces.get(repository.workspaceUuid)?.slug;
    return permission === undefined ? [] : [`${permission} on ${slug}/${repository.slug}`];
  });
  const status = user.account_status === 'active' ? [] : [`account ${user.account_status}`];
  return [address, ...status, ...standings, ...repositories].join(' · ');
}
