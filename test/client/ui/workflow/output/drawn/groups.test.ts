/** Groups of lines: where they begin and end, also over blocks. */
import { describe, expect, test } from "vitest";
import { groupsOf } from "../../../../../../client/ui/workflow/output/drawn/groups.js";
import { ShownLines } from "../../../../../../client/ui/workflow/output/onPage/shownLines.js";
import { manualClock } from "../../../../../support/clocks/manualClock.js";

function groupsIn(text: string) {
  const lines = new ShownLines({ walk: () => Promise.reject(new Error("nobody asked")) }, () => {});
  lines.told({ attempt: 1, from: 0, next: Buffer.byteLength(text), text, skipped: 0 });
  lines.make(manualClock());
  const blocks = lines.blocks();
  const groups = groupsOf(blocks);
  return { groups, blocks, all: [...groups.starts.values()] };
}

describe("groups", () => {
  test("groups have a title, their lines, and an end", () => {
    const { all } = groupsIn("x\n::group::One\na\nb\n::endgroup::\n::group::Two\nc\n");
    expect(all).toEqual([
      { id: "2", title: "One", lines: 2, isEnded: true },
      { id: "32", title: "Two", lines: 1, isEnded: false },
    ]);
  });

  test("groups do not nest: a new one ends the one before", () => {
    const { all } = groupsIn("::group::One\na\n::group::Two\nb\n::endgroup::\nc\n::endgroup::\n");
    expect(all.map(({ title, lines, isEnded }) => [title, lines, isEnded])).toEqual([
      ["One", 1, true],
      ["Two", 1, true],
    ]);
  });

  test("go on over many blocks", () => {
    const { groups, blocks, all } = groupsIn(
      `::group::Long\n${"a\n".repeat(450)}::endgroup::\nz\n`,
    );
    expect(all[0]!.lines).toBe(450);
    const [first, ...others] = blocks.map((block) => groups.within.get(block));
    expect(first).toBeNull();
    expect([...new Set(others)]).toEqual(["0"]);
    expect(groups.of("300.0")).toBe("0");
    expect(groups.of("0.0")).toBeNull();
    expect(groups.of("452.0")).toBeNull();
  });
});
