/** Where a retry begins by itself. */
import { expect, test } from "vitest";
import type { Step } from "../../../shared/schema/workflow.js";
import { firstToRetry } from "../../../shared/state/cleanup.js";

type Look = Step["status"] | "went on";

const stepsOf = (looks: readonly Look[]): Step[] =>
  looks.map((look, index) =>
    look === "went on"
      ? { action: `a${index}`, index, status: "failed", continued: true }
      : { action: `a${index}`, index, status: look },
  );

test.each<[Look[], number | null]>([
  [["completed", "failed", "pending"], 1],
  [["completed", "went on", "failed", "pending"], 2],
  [["went on", "completed", "cancelled"], 2],
  [["completed", "went on", "completed"], 1],
  [["went on", "went on"], 0],
  [["completed", "skipped"], null],
  [[], null],
])(
  "after %j a retry begins at %s: a failure that was passed over is no reason as long as there is another",
  (looks, index) => {
    expect(firstToRetry(stepsOf(looks))).toBe(index);
  },
);
