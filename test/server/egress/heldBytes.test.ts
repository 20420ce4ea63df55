/** The memory that an old state takes beside the new one. */
import { expect, it } from "vitest";
import { heldBytes } from "../../../server/egress/heldBytes.js";

const steps = Array.from({ length: 100 }, (_, i) => ({ action: `a${i}`, text: "x".repeat(1_000) }));

it("an old state costs what the new one does not share", () => {
  const state = { steps, other: { deep: [1, 2, 3] } };
  expect(heldBytes(state, state, 1e6)).toBe(0);
  const next = { ...state, steps: steps.with(3, { action: "a3", text: "y" }) };
  const held = heldBytes(state, next, 1e6);
  expect(held).toBeGreaterThan(1_000);
  expect(held).toBeLessThan(3_000);
  expect(heldBytes(state, structuredClone(next), 1e6)).toBeGreaterThan(3_000);
  expect(heldBytes({ steps: null }, { steps: undefined }, 1e6)).toBeGreaterThan(0);
});

it("held output is counted no further than anybody needs", () => {
  let read = 0;
  const endless = Array.from({ length: 10_000 }, () => ({
    get part() {
      read += 1;
      return "x".repeat(100);
    },
  }));
  expect(heldBytes(endless, [], 100_000)).toBeGreaterThan(100_000);
  expect(read).toBeLessThan(1_000);
});
