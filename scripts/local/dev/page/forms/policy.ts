/** The policy of the tenant and of an application. What the Actions could not read is not taken. */
import { findCallbackMistake } from '#scripts/local/tenant/callback-mistake.ts';
import { checkSetting } from '../check.ts';
import { page } from '../reply.ts';
import { SETTINGS } from '../settings.ts';
import { OWN_POLICY, renderApplications } from '../views/applications.ts';
import { renderPolicy } from '../views/policy.ts';
import { done, type FormHandler } from './answer.ts';

const UNPROCESSABLE = 422;

export const savePolicy: FormHandler = async (visit) => {
  const { policy } = visit.state.ports;
  const typed = readFields(
    visit.form,
    SETTINGS.map(({ name }) => name),
  );
  const wrong = SETTINGS.filter(({ name }) => checkSetting(name, typed[name] ?? '').mistake);
  if (wrong.length > 0) {
    visit.session.notice = `Not saved. Something is wrong with: ${wrong.map(({ label }) => label).join(', ')}.`;
    return page(renderPolicy(visit, typed), UNPROCESSABLE);
  }
  const set = Object.entries(typed).filter(([, value]) => value.trim() !== '');
  const others = Object.entries(policy.read()).filter(([name]) => !(name in typed));
  await policy.write(Object.fromEntries([...others, ...set]));
  return done(visit, 'The policy is saved. It acts at the next login.', '/dev/policy');
};

export const saveApplication: FormHandler = (visit) => {
  const { store } = visit.state.ports.sandbox.tenant;
  const { form } = visit;
  const client = store.clients.get(form.get('application') ?? '');
  if (client === undefined) return done(visit, 'No application was named.', '/dev/applications');
  const typed = readFields(
    form,
    OWN_POLICY.map(({ name }) => name),
  );
  const callbacks = (form.get('callbacks') ?? '').split(/\s+/).filter((line) => line !== '');
  const isNative = client.app_type === 'native';
  const [unusable] = (callbacks.length === 0 ? [''] : callbacks).flatMap((line) => {
    const mistake = findCallbackMistake(line, isNative);
    if (line === '') return ['it needs a callback'];
    return mistake === undefined ? [] : [`${line} ${mistake}`];
  });
  const wrong = OWN_POLICY.filter(({ name }) => checkSetting(name, typed[name] ?? '').mistake);
  if (wrong.length > 0 || unusable !== undefined) {
    visit.session.notice =
      unusable === undefined ? 'Not saved: see below.' : `Not saved: ${unusable}.`;
    const values = { ...client.client_metadata, ...typed };
    return page(renderApplications(visit, { clientId: client.client_id, values }), UNPROCESSABLE);
  }
  client.callbacks = callbacks;
  const others = Object.entries(client.client_metadata ?? {}).filter(([name]) => !(name in typed));
  const set = Object.entries(typed).filter(([, value]) => value.trim() !== '');
  client.client_metadata = Object.fromEntries([...others, ...set]);
  for (const { id, strategy } of store.connections.values()) {
    if (strategy !== 'bitbucket') continue;
    const enabled = store.enabledClients.get(id);
    if (form.has('enabled')) enabled?.add(client.client_id);
    else enabled?.delete(client.client_id);
  }
  return done(visit, `${client.name} is saved.`, '/dev/applications');
};

function readFields(
  form: URLSearchParams,
  names: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, form.get(name) ?? '']));
}
