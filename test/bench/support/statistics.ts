// Figures of one benchmark: how samples become a row of the table. Pure; knows nothing of what was measured.

/** A row as `build/bench.mjs` takes it. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly baseline?: number | undefined
  readonly aim?: number | undefined
  /** How many measurements `value` stands for. */
  readonly samples: number
  /** All of them in order, when there are few; their spread says how far the machine was disturbed. */
  readonly all?: readonly number[] | undefined
}

/** The value below which this share (0 to 1) of the samples lies, interpolated between its neighbours. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)]
  const high = sorted[Math.ceil(at)]
  if (low === undefined || high === undefined) throw new Error('no samples')
  return low + (high - low) * (at - Math.floor(at))
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5)

/** So many are written down one by one. */
const few = 40

/** The median of the samples beside the median of those of the baseline. */
export function rowOf(
  name: string,
  unit: string,
  samples: readonly number[],
  options: { baseline?: readonly number[]; aim?: number; share?: number } = {},
): Row {
  const share = options.share ?? 0.5
  return {
    name,
    unit,
    value: quantile(samples, share),
    samples: samples.length,
    ...(options.baseline === undefined ? {} : { baseline: quantile(options.baseline, share) }),
    ...(options.aim === undefined ? {} : { aim: options.aim }),
    ...(samples.length > few ? {} : { all: samples.map((sample) => Number(sample.toPrecision(6))) }),
  }
}

/** How long the work takes each time, ms. */
export async function timeEach(times: number, work: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = []
  for (let i = 0; i < times; i += 1) {
    const since = performance.now()
    await work()
    samples.push(performance.now() - since)
  }
  return samples
}

/**
 * Several works by turns, so that whatever disturbs the machine disturbs all of them: `rounds` rounds of `times` each, after
 * one round that is not counted.
 */
export async function timeByTurns<K extends string>(
  works: Readonly<Record<K, () => Promise<unknown>>>,
  { rounds, times }: { readonly rounds: number; readonly times: number },
): Promise<Record<K, number[]>> {
  // The keys of `works` by its own type; Object.entries forgets them.
  const entries = Object.entries(works) as [K, () => Promise<unknown>][]
  const samples = Object.fromEntries(entries.map(([key]) => [key, []])) as unknown as Record<K, number[]>
  for (let round = -1; round < rounds; round += 1) {
    for (const [key, work] of entries) {
      const measured = await timeEach(times, work)
      if (round >= 0) samples[key].push(...measured)
    }
  }
  return samples
}
