/** The example, standing still in one step for as long as a test looks: a slow tab must not find that it has gone on. */
import type { Page } from "playwright-core";
import { holdTimers } from "./heldTimers.js";

/** How long the example waits between two things it does in a step, in milliseconds: the same wait stands in no other step beside it. */
const WAITS = { prepare: 900, download: 320 } as const;

/** From here on the tab that drives the example stays in this step, until the returned function lets it go on. */
export const holdExample = (page: Page, step: keyof typeof WAITS): Promise<() => Promise<void>> =>
  holdTimers(page, WAITS[step]);
