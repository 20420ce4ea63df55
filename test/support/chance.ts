/** Chance that can be had again: a failing test tells its seed, and INSTEP_SEED repeats it. */

export interface Chance {
  readonly seed: number;
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
}

export function chance(seed = Number(process.env.INSTEP_SEED ?? Date.now() % 1_000_000)): Chance {
  // mulberry32
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { seed, below, pick: (list) => list[below(list.length)]! };
}

/** Runs `run`, and names the seed should it fail. */
export async function seeded(run: (chance: Chance) => Promise<void>): Promise<void> {
  const made = chance();
  try {
    await run(made);
  } catch (cause) {
    throw new Error(`with INSTEP_SEED=${made.seed}: ${String(cause)}`, { cause });
  }
}
