import { describe, expect, test } from "vitest";
import { cut, measureFor, padded, wrapped } from "../../../../server/cli/text/measure.js";

describe("the width of text", () => {
  test("the width of text is counted in cells of a terminal", async () => {
    const measure = await measureFor(["备份", "🚀 up", "cafe\u0301", "plain"]);
    expect(["备份", "🚀 up", "cafe\u0301", "plain"].map(measure.cells)).toEqual([4, 5, 4, 5]);
    expect(padded("备份", 6, measure)).toBe("备份  ");
    expect(cut("备份数据库", 6, measure)).toBe("备份…");
    expect(cut("备份数据库", 10, measure)).toBe("备份数据库");
    expect(cut("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3, measure)).toBe("👩‍👩‍👧‍👦…");
  });

  test("the width of ASCII text is counted without a library", async () => {
    const measure = await measureFor(["abc", "cut off…"]);
    expect([measure.cells("abc"), cut("abcdef", 4, measure)]).toEqual([3, "abc…"]);
  });

  test("decides where lines are broken, and nothing is lost", async () => {
    for (const text of [
      "Back up a small site every night",
      "https://example.com/a/very/long/address/without/any/space and more",
      "把这个小网站 每天晚上都备份一次 🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀",
      "",
    ]) {
      const measure = await measureFor([text]);
      for (const cells of [2, 7, 20, 100]) {
        const lines = wrapped(text, cells, measure);
        expect(Math.max(...lines.map(measure.cells))).toBeLessThanOrEqual(cells);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }
    }
    const one = await measureFor(["备"]);
    expect(wrapped("备份", 1, one)).toEqual(["备份"]);
  });
});
