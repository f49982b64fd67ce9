/** The picture of who has none: two letters, as Auth0's own are. */
import type { LocalReply } from '#scripts/local/net/reply.ts';

const PATH = /^\/avatars\/([a-z]{1,2})\.svg$/;

export function isAvatarPath(pathname: string): boolean {
  return PATH.test(pathname);
}

/** `origin` is the tenant's. */
export function avatarUrl(origin: string, name: string): string {
  const letters = name.toLowerCase().replace(/[^a-z]/g, '');
  return `${origin}/avatars/${letters.slice(0, 2) || 'xx'}.svg`;
}

export function renderAvatar(pathname: string): LocalReply {
  const [, letters = ''] = PATH.exec(pathname) ?? [];
  return {
    status: 200,
    headers: { 'Content-Type': 'image/svg+xml', 'X-Content-Type-Options': 'nosniff' },
    body: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80"><rect width="80" height="80" fill="#635dff"/><text x="40" y="52" font-family="sans-serif" font-size="34" fill="#fff" text-anchor="middle">${letters.toUpperCase()}</text></svg>`,
  };
}
