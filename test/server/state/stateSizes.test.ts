/** How large a state may become, and what it costs to know. */
import { describe, expect, it } from "vitest";
import { StateSizes } from "../../../server/state/stateSizes.js";
import type { Command } from "../../../shared/schema/command.js";
import type { Step, StepUpdate, WorkflowState } from "../../../shared/schema/workflow.js";
import { stateOf } from "../../support/disks/records.js";

const report = (update: StepUpdate, bytes = 100): { command: Command; bytes: number } => ({
  command: { kind: "step", index: 0, update },
  bytes,
});
const sizeOf = (state: WorkflowState) => Buffer.byteLength(JSON.stringify(state));

/** How often a step was written as JSON. */
let written = 0;
class CountedStep {
  readonly action = "copy";
  readonly status = "pending";
  readonly index: number;
  constructor(index: number) {
    this.index = index;
  }
  toJSON(): object {
    written += 1;
    return { ...this };
  }
}
const countedSteps = (length: number) =>
  Array.from({ length }, (_, index) => new CountedStep(index) as unknown as Step);

describe("the size of a state", () => {
  const awkward = [
    stateOf(),
    stateOf({ steps: [] }),
    stateOf({ steps: [{ action: "é\n\u{1F600}", status: "pending", index: 0, data: [null, {}] }] }),
    stateOf({ title: '"', inputs: { ключ: 1e21, gone: undefined }, gone: undefined, deep: [[]] }),
  ];
  it.each(awkward)("a state may be as long as the limit, and not a byte longer (%#)", (state) => {
    const bytes = sizeOf(state);
    expect(() => new StateSizes(bytes).check(null, state, report({}))).not.toThrow();
    expect(() => new StateSizes(bytes - 1).check(null, state, report({}))).toThrow(
      `the state would be ${bytes} bytes; the limit is ${bytes - 1}`,
    );
  });

  it("a report on one of a thousand steps adds one step's part to what is known", () => {
    const sizes = new StateSizes(1024 * 1024);
    let state = stateOf({ steps: countedSteps(1_000) });
    sizes.check(null, state, { command: { kind: "save", state: {} }, bytes: 60_000 });
    written = 0;
    for (let i = 0; i < 500; i++) {
      const next = { ...state, steps: state.steps.with(i, new CountedStep(i) as unknown as Step) };
      sizes.check(state, next, report({}));
      state = next;
    }
    expect(written).toBe(0);
  });

  it("close to the limit a report costs what it changed, not the whole state", () => {
    let state = stateOf({ steps: countedSteps(1_000) });
    const sizes = new StateSizes(sizeOf(state) + 10);
    sizes.check(null, state, { command: { kind: "save", state: {} }, bytes: sizeOf(state) });
    written = 0;
    for (let i = 0; i < 100; i++) {
      const next = { ...state, steps: state.steps.with(i, new CountedStep(i) as unknown as Step) };
      sizes.check(state, next, report({}));
      state = next;
    }
    expect(written).toBe(100);
  });

  it("a whole state is given the server's part of each of its steps", () => {
    const state = stateOf({ steps: countedSteps(1_000) });
    const bytes = sizeOf(state);
    // The command was short, as the server filled in what it left out: the bound must not be too low for the next one.
    const sizes = new StateSizes(bytes + 1_000);
    sizes.check(null, state, { command: { kind: "save", state: {} }, bytes: 20 });
    const next = { ...state, title: "x".repeat(2_000) };
    expect(() => sizes.check(state, next, report({}, 2_100))).toThrow("the state would be");
  });

  it("what is known of one workflow is not lost where another one has its turn in between", () => {
    const sizes = new StateSizes(1024 * 1024);
    const state = stateOf({ steps: countedSteps(10) });
    sizes.check(null, state, report({}));
    const next = { ...state, title: "next" };
    sizes.check(state, next, report({}));
    sizes.check(null, stateOf({ workflow_id: "other" }), report({}));
    written = 0;
    sizes.check(next, { ...next, title: "after next" }, report({}));
    expect(written).toBe(0);
  });
});
