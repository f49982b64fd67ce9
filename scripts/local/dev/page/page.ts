/**
 * The page of `npm run dev`: `/`, and what is below `/dev/`. People change things by forms, which
 * are answered with a redirect; programs by the JSON routes.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { UserError } from '#scripts/lib/cli/report-error.ts';
import { readBody } from '#scripts/local/net/exchange.ts';
import type { PageHandler } from '#scripts/local/tenant/tenant.ts';
import { checkSetting } from './check.ts';
import type { FormHandler } from './forms/answer.ts';
import { beginLogin, finishLogin, refresh, signOut } from './forms/login.ts';
import {
  addPerson,
  createRepository,
  createWorkspace,
  removePerson,
  savePerson,
} from './forms/people.ts';
import { saveApplication, savePolicy } from './forms/policy.ts';
import { breakCall, changeStanding, expire, mend, moveClock, reset } from './forms/what-if.ts';
import { findIntruder } from './guard.ts';
import { html } from './html.ts';
import { describeLogin } from './logins.ts';
import { CALLBACK, ensureOwnApplication } from './own-application.ts';
import type { PagePorts } from './ports.ts';
import { data, file, type PageReply, page, seeOther, send } from './reply.ts';
import { createState, type Visit } from './state.ts';
import { renderApplications } from './views/applications.ts';
import { renderSaid } from './views/field.ts';
import { renderHome, renderList } from './views/home.ts';
import { layout } from './views/layout.ts';
import { renderPeople } from './views/people.ts';
import { renderPolicy } from './views/policy.ts';

const asset = (name: string) => readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8');

/** By method and path. */
const ROUTES: Readonly<Record<string, FormHandler>> = {
  'GET /': (visit) => page(renderHome(visit)),
  'GET /dev/people': (visit) => page(renderPeople(visit)),
  'GET /dev/policy': (visit) => page(renderPolicy(visit)),
  'GET /dev/applications': (visit) => page(renderApplications(visit)),
  'GET /dev/page.css': () => file('text/css', asset('page.css')),
  'GET /dev/page.js': () => file('text/javascript', asset('page.js')),
  'GET /dev/world.yaml': ({ state }) =>
    file('application/yaml', state.ports.exportWorld(), 'world.yaml'),
  'GET /dev/logins': ({ state }) => data({ logins: state.logins.list().map(describeLogin) }),
  'GET /dev/news': tellNews,
  [`GET ${CALLBACK}`]: finishLogin,
  'POST /dev/login': beginLogin,
  'POST /dev/refresh': refresh,
  'POST /dev/sign-out': signOut,
  'POST /dev/expire': expire,
  'POST /dev/standing': changeStanding,
  'POST /dev/break': breakCall,
  'POST /dev/mend': mend,
  'POST /dev/clock': moveClock,
  'POST /dev/people': savePerson,
  'POST /dev/people/add': addPerson,
  'POST /dev/people/remove': removePerson,
  'POST /dev/workspaces/add': createWorkspace,
  'POST /dev/repositories/add': createRepository,
  'POST /dev/policy': savePolicy,
  'POST /dev/applications': saveApplication,
  'POST /dev/check': ({ form }) => {
    const { mistake, means } = checkSetting(form.get('name') ?? '', form.get('text') ?? '');
    return data({ ok: mistake === undefined, html: renderSaid(mistake, means).text });
  },
};

export function createPage(ports: PagePorts): PageHandler {
  const state = createState(ports);
  const { tenant, bitbucket } = ports.sandbox;
  return async (request, response, url) => {
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
    const refusal = findIntruder({ method, headers: request.headers }, tenant.port);
    if (refusal !== undefined) {
      send(response, { status: 403, headers: {}, body: `${refusal}\n` }, []);
      return true;
    }
    if (method === 'GET' && !(request.headers.host ?? '').startsWith('localhost:')) {
      // Its cookie and its callback are at one name.
      send(response, seeOther(tenant.origin + url.pathname + url.search), []);
      return true;
    }
    ensureOwnApplication(tenant.store, tenant.origin);
    const session = state.sessions.open(request.headers.cookie);
    const visit = { state, session, url, form: await readForm(request, method) };
    const reply = await answer(`${method} ${url.pathname}`, visit, request).catch((error) =>
      tellError(visit, error),
    );
    send(response, reply, [bitbucket.origin], state.sessions.keep(session));
    return true;
  };
}

async function answer(route: string, visit: Visit, request: IncomingMessage): Promise<PageReply> {
  if (route === 'POST /dev/reset') {
    if (isFromForm(request)) return reset(visit);
    await visit.state.ports.reset();
    return data({ ok: true });
  }
  const handler = ROUTES[route];
  if (handler !== undefined) return handler(visit);
  const path = visit.url.pathname;
  const isKnown = Object.keys(ROUTES).some((known) => known.endsWith(` ${path}`));
  const said = isKnown ? 'This is not how it is asked.' : 'There is nothing here.';
  const status = isKnown ? 405 : 404;
  return page(layout(visit, 'Not found', html`<p>${said}</p>`), status);
}

/** What the policy's keeper refuses is for whoever typed it; anything else is a fault of ours. */
function tellError(visit: Visit, error: unknown): PageReply {
  const isTheirs = error instanceof UserError;
  const said = isTheirs ? error.message : 'That went wrong here. The tenant goes on.';
  return page(layout(visit, 'Not done', html`<p>${said}</p>`), isTheirs ? 422 : 500);
}

/** What the script asks while the page is looked at: whether there are logins that it has not. */
function tellNews(visit: Visit): PageReply {
  const { logins } = visit.state;
  const newest = logins.newestId();
  if (Number(visit.url.searchParams.get('after')) === newest) {
    return { status: 204, headers: {}, body: '' };
  }
  const shown = Number(visit.url.searchParams.get('shown'));
  return data({ newest, html: renderList(visit, shown).text });
}

function isFromForm({ headers }: IncomingMessage): boolean {
  return String(headers['content-type']).startsWith('application/x-www-form-urlencoded');
}

async function readForm(request: IncomingMessage, method: string): Promise<URLSearchParams> {
  if (method !== 'POST') return new URLSearchParams();
  const body = await readBody(request);
  return new URLSearchParams(isFromForm(request) ? body : '');
}
