/** What a person reads who is not let in. */
import { expect, test } from 'vitest';
import { describeRefusal, type Refusal } from '#actions/lib/policy/refusal.ts';

const refusalOf = (code: Refusal['code'], circumstance?: Refusal['circumstance']): Refusal => ({
  code,
  cause: 'it',
  ...(circumstance === undefined ? {} : { circumstance }),
});

test.each<[Refusal['code'], string]>([
  [
    'bitbucket_email_unverified',
    'Your e-mail address is not confirmed at Bitbucket. Confirm it in your Bitbucket settings, then sign in again.',
  ],
  [
    'bitbucket_workspace_required',
    'Your Bitbucket account is not in a workspace that may use this application. Ask your administrator, then sign in again.',
  ],
  ['bitbucket_login_required', 'Your Bitbucket sign-in has expired. Sign in with Bitbucket again.'],
  [
    'bitbucket_unavailable',
    'Your Bitbucket account could not be checked just now. Try again in a few minutes.',
  ],
  [
    'bitbucket_misconfigured',
    'Signing in with Bitbucket is not set up correctly. Please tell your administrator.',
  ],
])('%s is said so', (code, sentence) => {
  expect(describeRefusal(refusalOf(code))).toBe(`${code}: ${sentence}`);
});

test.each<[Refusal['code'], NonNullable<Refusal['circumstance']>, RegExp]>([
  ['bitbucket_email_unverified', 'no_address', /has no e-mail address/],
  ['bitbucket_email_unverified', 'address_of_another_account', /Add it and confirm it/],
  ['bitbucket_workspace_required', 'inactive_account', /is not active/],
])('%s says what can be done about %s', (code, circumstance, sentence) => {
  const said = describeRefusal(refusalOf(code, circumstance));
  expect(said).toMatch(new RegExp(`^${code}: [A-Z]`));
  expect(said).toMatch(sentence);
});
