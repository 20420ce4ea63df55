/** A step does not end later than it is told to have ended, whatever the clock of its command's machine says. */
import { expect, it } from "vitest";
import { endTime } from "../../../../server/runner/step/endTime.js";

it.each([
  ["a keeper that saw the end while no server was there is believed", 1_000, 1_000],
  ["a clock that is ahead of ours makes no step that takes months", 9_000_000, 5_000],
  ["an end that nobody dated is now", null, 5_000],
  ["an end of this moment is now", 5_000, 5_000],
])("%s", (_, told, at) => {
  expect(endTime(told, 5_000)).toBe(at);
});
