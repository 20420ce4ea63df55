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

it("a line says since when the first lost link of its steps and branches is lost, and neither line does once it is back", () => {
  const process = { machine: "box", pid: 7, since: "2026-03-04T09:41:00.000Z" };
  const since = "2026-03-04T09:41:07.000Z";
  const branch = {
    ...{ action: "copy", status: "in_progress", index: 1000 },
    data: { process: { ...process, link_lost: { since, why: "reset", next_try_at: null } } },
  } as const;
  const parallel = { action: "all", status: "in_progress", index: 0, steps: [branch] } as const;
  const lost = stateOf({ steps: [parallel] } as never);
  expect(summaryOf(lost, "e1", false).link_lost).toBe(since);
  expect(progressOf(lost)).toMatchObject({ active: true, status: "running", link_lost: since });
  const back = stateOf({
    steps: [{ ...parallel, steps: [{ ...branch, data: { process } }] }],
  } as never);
  expect(summaryOf(back, "e1", false).link_lost).toBeNull();
  expect(progressOf(back)).not.toHaveProperty("link_lost");
});

it("a line says in words which node a workflow waits for, and nothing of it while one is there", () => {
  const queued = { since: "2026-03-04T09:41:00.000Z" };
  const waiting = stateOf({ queued: { ...queued, labels: ["gpu", "arm", "big"] } });
  expect(summaryOf(waiting, "e1", false)).toMatchObject({
    queued: true,
    why_queued: "waits for a node with gpu, arm and big",
  });
  expect(summaryOf(stateOf({ queued }), "e1", false)).not.toHaveProperty("why_queued");
});
