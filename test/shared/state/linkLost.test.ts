import { expect, test } from "vitest";
import type { Step } from "../../../shared/schema/workflow.js";
import { firstLinkLost, linkLostOf } from "../../../shared/state/linkLost.js";

const at = (second: number) => new Date(Date.UTC(2026, 2, 4, 9, 41, second)).toISOString();
const PROCESS = { machine: "box", pid: 4711, since: at(0) };
const LOST = { since: at(7), why: "Connection reset by peer", next_try_at: at(9) };

const step = (over: Partial<Step> = {}): Step => ({
  ...{ action: "copy", status: "in_progress", index: 0 },
  ...over,
});

test("Only a step at work has a lost link", () => {
  const data = { process: { ...PROCESS, link_lost: LOST } };
  expect(linkLostOf(step({ data }))).toEqual(LOST);
  expect(linkLostOf(step({ data, status: "interrupted" }))).toBeNull();
  expect(linkLostOf(step({ data, status: "completed" }))).toBeNull();
  expect(linkLostOf(step({ data, retry_at: at(30) }))).toBeNull();
  expect(linkLostOf(step({ data: { process: PROCESS } }))).toBeNull();
  expect(linkLostOf(step({ data: { process: { link_lost: LOST } } }))).toBeNull();
});

test("The link that was lost first is found among steps and branches", () => {
  const lost = (since: string, index: number) =>
    step({ index, data: { process: { ...PROCESS, link_lost: { ...LOST, since } } } });
  const parallel = step({ index: 1, steps: [lost(at(9), 1001), lost(at(5), 2001)] });
  expect(firstLinkLost([step(), parallel, lost(at(8), 2)])).toEqual({ ...LOST, since: at(5) });
  expect(firstLinkLost([step(), step({ index: 1, steps: [step({ index: 1001 })] })])).toBeNull();
});
