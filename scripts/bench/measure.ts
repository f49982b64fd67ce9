/** Measuring on a machine that is shared and noisy: in turns, and by the median. */

export interface Row {
  /** What was measured. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is to be compared with, or what is aimed at. */
  readonly note?: string;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Runs every subject once a round, so that a slow moment slows all of them. */
export async function measureInTurns(
  subjects: ReadonlyMap<string, () => Promise<number>>,
  rounds: number,
): Promise<ReadonlyMap<string, number>> {
  const samples = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of subjects) {
      samples.set(name, [...(samples.get(name) ?? []), await run()]);
    }
  }
  return new Map([...samples].map(([name, values]) => [name, median(values)]));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** In milliseconds. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

export function renderSection({ title, rows }: Section): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, value, unit, note }) => {
    const number = Number.isInteger(value) ? String(value) : value.toFixed(2);
    return `  ${name.padEnd(width)}  ${number.padStart(9)} ${unit.padEnd(4)} ${note ?? ''}`.trimEnd();
  });
  return [title, ...lines].join('\n');
}
