/** The page without a browser: what it shows, what its forms change, and what it keeps to itself. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { FAULT_NAMES } from '#scripts/local/dev/page/state.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { type Application, createApplication } from '#scripts/local/stage/sign-in.ts';
import { type HttpsAnswer, sendHttps } from '#test/support/https-request.ts';
import {
  APPLICATION_CALLBACK,
  HOSTILE_NAME,
  type StartedPage,
  startPage,
  WEB_SECRET,
} from './start-page.ts';

let started: StartedPage;
let application: Application;

const get = (path: string, headers: Record<string, string> = {}): Promise<HttpsAnswer> =>
  sendHttps(started.origin + path, { ca: started.sandbox.certificate, headers });
const post = (
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<HttpsAnswer> =>
  sendHttps(started.origin + path, {
    ca: started.sandbox.certificate,
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { Origin: started.origin, ...headers },
  });
const signIn = (name: keyof StartedPage['people']) =>
  application.signIn(createBrowser({ userUuid: started.people[name].uuid }));
const readLogins = async () => JSON.parse((await get('/dev/logins')).body).logins;
const world = () => started.sandbox.bitbucket.world;
const workspace = (slug: string) => {
  const found = [...world().workspaces.values()].find((one) => one.slug === slug);
  if (found === undefined) throw new Error(slug);
  return found;
};

beforeAll(async () => {
  started = await startPage();
  application = await createApplication({
    issuer: `${started.origin}/`,
    clientId: 'local-spa',
    callbackUrl: APPLICATION_CALLBACK,
    audience: 'https://api.example.com',
  });
});
beforeEach(async () => {
  started.sandbox.tenant.history.clear();
  await post('/dev/mend', {});
});
afterAll(() => started.close());

const PAGES = ['/', '/dev/people', '/dev/policy', '/dev/applications'];

describe('every page', () => {
  test.each(PAGES)('%s may load nothing from outside and be framed by nobody', async (path) => {
    const { status, headers, body } = await get(path);
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self' ${started.sandbox.bitbucket.origin}; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'cache-control': 'no-store' });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(body.match(/(?:src|href|action)="https?:/g)).toBeNull();
    expect(body).not.toMatch(/ (?:style|on\w+)="/);
  });

  test.each(PAGES)('%s escapes a name that is a script', async (path) => {
    await signIn('mallory');
    const { body } = await get(path);
    expect(body).not.toContain('<script>alert');
    if (path === '/' || path === '/dev/people') expect(body).toContain('&#60;script&#62;alert');
  });

  it('says at its top why the newest source does not run', async () => {
    const { build } = started;
    started.build = { ...build, error: 'actions/lib/read.ts:3:1: Unexpected "<"' };
    const { body } = await get('/dev/policy');
    started.build = build;
    expect(body).toContain('role="alert"');
    expect(body).toContain('Unexpected &#34;&#60;&#34;');
    expect((await get('/')).body).not.toContain('role="alert"');
  });

  it('names the version of each Action', async () => {
    expect((await get('/')).body).toMatch(
      /bitbucket-email-verification <strong>v1<\/strong> <span class="quiet">from the deploy/,
    );
  });

  it('is one that is there: otherwise 404, and 405 for another method', async () => {
    expect((await get('/dev/nothing')).status).toBe(404);
    expect((await get('/dev/reset')).status).toBe(404);
    expect((await post('/dev/people/', {})).status).toBe(404);
    expect((await get('/dev/clock')).status).toBe(405);
    expect((await post('/', {})).status).toBe(405);
  });

  it('is at localhost: an address in numbers is sent there', async () => {
    const { port } = started.sandbox.tenant;
    const answer = await get('/dev/people', { Host: `127.0.0.1:${port}` });
    expect([answer.status, answer.headers.location]).toEqual([303, `${started.origin}/dev/people`]);
  });
});

describe('another website', () => {
  test.each(['/dev/reset', '/dev/clock', '/dev/policy', '/dev/login', '/dev/check'])(
    'cannot POST %s',
    async (path) => {
      const resets = started.resets;
      const answer = await post(path, {}, { Origin: 'https://evil.example' });
      expect(answer.status).toBe(403);
      expect(started.resets).toBe(resets);
    },
  );

  it('cannot read the logins', async () => {
    const answer = await get('/dev/logins', {
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'no-cors',
      'Sec-Fetch-Dest': 'script',
    });
    expect(answer.status).toBe(403);
  });

  it('cannot have the page send anybody away', async () => {
    const { headers } = await post('/dev/mend', { back: '//evil.example/' });
    expect(headers.location).toBe('/');
    const { headers: others } = await post('/dev/mend', { back: 'https://evil.example/' });
    expect(others.location).toBe('/');
  });
});

describe('programs', () => {
  it('reset by POST without an Origin, and get JSON', async () => {
    const resets = started.resets;
    const answer = await sendHttps(`${started.origin}/dev/reset`, {
      ca: started.sandbox.certificate,
      method: 'POST',
    });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { ok: true }]);
    expect(started.resets).toBe(resets + 1);
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  it('read the logins, the newest first, with their calls and claims', async () => {
    await signIn('olivia');
    await signIn('nora');
    const [nora, olivia] = await readLogins();
    expect(nora).toMatchObject({
      kind: 'login',
      application: { client_id: 'local-spa', name: 'Local SPA' },
      person: { name: 'Nora', email: 'nora@example.com' },
      outcome: 'refused',
      code: 'bitbucket_workspace_required',
      sentence: expect.stringMatching(/^Your Bitbucket account is not in a workspace/),
      claims: null,
    });
    expect(olivia).toMatchObject({
      outcome: 'in',
      code: null,
      claims: { id_token: { 'https://example.com/bitbucket/roles': ['admin'] } },
      steps: [
        { action: 'bitbucket-email-verification', written: ['bitbucket', 'bitbucket_look'] },
        { action: 'bitbucket-workspace-membership', requests: [] },
      ],
    });
    const { requests } = olivia.steps[0];
    expect(requests.map((one: { path: string }) => one.path)).toContain('/2.0/user/emails');
    expect(requests.every((one: { status: number }) => one.status === 200)).toBe(true);
  });

  it('are told nothing that is secret', async () => {
    const result = await signIn('olivia');
    if (result.kind !== 'allowed') throw new Error(result.description);
    const { store } = started.sandbox.tenant;
    const [first] = store.actions.values();
    const secrets = [
      result.refreshToken,
      WEB_SECRET,
      store.users.get(`bitbucket|${started.people.olivia.uuid}`)?.identities[0]?.access_token,
      started.sandbox.environment.BITBUCKET_SECRET,
      started.sandbox.environment.AUTH0_CLIENT_SECRET,
      first?.versions[0]?.secrets.find(({ name }) => name === 'MANAGEMENT_CLIENT_SECRET')?.value,
    ];
    const shown = await Promise.all(
      ['/dev/logins', '/', '/dev/people', '/dev/policy'].map((path) => get(path)),
    );
    for (const secret of secrets) {
      expect(secret).toEqual(expect.any(String));
      for (const { body } of shown) expect(body).not.toContain(secret);
    }
    const applications = (await get('/dev/applications')).body;
    expect(applications.split(WEB_SECRET)).toHaveLength(2);
    expect(applications).not.toContain(secrets[3]);
  });

  it('hear of new logins by asking', async () => {
    await signIn('uma');
    const newest = started.sandbox.tenant.history.all.at(-1)?.id ?? 0;
    expect((await get(`/dev/news?after=${newest}`)).status).toBe(204);
    const { body } = await get(`/dev/news?after=${newest - 1}`);
    expect(JSON.parse(body)).toMatchObject({
      newest,
      html: expect.stringContaining('bitbucket_email_unverified'),
    });
  });
});

describe('a login is told beside what was found', () => {
  const shown = async () =>
    (await get('/')).body.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

  it('when somebody gets in', async () => {
    await signIn('olivia');
    const text = await shown();
    expect(text).toContain('Olivia got in');
    expect(text).toMatch(/acme whoever is in the workspace acme owner \S.*? ✔ yes/);
    expect(text).toMatch(/acme\/infra:write .*? may administer/);
    expect(text).not.toContain('does not say why');
  });

  it('when somebody is refused for a workspace', async () => {
    await signIn('nora');
    const text = await shown();
    expect(text).toContain('Nora was not let in bitbucket_workspace_required');
    expect(text).toMatch(/acme whoever is in the workspace acme not in it \(403\) \S.*? ✘ no/);
    expect(text).toMatch(/acme\/infra:write .*? may read .*? ✘ no/);
    expect(text).not.toContain('does not say why');
  });

  it('when the address is not confirmed', async () => {
    await signIn('uma');
    expect(await shown()).toMatch(
      /REQUIRE_VERIFIED_EMAIL the address is confirmed at Bitbucket not confirmed .*? ✘ no/,
    );
  });

  it('when Bitbucket is broken, and when what was last known lets somebody in', async () => {
    const browser = createBrowser({ userUuid: started.people.olivia.uuid });
    await application.signIn(browser);
    const settings = started.policy();
    await post('/dev/clock', { minutes: '61' });
    await post('/dev/break', { call: 'all of Bitbucket’s API', fault: '503' });
    await application.signIn(browser, { prompt: 'none' });
    const refused = await shown();
    expect(refused).toContain('bitbucket_unavailable');
    expect(refused).toContain('Broken: all of Bitbucket’s API , 503');
    expect(refused).toMatch(
      /acme whoever is in the workspace acme owner 1 h 1 min .*? \? not told/,
    );
    await post('/dev/policy', { ...settings, ON_OUTAGE: 'last_known' });
    await application.signIn(browser, { prompt: 'none' });
    const letIn = await shown();
    expect(letIn).toContain('Olivia got in');
    expect(letIn).toContain('decided by what was last known, in an outage');
    expect(letIn).not.toContain('does not say why');
    await post('/dev/policy', settings);
    await post('/dev/clock', { minutes: 'now' });
  });

  it('when nobody came to the flow', async () => {
    await application.signIn(
      createBrowser({ userUuid: started.people.olivia.uuid, decision: 'deny' }),
    );
    const text = await shown();
    expect(text).toContain('Somebody cancelled at Bitbucket');
    expect(text).toContain('no Action ran');
    expect(await readLogins()).toMatchObject([{ outcome: 'cancelled', person: null, steps: [] }]);
  });

  it('when the policy cannot be read', async () => {
    const client = started.sandbox.tenant.store.clients.get('local-spa');
    if (client === undefined) throw new Error('no client');
    client.client_metadata = { bitbucket_allowed_workspaces: 'acme acme' };
    await signIn('olivia');
    client.client_metadata = {};
    expect(await shown()).toMatch(
      /The policy could not be read: bitbucket_allowed_workspaces: rule 1/,
    );
  });
});

describe('the forms', () => {
  it('save a person: name, addresses, account, workspaces and repositories', async () => {
    const { uuid } = started.people.mallory;
    const [infra] = world().repositories.values();
    await post('/dev/people', {
      person: uuid,
      name: 'Mallory',
      status: 'closed',
      'email-0': 'mallory@example.com',
      'email-1': 'second@example.com',
      'confirmed-1': 'on',
      'email-2': '',
      primary: '1',
      [`workspace-${workspace('acme').uuid}`]: '',
      [`workspace-${workspace('elsewhere').uuid}`]: 'create-project',
      [`repository-${infra?.uuid}`]: 'write',
    });
    expect(world().users.get(uuid)).toMatchObject({
      display_name: 'Mallory',
      account_status: 'closed',
      emails: [
        { email: 'mallory@example.com', is_primary: false, is_confirmed: false },
        { email: 'second@example.com', is_primary: true, is_confirmed: true },
      ],
    });
    expect(world().standings.get(`${uuid} ${workspace('acme').uuid}`)).toBeUndefined();
    expect(world().standings.get(`${uuid} ${workspace('elsewhere').uuid}`)).toBe('create-project');
    expect(world().grants.get(`${uuid} ${infra?.uuid}`)).toBe('write');
    expect((await get('/dev/people')).body).toContain('write on acme/infra');
    await post('/dev/people', { person: uuid, name: HOSTILE_NAME, 'email-0': 'no address' });
    expect(world().users.get(uuid)?.display_name).toBe('Mallory');
  });

  it('add and remove people, workspaces and repositories', async () => {
    await post('/dev/people/add', { name: 'Zoë Zed', email: 'zoe@example.com' });
    const zoe = [...world().users.values()].find(({ display_name }) => display_name === 'Zoë Zed');
    expect(zoe?.emails).toEqual([
      { email: 'zoe@example.com', is_primary: true, is_confirmed: true },
    ]);
    await post('/dev/people/add', { name: 'Nobody', email: 'nothing' });
    await post('/dev/people/remove', { person: zoe?.uuid ?? '' });
    expect([...world().users.values()].map(({ display_name }) => display_name)).not.toEqual(
      expect.arrayContaining(['Zoë Zed', 'Nobody']),
    );
    await post('/dev/workspaces/add', { slug: 'beta' });
    await post('/dev/workspaces/add', { slug: 'Not A Slug' });
    await post('/dev/repositories/add', { workspace: workspace('beta').uuid, slug: 'site' });
    const { body } = await get('/dev/people');
    expect(body).toContain('<code>beta/site</code>');
    expect(body).not.toContain('Not A Slug');
  });

  it('save the policy, which acts at the next login, and not what cannot be read', async () => {
    const settings = started.policy();
    const saved = await post('/dev/policy', { ...settings, ALLOWED_WORKSPACES: 'elsewhere' });
    expect(saved.status).toBe(303);
    expect((await signIn('nora')).kind).toBe('allowed');
    const wrong = { ...settings, ALLOWED_WORKSPACES: 'acme, acme:boss', ROLES: 'admin' };
    const refused = await post('/dev/policy', wrong);
    expect(refused.status).toBe(422);
    expect(refused.body).toContain('acme, acme:boss</textarea>');
    expect(refused.body).toContain('rule 2 has an unknown permission');
    expect(refused.body).toContain('role 1 has no =; write role=rule');
    expect(started.policy()).toMatchObject({ ALLOWED_WORKSPACES: 'elsewhere' });
    await post('/dev/policy', settings);
    expect(started.policy()).toEqual(settings);
  });

  it('save an application: its callbacks, its own list, and whether the connection is enabled', async () => {
    const { store } = started.sandbox.tenant;
    const form = { application: 'local-web', enabled: 'on', callbacks: APPLICATION_CALLBACK };
    await post('/dev/applications', { ...form, bitbucket_allowed_workspaces: 'elsewhere' });
    const [connection] = store.connections.values();
    expect(store.clients.get('local-web')?.client_metadata).toEqual({
      bitbucket_allowed_workspaces: 'elsewhere',
    });
    expect(store.enabledClients.get(connection?.id ?? '')).toContain('local-web');
    const wrong = await post('/dev/applications', {
      ...form,
      bitbucket_allowed_workspaces: '*, a',
    });
    expect(wrong.status).toBe(422);
    await post('/dev/applications', { application: 'local-web', callbacks: APPLICATION_CALLBACK });
    expect(store.clients.get('local-web')?.client_metadata).toEqual({});
    expect(store.enabledClients.get(connection?.id ?? '')).not.toContain('local-web');
  });

  it('tell while typing what is wrong, and what the rules mean', async () => {
    const check = async (name: string, text: string) =>
      JSON.parse((await post('/dev/check', { name, text })).body);
    expect(await check('ALLOWED_WORKSPACES', 'acme, ,')).toEqual({
      ok: false,
      html: '<p class="bad">rule 2 is empty</p>',
    });
    expect(await check('ROLES', 'admin=acme:owner')).toEqual({
      ok: true,
      html: '<ul><li>admin: owners of the workspace acme</li></ul>',
    });
    expect(await check('RECHECK_AFTER_MINUTES', '1.5')).toMatchObject({ ok: false });
    expect(await check('bitbucket_allowed_workspaces', '')).toEqual({ ok: true, html: '' });
  });

  it('take somebody out of a workspace and put them back as they were', async () => {
    const fields = { person: started.people.olivia.uuid, workspace: workspace('acme').uuid };
    const key = `${fields.person} ${fields.workspace}`;
    await post('/dev/standing', { ...fields, does: 'leave' });
    expect(world().standings.has(key)).toBe(false);
    await post('/dev/standing', { ...fields, does: 'return' });
    expect(world().standings.get(key)).toBe('owner');
  });

  it('break each call in each way, and mend it', async () => {
    const { body } = await get('/');
    for (const name of FAULT_NAMES) expect(body).toContain(`<option value="${name}"`);
    const { faults } = started.sandbox.tenant;
    await post('/dev/break', { call: 'Management user', fault: '404 in HTML' });
    expect(faults.take('/api/v2/users/{id}')).toMatchObject({ reply: { status: 404 } });
    await post('/dev/mend', {});
    expect(faults.take('/api/v2/users/{id}')).toBeUndefined();
    await post('/dev/break', { call: 'nothing', fault: '503' });
    expect((await get('/')).body).not.toContain('Broken:');
  });

  it('move the clock of tenant and page, and bring it back', async () => {
    await post('/dev/clock', { minutes: '1500' });
    expect((await get('/')).body).toContain('Clock <strong>1 d 1 h</strong> ahead');
    await post('/dev/clock', { minutes: 'now' });
    expect((await get('/')).body).not.toContain('Clock <strong>');
  });

  it('move it for the Actions too: a sign-in is one of now, whatever the clock says', async () => {
    await post('/dev/clock', { minutes: '1500' });
    await signIn('olivia');
    await signIn('olivia');
    const [again] = await readLogins();
    await post('/dev/clock', { minutes: 'now' });
    const paths = again.steps[0].requests.map((one: { path: string }) => one.path);
    expect(paths).toContain('/2.0/user');
    expect(JSON.parse(again.steps[0].log)).toMatchObject({ outcome: 'allowed', source: 'live' });
  });

  it('hand out the world as a file', async () => {
    const { headers, body } = await get('/dev/world.yaml');
    expect(headers['content-disposition']).toBe('attachment; filename="world.yaml"');
    expect(body).toBe('people: []\n');
  });
});
