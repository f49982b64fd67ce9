/** The time that a login takes at the very most, and what happens when it is up. */
import { describe, expect, test } from 'vitest';
import { endpointsOf, run } from '#test/support/action-run.ts';

describe('time', () => {
  test('a call that does not answer is given up, and all of it within 8 s', async () => {
    const result = await run({ delayMs: 60_000 });
    expect(result.code).toBe('bitbucket_unavailable');
    expect(result.elapsedMs).toBeLessThanOrEqual(8_000);
  });

  test('slow answers and retries end within 8 s', async () => {
    const result = await run({ delayMs: 2_500, script: { 'management user': 503 } });
    expect(result.code).toBe('bitbucket_unavailable');
    expect(result.elapsedMs).toBeLessThanOrEqual(8_000);
  });

  test.each([
    ['502', 502, 2],
    ['503', 503, 2],
    ['504', 504, 2],
    ['a dropped connection', 'dropped', 2],
    ['500', 500, 1],
    ['400', 400, 1],
    ['a time-out', 'timed_out', 1],
    ['a body that is too large', 'too_large', 1],
    ['429 without Retry-After', { status: 429, text: '' }, 1],
    ['429 that can be waited for', { status: 429, text: '', retryAfterSeconds: 1 }, 2],
    ['429 that cannot', { status: 429, text: '', retryAfterSeconds: 9 }, 1],
  ])('%s is asked again only where that is worth it', async (_, answer, times) => {
    const result = await run({ script: { 'bitbucket user': answer } });
    expect(endpointsOf(result).filter((name) => name === 'bitbucket user')).toHaveLength(times);
    expect(result.code).toBe('bitbucket_unavailable');
  });
});
