/** Timers of a page that stand still for as long as a test looks: a slow machine must not find that the time is over. */
import type { Page } from "playwright-core";

/** From here on no timer of exactly so many milliseconds rings in the page, until the returned function lets them all. */
export async function holdTimers(page: Page, ms: number): Promise<() => Promise<void>> {
  await page.evaluate((held) => {
    const { setTimeout } = window;
    const waiting: (() => void)[] = [];
    const hold = (run: () => void, ms?: number, ...rest: unknown[]) => {
      if (ms !== held) return setTimeout(run, ms, ...rest);
      waiting.push(run);
      return 0;
    };
    const letGo = () => {
      window.setTimeout = setTimeout;
      for (const run of waiting) run();
    };
    Object.assign(window, { setTimeout: hold, letGo });
  }, ms);
  return () => page.evaluate(() => (window as unknown as { letGo(): void }).letGo());
}
