/** How far a command's output is in a log, by its record and the log's length. */
import { describe, expect, test } from "vitest";
import { SPOOL_BEGIN } from "../../../../server/runner/keeper/keeper.js";
import {
  givenBy,
  type KeptRecord,
  onwards,
  recordAt,
} from "../../../../server/runner/keeper/keptRecord.js";

const of = (some: Partial<KeptRecord>): KeptRecord => ({ ...recordAt(0, SPOOL_BEGIN), ...some });

describe("the bytes of the command's own in a log", () => {
  test.each<[string, Partial<KeptRecord>, number, number]>([
    ["nothing is there", {}, 0, 0],
    ["all of it is the command's", {}, 100, 100],
    ["some were there when the record was written", { log: 40, skip: 7 }, 100, 67],
    ["a line of our own is none of them", { own: [[10, 20]] }, 100, 80],
    ["a torn one counts as far as it is there", { own: [[90, 20]] }, 100, 90],
    ["one before the record says nothing", { log: 40, own: [[10, 20]] }, 100, 60],
    ["one that never came into the log says nothing", { own: [[100, 20]] }, 100, 100],
  ])("%s", (_, record, length, given) => {
    expect(givenBy(of(record), length)).toBe(given);
  });
});

describe("going on behind a log", () => {
  test.each<[string, KeptRecord["own"], KeptRecord["own"], boolean]>([
    ["a whole line of our own stays", [[10, 20]], [[10, 20]], false],
    ["one that did not come into the log is forgotten", [[100, 20]], [], false],
    ["a torn one gets its line end", [[90, 20]], [[90, 11]], true],
  ])("%s", (_, own, left, isTorn) => {
    expect(onwards(of({ own }), 100)).toEqual({ record: of({ own: left }), isTorn });
  });
});
