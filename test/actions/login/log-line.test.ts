/** The one line that an Action logs. */
import { describe, expect, test } from 'vitest';
import { createLogLine } from '#actions/lib/login/log-line.ts';

describe('the log line', () => {
  const entry = { action: 'bitbucket-x', source: 'live', calls: 5, ms: 12 } as const;
  const refusal = (cause: string) => ({ code: 'bitbucket_unavailable', cause }) as const;

  test('says who was let in', () => {
    expect(createLogLine({ ...entry, refusal: undefined })).toBe(
      '{"action":"bitbucket-x","outcome":"allowed","source":"live","calls":5,"ms":12}',
    );
  });

  test('says why somebody was not', () => {
    expect(createLogLine({ ...entry, refusal: refusal('bitbucket user: 503') })).toBe(
      '{"action":"bitbucket-x","outcome":"denied","code":"bitbucket_unavailable","cause":"bitbucket user: 503","source":"live","calls":5,"ms":12}',
    );
  });

  test('has exactly 256 characters where the cause is too long', () => {
    const line = createLogLine({ ...entry, refusal: refusal('x'.repeat(500)) });
    expect(line).toHaveLength(256);
    expect(JSON.parse(line).cause).toMatch(/^x+$/);
  });

  test('stays JSON and ASCII whatever the cause', () => {
    const line = createLogLine({ ...entry, refusal: refusal('"\\\n\u0000ü') });
    expect(JSON.parse(line).cause).toBe('?????');
  });

  test.each([
    [0, undefined],
    [undefined, undefined],
    [2, 2],
  ])('says how many roles could not be told: %o', (rolesUnknown, said) => {
    const line = createLogLine({ ...entry, refusal: undefined, rolesUnknown });
    expect(JSON.parse(line).roles_unknown).toBe(said);
  });
});
