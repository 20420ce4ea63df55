import { describe, expect, it } from "vitest";
import { readTraceparent } from "../../shared/traceparent.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const GOOD = `00-${TRACE}-${PARENT}-01`;

describe("a traceparent", () => {
  it.each<[string, string | undefined, string | undefined]>([
    ["one of version 00 is taken as it is", GOOD, GOOD],
    [
      "one that is not sampled says so still",
      `00-${TRACE}-${PARENT}-00`,
      `00-${TRACE}-${PARENT}-00`,
    ],
    [
      "one of a later version is taken for what it says first",
      `01-${TRACE}-${PARENT}-01-more`,
      GOOD,
    ],
    ["none is none", undefined, undefined],
    ["an empty one is ignored", "", undefined],
    ["capitals are ignored", GOOD.toUpperCase(), undefined],
    ["version ff is ignored", `ff-${TRACE}-${PARENT}-01`, undefined],
    ["more than version 00 has is ignored", `${GOOD}-more`, undefined],
    ["a trace of zeros is ignored", `00-${"0".repeat(32)}-${PARENT}-01`, undefined],
    ["a parent of zeros is ignored", `00-${TRACE}-${"0".repeat(16)}-01`, undefined],
    ["an endless one is ignored", `01-${TRACE}-${PARENT}-01-${"x".repeat(600)}`, undefined],
    ["a line break is ignored", `${GOOD}\nX: y`, undefined],
  ])("%s", (_title, given, taken) => {
    expect(readTraceparent(given)).toBe(taken);
  });
});
