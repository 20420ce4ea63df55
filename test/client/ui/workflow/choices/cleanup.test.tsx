// @vitest-environment happy-dom
/** A workflow that cleans up is shown as what it is: at work, with its end decided, and with what a cancel leaves to run. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Step, View, WorkflowState } from "../../../../../client/index.js";
import { situationOf } from "../../../../../client/ui/look/situation.js";
import { cancelText, killText } from "../../../../../client/ui/workflow/choices/questions.js";
import { retryPlan } from "../../../../../client/ui/workflow/reading/plan.js";
import { type FakePage, openFakePage } from "../../fakePage.js";
import { emptyView, NOW, step, workflow } from "../../samples.js";

const STEPS: Step[] = [
  step(0, { action: "rent", status: "completed" }),
  step(1, { action: "work", status: "in_progress" }),
  step(2, { action: "report", when: "failure" }),
  step(3, { action: "give_back", when: "always" }),
];
const viewOf = (part: Partial<WorkflowState>): View => ({
  ...emptyView("w1"),
  phase: "live",
  position: { epoch: "e1", revision: 3 },
  state: workflow({ definition: "rented", steps: STEPS, ...part }),
});
const named = (plan: ReturnType<typeof retryPlan> | undefined) =>
  Object.fromEntries(
    (plan ?? [])
      .filter(({ steps }) => steps.length > 0)
      .map(({ heading, steps }) => [heading, steps.map(({ name }) => name)]),
  );

describe("the question before a cancel", () => {
  test("the question before a cancel names the steps that still run, because they clean up", () => {
    const words = cancelText(viewOf({}));
    expect(words?.text).toContain("the steps that clean up run");
    expect(named(words?.plan)).toEqual({
      Ends: ["work"],
      "Still runs": ["give_back (in any case)"],
      "Does not begin": ["report (only after a failure)"],
    });
  });

  test("the question before a cancel does not speak of cleaning up where nothing does", () => {
    const steps = STEPS.slice(0, 2);
    expect(cancelText(viewOf({ steps }))?.text).not.toContain("clean up");
  });

  test("the question before a kill says that steps which clean up do not run either", () => {
    const words = killText(viewOf({ stop_requested: { at: "2026-03-04T09:52:00Z" } }));
    expect(words?.text).toContain("Steps that clean up do not run either.");
    expect(named(words?.plan)).toEqual({
      Ends: ["work"],
      "Does not begin": ["report (only after a failure)", "give_back (in any case)"],
    });
  });
});

describe("the plan of a retry", () => {
  test("the plan of a retry runs what was left out on the way, and leaves out what was switched off", () => {
    const steps = [
      step(0, { action: "rent", status: "failed" }),
      step(1, { action: "work", status: "skipped" }),
      step(2, { action: "report", status: "skipped", when: "failure", skip_reason: "stopped" }),
    ];
    expect(named(retryPlan(steps, 0))).toEqual({
      Runs: ["rent", "report (only after a failure)"],
      "Left out": ["work"],
    });
  });
});

describe("a workflow that cleans up", () => {
  let fake: FakePage;
  beforeEach(async () => {
    fake = await openFakePage("/w/w1");
  });
  afterEach(() => fake.stop());
  const cleaning = (ending: object, part: Partial<WorkflowState> = {}) =>
    fake.show("w1", {
      phase: "live",
      state: workflow({ steps: STEPS, current_step: 3, ending, ...part }),
      asOf: NOW,
    });

  test("a workflow that cleans up says so in its head, with what it will end as", async () => {
    await cleaning({ status: "failed", error_message: "work: exit code 7" });
    expect(fake.text("[data-testid=workflow-status]")).toBe("Running");
    expect(fake.text(".is-step")).toContain("4 of 4 cleaning up after a failure");
    expect(fake.text("[data-testid=ending]")).toBe("work: exit code 7");
  });

  test("a workflow that cleans up after a cancel has no failure to name", async () => {
    await cleaning({ status: "cancelled" });
    expect(fake.text(".is-step")).toContain("cleaning up after a cancel");
    expect(fake.all("[data-testid=ending]")).toEqual([]);
  });

  test("a workflow that cleans up is found so after a refresh", () => {
    const state = workflow({ steps: STEPS, ending: { status: "cancelled" } });
    const { text } = situationOf(state, { now: NOW, tabName: "tab", isHere: false });
    expect(text).toContain("It is cleaning up after a cancel.");
  });

  test("a driver's own key of that name says nothing of cleaning up", async () => {
    await cleaning({ status: "happy" });
    expect(fake.text(".is-step")).not.toContain("cleaning up");
  });

  test("a step that failed while the workflow went on says so", async () => {
    const steps = [step(0, { status: "failed", continued: true, error: "exit code 1" }), STEPS[1]!];
    await fake.show("w1", { phase: "live", state: workflow({ steps }), asOf: NOW });
    expect(fake.text("[data-step='0'] .step-note")).toBe("The workflow went on all the same.");
  });
});
