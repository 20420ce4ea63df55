/** `Range: bytes=` as a table: what a header asks of an output of ten bytes. */
import { describe, expect, it } from "vitest";
import { rangeIn } from "../../../../server/ingress/request/ranges.js";

describe("a Range header", () => {
  it.each([
    ["bytes=0-", { from: 0, next: 10 }],
    ["bytes=0-3", { from: 0, next: 4 }],
    ["bytes=4-", { from: 4, next: 10 }],
    ["bytes=9-9", { from: 9, next: 10 }],
    ["bytes=5-99", { from: 5, next: 10 }],
    ["bytes=-3", { from: 7, next: 10 }],
    ["bytes=-99", { from: 0, next: 10 }],
    [" bytes=2-4 ", { from: 2, next: 5 }],
  ])("%j names the bytes that are there", (header, range) => {
    expect(rangeIn(header, 10)).toEqual(range);
  });

  it.each(["bytes=10-", "bytes=10-12", "bytes=99-", "bytes=-0"])(
    "%j names no byte that is there",
    (header) => {
      expect(rangeIn(header, 10)).toBe("none");
    },
  );

  it.each([
    undefined,
    "",
    "bytes=",
    "bytes=-",
    "bytes=3-1",
    "bytes=0-1,4-5",
    "lines=0-3",
    "bytes=a-b",
    "bytes=0x1-3",
    "bytes=1.5-3",
    "bytes=9999999999999999-",
  ])("%j is not read, so that everything is sent", (header) => {
    expect(rangeIn(header, 10)).toBeNull();
  });

  it("a suffix of an empty output names no byte", () => {
    expect(rangeIn("bytes=-3", 0)).toBe("none");
  });
});
