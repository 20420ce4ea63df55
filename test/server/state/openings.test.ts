/** Places and numbers of workflows that start: given before a start is durable, and given back where none comes of it. */
import { expect, it } from "vitest";
import { Openings } from "../../../server/state/openings.js";
import { recordOf } from "../../support/disks/records.js";

const open = (workflow_id: string) => recordOf({ workflow_id });

it("a start under way has its place: another one is refused until it is given back", () => {
  const openings = new Openings(2, () => 0);
  openings.load(open("a"), true);
  expect(openings.reserve("b", null)).toEqual({ order: 2 });
  expect(openings.reserve("c", null)).toEqual({ tooMany: 2 });
  openings.giveBack("b");
  expect(openings.reserve("c", null)).toEqual({ order: 2 });
});

it("a start that is durable keeps its place, also where it is given back after that", () => {
  const openings = new Openings(1, () => 0);
  openings.reserve("a", null);
  openings.see(null, open("a"));
  openings.giveBack("a");
  expect(openings.reserve("b", null)).toEqual({ tooMany: 1 });
  openings.see(open("a"), { ...open("a"), state: null });
  expect(openings.reserve("b", null)).toEqual({ order: 2 });
});

it("a workflow that is open keeps its number, and needs no further place", () => {
  const openings = new Openings(1, () => 0);
  openings.load(recordOf({ order: 5 }), true);
  expect(openings.reserve("deploy", recordOf({ order: 5 }))).toEqual({ order: 5 });
});

it("no number is given twice, whatever was loaded, damaged or given back", () => {
  const openings = new Openings(9, () => 4);
  openings.load(recordOf({ order: 7 }), false);
  expect(openings.reserve("a", null)).toEqual({ order: 8 });
  expect(openings.reserve("b", null)).toEqual({ order: 9 });
  openings.giveBack("a");
  expect(openings.reserve("c", null)).toEqual({ order: 10 });
});
