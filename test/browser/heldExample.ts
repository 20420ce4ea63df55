/** The example, standing still in one step for as long as a test looks: a slow tab must not find that it has gone on. */
import type { Page } from "playwright-core";

/** How long the example waits between two things it does in a step, in milliseconds: the same wait stands in no other step beside it. */
const WAITS = { prepare: 900, download: 320 } as const;

/** From here on the tab that drives the example stays in this step, until the returned function lets it go on. */
export async function holdExample(
  page: Page,
  step: keyof typeof WAITS,
): Promise<() => Promise<void>> {
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
  }, WAITS[step]);
  return () => page.evaluate(() => (window as unknown as { letGo(): void }).letGo());
}
