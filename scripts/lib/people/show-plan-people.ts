/** Whom a plan concerns, for people and for programs. Values in, text out. */
import { styleText } from 'node:util';
import { toHarmless } from '../cli/harmless.ts';
import type { ConcernedPerson, PeoplePlan } from './plan-people.ts';
import { writeAge, writeTime } from './times.ts';

/** Before a first deploy that is everybody. */
const MOST_UNTOLD = 20;

export function renderPlanPeople(plan: PeoplePlan): string {
  const { total, newlyRefused, newlyLetIn, cannotTell, nowMs } = plan;
  const unchanged = total - newlyRefused.length - newlyLetIn.length - cannotTell.length;
  const untold = cannotTell.length - MOST_UNTOLD;
  return [
    `People: ${newlyRefused.length} newly refused, ${newlyLetIn.length} newly let in, ${cannotTell.length} cannot be told, ${unchanged} as at their last login.`,
    ...newlyRefused.map((one) => `${styleText('red', '✖')} ${render(one, nowMs)}`),
    ...newlyLetIn.map((one) => `${styleText('green', '✔')} ${render(one, nowMs)}`),
    ...cannotTell
      .slice(0, MOST_UNTOLD)
      .map((one) => `${styleText('yellow', '?')} ${render(one, nowMs)}`),
    ...(untold > 0 ? [`  and ${untold} more of whom it cannot be told; --json names all.`] : []),
  ].join('\n');
}

function render({ name, reason, last, lastLook }: ConcernedPerson, nowMs: number): string {
  const before =
    last === undefined
      ? 'no login is known'
      : `${last.code ?? 'let in'} ${writeAge(nowMs - last.at)} ago`;
  const seen = lastLook === undefined ? '' : `, seen ${writeAge(nowMs - lastLook)} ago`;
  return toHarmless(`${name}: ${reason} (before: ${before}${seen})`);
}

export function planPeopleToPlain({ total, newlyRefused, newlyLetIn, cannotTell }: PeoplePlan) {
  return {
    total,
    newlyRefused: newlyRefused.map(toPlain),
    newlyLetIn: newlyLetIn.map(toPlain),
    cannotTell: cannotTell.map(toPlain),
  };
}

function toPlain({ user, reason, last, lastLook }: ConcernedPerson) {
  return {
    user_id: user.userId,
    name: user.name ?? null,
    email: user.email ?? null,
    reason,
    last_login: last === undefined ? null : { at: writeTime(last.at), code: last.code ?? null },
    last_look: writeTime(lastLook) || null,
  };
}
