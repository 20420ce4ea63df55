/** Waiting in tests: for a promise or for a condition, and never for ever. */

/** Generous, because two busy cores may be slow: it catches what hangs, it measures nothing. */
export const PATIENCE_MS = 15_000;
const LOOK_AGAIN_MS = 2;

/** `what` is read only when the time is over, so that it can tell what was seen until then. */
export async function within<T>(promise: Promise<T>, what: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what()}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves with the first thing that is neither false, null nor undefined. */
export async function until<T>(
  look: () => T | false | null | undefined | Promise<T | false | null | undefined>,
  what: string | (() => string),
): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (seen !== false && seen !== null && seen !== undefined) return seen;
    if (performance.now() > end) {
      throw new Error(`waited in vain until ${typeof what === "string" ? what : what()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
