/** Collects what was heard and is in no document for machines, until the end of the test: a client under test could take an error for a cut. */

/** So many are remembered: the first says enough. */
const MOST_FAULTS = 5;
const faults: string[] = [];

/** Remembers one, as a sentence. */
export function fault(words: string): void {
  if (faults.length < MOST_FAULTS) faults.push(words);
}

/** All since the last call. */
export const takeFaults = (): string[] => faults.splice(0);
