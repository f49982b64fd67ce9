/** Which outcomes the contract allows an Action: `in`, or the codes of a refusal. */
import type { ActionName } from '../flow.ts';
import { accountNamed, usersOf } from './known.ts';
import { isEnough, type Policy, type Rule } from './policy.ts';
import { allCodes, type Possible, possible, type View } from './view.ts';

const NOT_IN = 'bitbucket_workspace_required';
const NOT_CONFIRMED = 'bitbucket_email_unverified';
const MISCONFIGURED = 'bitbucket_misconfigured';
const REFUSALS = [
  NOT_IN,
  NOT_CONFIRMED,
  MISCONFIGURED,
  'bitbucket_unavailable',
  'bitbucket_login_required',
];

export function allowedOutcomes(
  action: ActionName,
  view: View,
  policy: Policy,
  email: string | undefined,
): ReadonlySet<string> {
  if (policy.isWrong) return new Set([MISCONFIGURED]);
  const { states, codes } = accountStates(view);
  const decide = action === 'email' ? decideEmail : decideWorkspaces;
  // Whose login it is cannot be told, and that they are out can: even the Action that asks for the
  // address may tell the person so.
  const canBeOut = policy.rules.every((rule) => judgeRule(view, rule).values.includes('no'));
  const more = states.includes('?') && !view.isSignIn && canBeOut ? [NOT_IN] : [];
  const found = states.flatMap((state) => decide({ view, policy, email, state, codes }));
  return new Set([...found, ...more]);
}

interface Question {
  readonly view: View;
  readonly policy: Policy;
  readonly email: string | undefined;
  readonly state: string;
  /** Of the account, where it cannot be told. */
  readonly codes: readonly string[];
}

/** `ok`, `inactive`, `another`, `?`. */
function accountStates(view: View): { states: readonly string[]; codes: readonly string[] } {
  const { before, after, heard } = view;
  const named = accountNamed(heard);
  if (named !== undefined) {
    if (before.account !== undefined && named.uuid !== before.account) {
      return { states: ['another'], codes: [] };
    }
    return { states: [named.isActive ? 'ok' : 'inactive'], codes: [] };
  }
  const { values, codes } = possible(view, 'account');
  const states = new Set(
    values.map((value) => (value === '?' || value === 'inactive' ? value : 'ok')),
  );
  // Not named by /2.0/user, but by the answers about workspaces: this may be seen, or not.
  if (usersOf(heard).some((uuid) => after.account !== undefined && uuid !== after.account)) {
    return { states: ['another', '?'], codes };
  }
  // An outage while another account is behind the identity may be told as either.
  const more = before.isSuspended ? [MISCONFIGURED] : [];
  // Of two troubles the graver may be told: that a permission is missing.
  if (allCodes(view).includes(MISCONFIGURED)) more.push(MISCONFIGURED);
  return { states: [...states], codes: [...codes, ...more] };
}

function decideWorkspaces({ view, policy, state, codes }: Question): readonly string[] {
  if (state === 'another') return [MISCONFIGURED];
  // "`account_status` other than `active` is a no where Bitbucket says it": its code is open.
  if (state === 'inactive') return REFUSALS;
  const told = policy.rules.map((rule) => judgeRule(view, rule));
  const canBeNo = told.every(({ values }) => values.includes('no'));
  // Not in, whoever it is; or who it is could not be told.
  const saidNo = view.heard.some(
    ({ answer }) =>
      (answer?.of === 'member' && !answer.isMember) ||
      (answer?.of === 'repository' && answer.permission === 'none') ||
      answer?.of === 'list',
  );
  const unknown = told.flatMap(({ values, codes: own }) => (values.includes('?') ? own : []));
  if (state === '?') return [...codes, ...unknown, ...(canBeNo || saidNo ? [NOT_IN] : [])];
  const outcomes: string[] = [];
  if (told.some(({ values }) => values.includes('yes'))) outcomes.push('in');
  // "Rules are alternatives: one that is satisfied is enough, even when another could not be
  // looked up."
  if (told.some(({ values }) => values.length === 1 && values[0] === 'yes')) return outcomes;
  if (canBeNo) outcomes.push(NOT_IN);
  return [...outcomes, ...unknown];
}

function decideEmail({ view, policy, email, state, codes }: Question): readonly string[] {
  if (state === 'another') return [MISCONFIGURED];
  if (!policy.isEmailRequired) {
    // "unless told not to": whether an inactive account, or nobody known, is let in is open.
    if (state === 'ok') return ['in'];
    return ['in', ...(state === '?' ? codes : REFUSALS)];
  }
  if (state === 'inactive') return REFUSALS;
  // Without a sign-in, whether an older look at the account is enough for the address is open:
  // "a permission that is known keeps its own age, and so does the address, which stands for
  // EMAIL_RECHECK_AFTER_DAYS".
  const isBound = !view.isSignIn && view.before.account !== undefined && !view.after.isSuspended;
  const mayBeOk = state === 'ok' || isBound;
  // Auth0 holds no address: nothing of Bitbucket's could confirm it.
  if (email === undefined) {
    return [NOT_CONFIRMED, MISCONFIGURED, ...codes, ...possible(view, 'address ').codes];
  }
  const address = possible(view, `address ${email.toLowerCase()}`);
  const outcomes = address.values.flatMap((value) => {
    if (value === 'unconfirmed') return [NOT_CONFIRMED, ...(address.isOld ? address.codes : [])];
    if (value === '?') return address.codes;
    return mayBeOk ? ['in'] : [];
  });
  const saidNo = view.heard.some(({ answer }) => answer?.of === 'emails');
  if (state === 'ok') return outcomes;
  return [...codes, ...outcomes, ...(saidNo ? [NOT_CONFIRMED] : [])];
}

/** `yes`, `no` and `?`, as many as are allowed. */
export function judgeRule(view: View, rule: Rule): Possible {
  if (rule.of === 'any') return judgeAny(view, rule);
  if (rule.of === 'account') {
    const account = accountNamed(view.heard)?.uuid ?? view.after.account;
    return { values: [account === rule.uuid ? 'yes' : 'no'], codes: [] };
  }
  if (rule.of === 'repository') return answersTo(rule, possible(view, `repository ${rule.name}`));
  const member = possible(view, `member ${rule.name}`);
  const permission = possible(view, `permission ${rule.name}`);
  const isIn = answersTo(rule, member);
  if (rule.least === 'member') return isIn;
  const level = answersTo(rule, permission);
  const values = isIn.values.flatMap((value) => {
    if (value === 'no') return ['no'];
    return value === 'yes' ? level.values : level.values.map((one) => (one === 'no' ? 'no' : '?'));
  });
  return { values: [...new Set(values)], codes: [...isIn.codes, ...level.codes] };
}

function answersTo(rule: Rule, { values, codes, isOld }: Possible): Possible {
  const answers = values.map((value) => {
    if (value === 'yes' || value === 'no' || value === '?') return value;
    return isEnough(rule, value) ? 'yes' : 'no';
  });
  return { values: isOld && answers.includes('no') ? [...answers, '?'] : answers, codes };
}

/** `*`: listed is enough; so is a membership that was answered otherwise. */
function judgeAny(view: View, rule: Rule): Possible {
  const any = answersTo(rule, possible(view, 'any'));
  const isLive = (view.after.facts.get('any')?.began ?? 0) >= view.liveFrom;
  if (isLive) return any;
  const members = [...view.after.facts.keys()].filter((thing) => thing.startsWith('member '));
  const isMember = members.some((thing) => possible(view, thing).values.includes('yes'));
  return isMember ? { ...any, values: [...new Set([...any.values, 'yes', '?'])] } : any;
}
