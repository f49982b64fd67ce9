/**
 * What a person's browser does in a sign-in, without a screen: follows redirects, keeps cookies by
 * their path, and presses the button on Bitbucket's consent page.
 */
import axios from 'axios';

export interface Browser {
  /**
   * Opens `url` and goes on until it is sent to `callbackUrl`; gives the address it ends at.
   * `userUuid` is who the consent page is told, where it is not the person whose browser it is.
   */
  open(url: URL, callbackUrl: string, userUuid?: string): Promise<URL>;
  /** One request, or a form that is sent, with the cookies that there are; follows no redirect. */
  visit(url: URL, form?: URLSearchParams): Promise<BrowserPage>;
}

export interface BrowserPage {
  readonly status: number;
  /** Where it is redirected to. */
  readonly location: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export interface BrowserOptions {
  /** The Bitbucket account of the person, and whether they consent. */
  readonly userUuid: string;
  readonly decision?: 'grant' | 'deny';
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

const MOST_STEPS = 15;
const CONSENT_PATH = '/site/oauth2/authorize';

/** Its cookies stay from one `open` to the next: that is what single sign-on lives on. */
export function createBrowser({ userUuid, decision = 'grant' }: BrowserOptions): Browser {
  let cookies: readonly Cookie[] = [];

  const send = async (url: URL, form?: URLSearchParams) => {
    const matching = cookies.filter((cookie) => isUnder(url.pathname, cookie.path));
    const response = await axios.request({
      method: form === undefined ? 'GET' : 'POST',
      url: url.href,
      data: form,
      maxRedirects: 0,
      validateStatus: () => true,
      responseType: 'text',
      headers: { Cookie: matching.map(({ name, value }) => `${name}=${value}`).join('; ') },
    });
    for (const line of response.headers['set-cookie'] ?? []) cookies = withCookie(cookies, line);
    return response;
  };

  return {
    visit: async (url, form) => {
      const { status, headers, data } = await send(url, form);
      return { status, location: headers.location, headers: { ...headers }, body: data };
    },
    open: async (start, callbackUrl, user = userUuid) => {
      let url = start;
      for (let step = 0; step < MOST_STEPS; step += 1) {
        if (url.href.startsWith(callbackUrl)) return url;
        let response = await send(url);
        if (response.status === 200 && url.pathname === CONSENT_PATH) {
          response = await send(url, new URLSearchParams({ user, decision }));
        }
        const location = response.headers.location;
        if (typeof location !== 'string') {
          throw new Error(
            `The sign-in stopped at ${url.origin}${url.pathname}: ${response.status}`,
          );
        }
        url = new URL(location, url);
      }
      throw new Error(`The sign-in was redirected more than ${MOST_STEPS} times`);
    },
  };
}

/** The cookies after a Set-Cookie header; one that has expired is removed. */
function withCookie(cookies: readonly Cookie[], line: string): readonly Cookie[] {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const name = pair.slice(0, pair.indexOf('='));
  const value = pair.slice(pair.indexOf('=') + 1);
  const attribute = (wanted: string) =>
    attributes
      .find((text) => text.toLowerCase().startsWith(`${wanted}=`))
      ?.slice(wanted.length + 1);
  const path = attribute('path') ?? '/';
  const others = cookies.filter((cookie) => cookie.name !== name || cookie.path !== path);
  const expires = Date.parse(attribute('expires') ?? '');
  return expires < Date.now() ? others : [...others, { name, value, path }];
}

function isUnder(pathname: string, path: string): boolean {
  return path === '/' || pathname === path || pathname.startsWith(`${path}/`);
}
