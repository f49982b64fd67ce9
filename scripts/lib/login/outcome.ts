/** What came of a sign-in. Types only. */

export type Claims = Readonly<Record<string, unknown>>;

export type Outcome =
  | { readonly kind: 'let_in' /** Of the ID token, all of them. */; readonly claims: Claims }
  | {
      readonly kind: 'refused';
      /** Of the refusal, where it is one of this package's Actions. */
      readonly code: string | undefined;
      /** For the person, without the code. */
      readonly sentence: string;
    };

export interface Report {
  readonly application: { readonly name: string; readonly clientId: string };
  readonly signIn: Outcome;
  /** Of the refresh token exchange, where it was asked for. */
  readonly refresh?: Outcome;
}
