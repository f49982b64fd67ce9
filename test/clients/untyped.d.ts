/** What is used of clients that come without types. */
declare module 'passport' {
  import type { RequestHandler } from 'express';

  interface Passport {
    use(strategy: object): void;
    authenticate(name: string, options: object): RequestHandler;
  }
  const passport: Passport;
  export default passport;
}

declare module 'passport-auth0' {
  interface Options {
    readonly domain: string;
    readonly clientID: string;
    readonly clientSecret: string;
    readonly callbackURL: string;
  }
  type Verify = (
    accessToken: string,
    refreshToken: string | undefined,
    extra: { readonly scope: string },
    profile: object,
    done: (error: Error | null, user: object) => void,
  ) => void;
  export default class Auth0Strategy {
    constructor(options: Options, verify: Verify);
  }
}
