/** What a record says has to be told of it: with the change itself, and for as long as nothing else keeps it. */
import { describe, expect, test } from "vitest";
import type { LiveRecord } from "../../../server/state/store/record.js";
import { withUntold } from "../../../server/state/untold.js";
import { eventTypeBetween } from "../../../shared/state/workflowEvent.js";
import { recordOf, stateOf } from "../../support/disks/records.js";

const asks = (id: string) => stateOf({ status: "blocked", block_info: { id, prompt: "?" } });
const interrupted = (at: string) =>
  stateOf({ status: "interrupted", interruption: { at, reason: "driver_gone", step: 0 } });
const running = stateOf();
const ended = stateOf({ status: "completed" });
const restored = stateOf({
  status: "completed",
  recovered_from_backup: { at: "2026-01-01T00:00:00Z", saved_at: "2026-01-01T00:00:00Z" },
});

test.each([
  ["a start", null, running, null],
  ["an end", running, ended, "ended"],
  ["a save that begins and ends", null, ended, "ended"],
  ["a change after the end", ended, ended, null],
  ["a copy of one that had ended", null, restored, null],
  ["a question", running, asks("a"), "blocked"],
  ["the same question", asks("a"), asks("a"), null],
  ["the next question", asks("a"), asks("b"), "blocked"],
  ["an answer", asks("a"), running, null],
  ["an interruption", running, interrupted("2026-01-01T00:00:00Z"), "interrupted"],
  [
    "the same interruption",
    interrupted("2026-01-01T00:00:00Z"),
    interrupted("2026-01-01T00:00:00Z"),
    null,
  ],
  [
    "another interruption",
    interrupted("2026-01-01T00:00:00Z"),
    interrupted("2026-01-02T00:00:00Z"),
    "interrupted",
  ],
] as const)("%s is told as such", (_what, before, after, type) => {
  expect(eventTypeBetween(before, after)).toBe(type);
});

describe("the marks in a record", () => {
  const none = { isMeant: () => true, isKept: () => false };
  const at = (revision: number, state: LiveRecord["state"], more: Partial<LiveRecord> = {}) =>
    recordOf({ revision, state, ...more });
  const marks = (record: { untold?: readonly { epoch: string; revision: number }[] | undefined }) =>
    record.untold?.map(({ epoch, revision }) => `${epoch}/${revision}`);

  test("a record of which nobody is told stays as it is", () => {
    const after = at(2, ended);
    expect(withUntold(at(1, running), after, { ...none, isMeant: () => false })).toBe(after);
  });

  test("what is not kept yet stays beside what is new, and what is kept goes", () => {
    const one = withUntold(at(1, running), at(2, asks("a")), none);
    const two = withUntold(one, { ...one, revision: 3, state: ended }, none);
    expect(marks(two)).toEqual(["e1/2", "e1/3"]);
    const isKept = ({ revision }: { revision: number }) => revision <= 2;
    const three = withUntold(two, { ...two, revision: 4 }, { ...none, isKept });
    expect(marks(three)).toEqual(["e1/3"]);
    expect(
      withUntold(three, { ...three, revision: 5 }, { ...none, isKept: () => true }).untold,
    ).toEqual([]);
  });

  test("a new epoch under the same id carries what the one before has not told", () => {
    const old = withUntold(at(1, running), at(2, ended), none);
    const next = withUntold(old, at(1, running, { epoch: "e2" }), none);
    expect(marks(next)).toEqual(["e1/2"]);
  });

  test("a record bears no more marks than it can", () => {
    let record = at(1, running);
    for (let revision = 2; revision < 100; revision++)
      record = withUntold(
        record,
        { ...record, revision, state: asks(String(revision)) },
        none,
      ) as LiveRecord;
    expect(record.untold).toHaveLength(64);
    expect(marks(record)?.at(-1)).toBe("e1/99");
  });
});
