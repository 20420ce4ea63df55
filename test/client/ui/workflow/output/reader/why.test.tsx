import { expect, test } from "vitest";
import { NOTHING_REMEMBERED } from "../../../../../../client/ui/workflow/output/reader/logMemory.js";
import {
  logStart,
  type StartFacts,
} from "../../../../../../client/ui/workflow/output/reader/logStart.js";
import { headline, partsOf } from "../../../../../../client/ui/workflow/reading/failure.js";
import { attemptText } from "../../../../../../client/ui/workflow/reading/selection.js";
import { timelineOf } from "../../../../../../client/ui/workflow/timeline/timelineOf.js";
import { step, workflow } from "../../../samples.js";

const facts: StartFacts = {
  status: "failed",
  bytes: 10_000_000,
  lines: undefined,
  remembered: null,
  failure: { offset: 4_321, error: "ssh: no host (exit code 255)" },
};
const atWhy = { place: { offset: 4_321 }, isFollowing: false, isAtWhy: true };

test("a failed attempt opens at the line that says why", () => {
  expect(logStart(facts)).toMatchObject(atWhy);
});

test("a log opens at the line that says why for who followed it until it failed, once", () => {
  expect(logStart({ ...facts, remembered: NOTHING_REMEMBERED })).toMatchObject(atWhy);
  const again = logStart({ ...facts, remembered: { ...NOTHING_REMEMBERED, sawWhy: true } });
  expect(again).toMatchObject({ place: "end", isFollowing: true, isAtWhy: false });
});

test("a reader who had read elsewhere, or follows a link to lines, is taken there", () => {
  const read = { ...NOTHING_REMEMBERED, isFollowing: false, offset: 77 };
  expect(logStart({ ...facts, remembered: read })).toMatchObject({ place: { offset: 77 } });
  const lines = { from: 5, to: 9 };
  expect(logStart({ ...facts, lines })).toMatchObject({ place: { line: 5 }, isAtWhy: false });
});

test("a log whose driver did not say which line opens at its end and looks for it", () => {
  const failure = { offset: null, error: "no" };
  expect(logStart({ ...facts, failure })).toMatchObject({ place: "end", isAtWhy: true });
  expect(logStart({ ...facts, status: "completed", failure: null })).toMatchObject({
    isAtWhy: false,
  });
});

test("how a command ended stands beside its sentence", () => {
  expect(partsOf("copy: ssh: no host (exit code 255)")).toEqual({
    sentence: "copy: ssh: no host",
    how: "exit code 255",
  });
  expect(partsOf("exit code 1")).toEqual({ sentence: "exit code 1", how: null });
  expect(partsOf("no (see above)")).toEqual({ sentence: "no (see above)", how: null });
  const failed = workflow({ status: "failed", error_message: "copy: no (exit code 2)" });
  expect(headline(failed)).toBe("copy: no (exit code 2)");
});

test("the timeline and the list say the same of a step that was tried again", () => {
  const at = (time: string) => `2026-03-04T10:00:${time}Z`;
  const tried = step(0, {
    status: "completed",
    attempt: 3,
    started_at: at("06"),
    finished_at: at("07"),
    attempts: [
      { attempt: 1, status: "failed", started_at: at("01"), finished_at: at("02") },
      { attempt: 2, status: "failed", started_at: at("03"), finished_at: at("04") },
    ],
  });
  const [row] = timelineOf(workflow({ steps: [tried] })).rows;
  expect(row).toMatchObject({ from: Date.parse(at("01")), to: Date.parse(at("07")), attempts: 3 });
  expect(attemptText(tried)).toBe("3 attempts");
  const waiting = { ...tried, status: "in_progress" as const, retry_at: at("20") };
  const [goesOn] = timelineOf(workflow({ steps: [waiting] })).rows;
  expect(goesOn).toMatchObject({ from: Date.parse(at("01")), to: null, isGoingOn: true });
  expect(attemptText(waiting)).toBe("attempt 3");
});
