import { expect, test } from "vitest";
import { interruptionReason } from "../../../shared/state/interruptionReason.js";
import { INTERRUPTION_REASONS } from "../../../shared/statuses.js";

const of = (reason: string) =>
  interruptionReason({ interruption: { at: "", reason: reason as never, step: 0 } });

test("Every reason has words of its own, and one that is not known the words for none", () => {
  const words = INTERRUPTION_REASONS.map(of);
  expect(new Set(words).size).toBe(INTERRUPTION_REASONS.length);
  expect(words).not.toContain(of("of a newer server"));
  expect(of("constructor")).toBe("it was interrupted");
});
