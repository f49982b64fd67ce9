/** What happens to a person, to Bitbucket and to the clock. */
import { ALL_CALLS, CALL_NAMES, FAULT_NAMES } from '../state.ts';
import { done, type FormHandler } from './answer.ts';

export const expire: FormHandler = (visit) => {
  const { bitbucket } = visit.state.ports.sandbox;
  const person = visit.state.ports.world.users.get(visit.form.get('person') ?? '');
  if (person === undefined) return done(visit, 'Nobody was named.');
  bitbucket.expireAccessTokens(person.uuid);
  return done(visit, `The Bitbucket token of ${person.display_name} has expired.`);
};

/** Out of a workspace, or back into it as before. */
export const changeStanding: FormHandler = (visit) => {
  const { ports, formerStandings } = visit.state;
  const { users, workspaces, standings } = ports.world;
  const person = users.get(visit.form.get('person') ?? '');
  const workspace = workspaces.get(visit.form.get('workspace') ?? '');
  if (person === undefined || workspace === undefined) return done(visit, 'Nobody was named.');
  const key = `${person.uuid} ${workspace.uuid}`;
  if (visit.form.get('does') === 'leave') {
    const standing = standings.get(key);
    if (standing !== undefined) formerStandings.set(key, standing);
    standings.delete(key);
    return done(visit, `${person.display_name} is no longer in ${workspace.slug}.`);
  }
  standings.set(key, formerStandings.get(key) ?? 'member');
  formerStandings.delete(key);
  return done(visit, `${person.display_name} is in ${workspace.slug} again.`);
};

export const breakCall: FormHandler = (visit) => {
  const call = [ALL_CALLS, ...CALL_NAMES].find((name) => name === visit.form.get('call'));
  const fault = FAULT_NAMES.find((name) => name === visit.form.get('fault'));
  if (call === undefined || fault === undefined) return done(visit, 'There is no such fault.');
  visit.state.breakage.set(call as (typeof CALL_NAMES)[number] | typeof ALL_CALLS, fault);
  return done(visit, `Broken: ${call}, ${fault}.`);
};

export const mend: FormHandler = (visit) => {
  visit.state.breakage.clear();
  return done(visit, 'Nothing is broken any more.');
};

const MOST_MINUTES = 366 * 24 * 60;

export const moveClock: FormHandler = (visit) => {
  const { clock } = visit.state.ports;
  const wanted = visit.form.get('minutes') ?? '';
  if (wanted === 'now') {
    clock.moveBy(-clock.aheadMs());
    return done(visit, 'It is now again.');
  }
  const minutes = Number(wanted);
  if (!Number.isInteger(minutes) || Math.abs(minutes) > MOST_MINUTES) {
    return done(visit, 'The clock moves by whole minutes, at most a year.');
  }
  clock.moveBy(minutes * 60_000);
  return done(visit, 'The clock has moved, for the tenant, Bitbucket and the Actions.');
};

export const reset: FormHandler = async (visit) => {
  await visit.state.ports.reset();
  return done(visit, 'Everything is as it was at the start.');
};
