/** Why somebody is not let in, and what they read then. No I/O, no clock, no `api`. */

export type RefusalCode =
  | 'bitbucket_email_unverified'
  | 'bitbucket_workspace_required'
  | 'bitbucket_login_required'
  | 'bitbucket_unavailable'
  | 'bitbucket_misconfigured';

/** Which sentence of its code a person can do most with, where there are several. */
export type Circumstance = 'no_address' | 'address_of_another_account' | 'inactive_account';

/** A refusal is a value. `cause` is for the admin's log; the person sees only the sentence. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly cause: string;
  readonly circumstance?: Circumstance;
}

/** What `api.access.deny` is given: it reaches the application and perhaps the browser. */
export function describeRefusal({ code, circumstance }: Refusal): string {
  return `${code}: ${circumstance === undefined ? sentenceOf(code) : sentenceIn(circumstance)}`;
}

function sentenceOf(code: RefusalCode): string {
  switch (code) {
    case 'bitbucket_email_unverified':
      return 'Your e-mail address is not confirmed at Bitbucket. Confirm it in your Bitbucket settings, then sign in again.';
    case 'bitbucket_workspace_required':
      return 'Your Bitbucket account is not in a workspace that may use this application. Ask your administrator, then sign in again.';
    case 'bitbucket_login_required':
      return 'Your Bitbucket sign-in has expired. Sign in with Bitbucket again.';
    case 'bitbucket_unavailable':
      return 'Your Bitbucket account could not be checked just now. Try again in a few minutes.';
    case 'bitbucket_misconfigured':
      return 'Signing in with Bitbucket is not set up correctly. Please tell your administrator.';
  }
}

function sentenceIn(circumstance: Circumstance): string {
  switch (circumstance) {
    case 'no_address':
      return 'Your account here has no e-mail address. Confirm one in your Bitbucket settings, then sign in again.';
    case 'address_of_another_account':
      return 'The e-mail address of your account here is not a confirmed address of your Bitbucket account. Add it and confirm it in your Bitbucket settings, then sign in again.';
    case 'inactive_account':
      return 'Your Bitbucket account is not active. Ask your administrator, or sign in with another account.';
  }
}
