/** Why somebody is not let in, and what they read then. No I/O, no clock, no `api`. */

export type RefusalCode =
  | 'bitbucket_email_unverified'
  | 'bitbucket_workspace_required'
  | 'bitbucket_login_required'
  | 'bitbucket_unavailable'
  | 'bitbucket_misconfigured';

/** A refusal is a value. `cause` is for the admin's log; the person sees only the sentence. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly cause: string;
}

/** What `api.access.deny` is given: it reaches the application and perhaps the browser. */
export function describeRefusal(code: RefusalCode): string {
  return `${code}: ${sentenceOf(code)}`;
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
