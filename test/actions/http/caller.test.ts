/** The calls of one run: their time, their retries, the limits they wait for, and how many. */
import { describe, expect, test } from 'vitest';
import { type Budget, createCaller } from '#actions/lib/http/caller.ts';
import { type Call, HttpError, type Reply } from '#actions/lib/http/send.ts';

const NO_BUDGET: Budget = { origins: [], calls: 0 };
const CALL = {
  endpoint: 'e',
  method: 'GET',
  origin: 'https://x.example',
  path: '/',
  headers: {},
} as const;
/** A caller on a clock of its own: every call takes `takesMs` and is answered by the next of `answers`. */
const createClockwork = (
  takesMs: number,
  answers: readonly (Reply | HttpError)[],
  { random = 0, budget = NO_BUDGET }: { random?: number; budget?: Budget } = {},
) => {
  let clock = 1_000;
  const sent: number[] = [];
  const slept: number[] = [];
  const caller = createCaller(
    {
      now: () => clock,
      sleep: async (ms) => {
        slept.push(ms);
        clock += ms;
      },
      send: async (call: Call) => {
        sent.push(call.timeoutMs);
        clock += takesMs;
        const answer = answers[Math.min(sent.length, answers.length) - 1];
        if (answer === undefined || answer instanceof Error) throw answer;
        return answer;
      },
      random: () => random,
    },
    budget,
  );
  return { caller, sent, slept };
};
const ok: Reply = { status: 200, text: '' };
const dropped = new HttpError('e', 'dropped');

describe('the time of a call', () => {
  test('is 3 s, and what is left of 7.9 s towards the end', async () => {
    const { caller, sent } = createClockwork(2_500, [ok]);
    for (let time = 0; time < 4; time += 1) await caller.call(CALL);
    expect(sent).toEqual([3_000, 3_000, 2_900, 400]);
    await expect(caller.call(CALL)).rejects.toThrow('e: no_time_left');
    expect(caller.count()).toBe(4);
  });

  test('is not begun with less than 50 ms left', async () => {
    const { caller, sent } = createClockwork(7_850, [ok]);
    await caller.call(CALL);
    await caller.call(CALL);
    expect(sent).toEqual([3_000, 50]);
    const late = createClockwork(7_851, [ok]);
    await late.caller.call(CALL);
    await expect(late.caller.call(CALL)).rejects.toThrow('no_time_left');
  });

  test.each([
    ['a dropped connection', dropped, [100]],
    ['408', { status: 408, text: '' }, [100]],
    ['502', { status: 502, text: '' }, [100]],
    ['503 with Retry-After 2', { status: 503, text: '', retryAfterSeconds: 2 }, [2_000]],
    ['503 with Retry-After 0', { status: 503, text: '', retryAfterSeconds: 0 }, [100]],
    ['429 with Retry-After 2', { status: 429, text: '', retryAfterSeconds: 2 }, [2_000]],
    ['429 with Retry-After 0', { status: 429, text: '', retryAfterSeconds: 0 }, [0]],
    [
      '429 with a Retry-After that does not fit',
      { status: 429, text: '', retryAfterSeconds: 8 },
      [],
    ],
    [
      '503 with a Retry-After that does not fit',
      { status: 503, text: '', retryAfterSeconds: 8 },
      [],
    ],
    ['429', { status: 429, text: '' }, []],
    ['500', { status: 500, text: '' }, []],
    ['a time-out', new HttpError('e', 'timed_out'), []],
  ])('after %s: %o', async (_, answer, pauses) => {
    const { caller, slept } = createClockwork(10, [answer, ok]);
    const outcome = await caller.call(CALL).catch((error: unknown) => error);
    expect(slept).toEqual(pauses);
    expect(outcome).toBe(pauses.length > 0 ? ok : answer);
  });

  test('allows one retry and not a second', async () => {
    const { caller, sent } = createClockwork(10, [dropped]);
    await expect(caller.call(CALL)).rejects.toBe(dropped);
    expect(sent).toHaveLength(2);
  });

  test('that is over leaves no retry', async () => {
    const { caller, sent } = createClockwork(7_900, [dropped]);
    await expect(caller.call(CALL)).rejects.toBe(dropped);
    expect(sent).toHaveLength(1);
  });

  test('does not hide what nobody foresaw', async () => {
    const { caller } = createClockwork(10, [new TypeError('a mistake') as HttpError]);
    await expect(caller.call(CALL)).rejects.toThrow(TypeError);
  });

  test('after the end there is none: nothing is sent any more', async () => {
    const { caller, sent } = createClockwork(10, [ok]);
    await caller.call(CALL);
    caller.close();
    await expect(caller.call(CALL)).rejects.toThrow('e: no_time_left');
    expect(sent).toHaveLength(1);
  });

  test('a retry that was waited for is not sent after the end', async () => {
    const { caller, sent } = createClockwork(10, [dropped, ok]);
    const outcome = caller.call(CALL);
    caller.close();
    await expect(outcome).rejects.toThrow(HttpError);
    expect(sent).toHaveLength(1);
  });
});

describe('a limit of the tenant', () => {
  const LIMITED = { ...CALL, waitsForLimit: true } as const;
  const limited = (more: Partial<Reply> = {}): Reply => ({ status: 429, text: '', ...more });

  test.each<[string, Partial<Reply>, number]>([
    ['x-ratelimit-reset', { rateLimitReset: 3 }, 2_000],
    ['x-ratelimit-reset that is over', { rateLimitReset: 0 }, 200],
    ['x-ratelimit-reset far away', { rateLimitReset: 3_600 }, 3_000],
    ['Retry-After', { retryAfterSeconds: 2 }, 2_000],
    ['nothing', {}, 200],
  ])('is waited for by what %s says', async (_, more, pause) => {
    const { caller, slept } = createClockwork(0, [limited(more), ok]);
    expect(await caller.call(LIMITED)).toBe(ok);
    expect(slept).toEqual([pause]);
  });

  test.each([
    [0, 200],
    [0.5, 600],
    [0.999, 999],
  ])('has everybody come back at another time: at random %d after %d ms', async (random, pause) => {
    const { caller, slept } = createClockwork(0, [limited(), ok], { random });
    await caller.call(LIMITED);
    expect(slept).toEqual([pause]);
  });

  test('is waited for as often as there is time for the rest of the login', async () => {
    const { caller, slept } = createClockwork(0, [limited({ retryAfterSeconds: 2 })]);
    expect(await caller.call(LIMITED)).toMatchObject({ status: 429 });
    expect(slept).toEqual([2_000, 2_000, 2_000]);
    const short = createClockwork(0, [limited()]);
    await short.caller.call(LIMITED);
    expect(short.slept).toHaveLength(8);
  });
});

describe('a budget', () => {
  const budget: Budget = { origins: [CALL.origin], calls: 3 };

  test('is of calls to its origins, retries included', async () => {
    const { caller, sent } = createClockwork(0, [dropped, ok], { budget });
    await caller.call(CALL);
    await caller.call(CALL);
    await expect(caller.call(CALL)).rejects.toThrow('e: not_asked');
    expect(sent).toHaveLength(3);
    await caller.call({ ...CALL, origin: 'https://y.example' });
    expect(caller.count()).toBe(4);
  });

  test('that is spent leaves no retry', async () => {
    const one = { ...budget, calls: 1 };
    const { caller, slept } = createClockwork(0, [dropped, ok], { budget: one });
    await expect(caller.call(CALL)).rejects.toBe(dropped);
    expect(slept).toEqual([]);
  });
});

describe('what is prepared', () => {
  const createPrepared = () => {
    const opened: (readonly [string, number])[] = [];
    let closed = 0;
    const ports = {
      now: () => 0,
      sleep: async () => {},
      random: () => 0,
      send: async () => ok,
      openEarly: (origin: string, count: number) => {
        opened.push([origin, count]);
        return () => {
          closed += 1;
        };
      },
    };
    return { caller: createCaller(ports, NO_BUDGET), opened, closed: () => closed };
  };

  test.each([
    [3, 3],
    [60, 4],
  ])('for %d calls is %d connections, which end with the caller', (calls, count) => {
    const { caller, opened, closed } = createPrepared();
    caller.prepare('https://x.example', calls);
    expect(opened).toEqual([['https://x.example', count]]);
    expect([caller.count(), closed()]).toEqual([0, 0]);
    caller.close();
    expect(closed()).toBe(1);
  });

  test('after the end is nothing', () => {
    const { caller, opened } = createPrepared();
    caller.close();
    caller.prepare('https://x.example', 3);
    expect(opened).toEqual([]);
  });
});
