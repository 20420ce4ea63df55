/** Waiting in tests: for a promise or for a condition, and never for ever. */

/** Generous, because two busy cores may be slow: it catches what hangs, it measures nothing. */
export const PATIENCE_MS = 90_000;
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

/** As `within`, for what may take as long as it likes while it gets on: only where `progress` stands still is the wait in vain. */
export async function whileMoving<T>(promise: Promise<T>, progress: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const stuck = new Promise<never>((_, reject) => {
    const lookAgain = (before: string) => {
      timer = setTimeout(() => {
        const now = progress();
        if (now === before) reject(new Error(`nothing moves any more: ${now}`));
        else lookAgain(now);
      }, PATIENCE_MS);
    };
    lookAgain(progress());
  });
  try {
    return await Promise.race([promise, stuck]);
  } finally {
    clearTimeout(timer);
  }
}
