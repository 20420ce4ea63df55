/** A workflow in one line, in its short form and in its long one. */
import { expect, it } from "vitest";
import { progressOf, summaryOf } from "../../../shared/state/summary.js";
import { stateOf } from "../../support/disks/records.js";

it.each([
  stateOf(),
  stateOf({ current_step: 1 }),
  stateOf({ status: "completed" }),
  stateOf({ steps: [] }),
])("a line of the list begins with the progress as it is told alone (%#)", (state) => {
  const progress = progressOf(state);
  const summary = Object.entries(summaryOf(state, "e1", false));
  expect(summary.slice(0, 8)).toEqual(Object.entries(progress));
});
