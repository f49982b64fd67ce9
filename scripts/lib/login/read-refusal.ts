/** An OAuth error that is a refusal, told from one that is a mistake. Values in, values out. */
import type { Outcome } from './outcome.ts';

interface OAuthError {
  readonly error: string;
  readonly error_description?: string | undefined;
}

const OURS = /^(bitbucket_[a-z_]+): (.+)$/s;
/** How Auth0 refuses an application, not a person. */
const OF_THE_APPLICATION = /^(?:Unauthorized|Service not )/;

/** `undefined` for what is none: `access_denied` is how the tenant, an Action or Bitbucket refuses. */
export function readRefusal({
  error,
  error_description: description = '',
}: OAuthError): Outcome | undefined {
  if (error !== 'access_denied' || OF_THE_APPLICATION.test(description)) return undefined;
  const [, code, sentence = description] = OURS.exec(description) ?? [];
  return { kind: 'refused', code, sentence };
}
