/** Lets everything that only waits for promises run to its end: no clock is involved. */
export async function settled(): Promise<void> {
  // A response's body takes a few turns of the event loop, promises none.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
