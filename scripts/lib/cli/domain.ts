/** `AUTH0_DOMAIN`: the tenant's own domain. Text in, values out. */

export type ParsedDomain =
  | { readonly ok: true; readonly domain: string }
  | { readonly ok: false; readonly fault: string };

const HOST = /^(?=.{1,253}(?::|$))[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/;

/** `host` or `host:port`, in lower case: Auth0 compares the audience that is made of it exactly. */
export function parseTenantDomain(text: string): ParsedDomain {
  const domain = text.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  if (domain === '') {
    return { ok: false, fault: 'AUTH0_DOMAIN is not set: the tenant, like my-team.eu.auth0.com' };
  }
  if (HOST.test(domain) && URL.canParse(`https://${domain}`)) return { ok: true, domain };
  const fault = 'AUTH0_DOMAIN must be a bare host name, without https:// and without a path';
  const url = /^https?:\/\//.test(domain) ? domain : `https://${domain}`;
  const host = URL.canParse(url) ? new URL(url).host : '';
  return { ok: false, fault: HOST.test(host) ? `${fault}: write ${host}` : fault };
}

/**
 * What to say of a domain that is perhaps a custom domain, on which there is no Management API;
 * `undefined` for one that is surely a tenant's. In the private cloud a tenant's own domain can be
 * any name, so this is a hint and no refusal.
 */
export function describeCustomDomain(domain: string): string | undefined {
  if (/\.auth0\.com$|^localhost$|^127\.|:\d+$/.test(domain)) return undefined;
  return `AUTH0_DOMAIN is ${domain}, perhaps a custom domain. Deploying needs the tenant's own domain: dashboard → Settings, or the Domain of any application, like my-team.eu.auth0.com.`;
}
