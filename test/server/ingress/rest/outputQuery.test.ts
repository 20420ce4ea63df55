/** The queries of the calls for output, as tables: numbers, flags, and parameters that exclude each other. */
import { describe, expect, it } from "vitest";
import { indexIn } from "../../../../server/ingress/request/stepIndex.js";
import {
  appendQueryOf,
  readQueryOf,
  timesQueryOf,
} from "../../../../server/ingress/rest/outputQuery.js";
import { SyncError } from "../../../../shared/errors.js";

const pathsOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error instanceof SyncError ? error.errors.map(({ path }) => path) : error;
  }
};
const reading = (query: string): unknown => pathsOf(() => readQueryOf({ url: `/log?${query}` }));

describe("the query of a read of output", () => {
  it.each([
    ["", {}],
    ["from=5", { from: 5 }],
    ["tail=0", { tail: 0 }],
    ["from=5&follow=1", { from: 5, follow: "1" }],
    ["tail=9&timestamps=1", { tail: 9, timestamps: "1" }],
    ["to=8", { to: 8 }],
    ["from=5&to=6&epoch=e1&attempt=2", { from: 5, to: 6, epoch: "e1", attempt: 2 }],
    ["unknown=x", {}],
  ])("the query %j of a read is read", (query, asked) => {
    expect(reading(query)).toEqual(asked);
  });

  it.each([
    ["from=5&tail=9", ["tail"]],
    ["to=8&tail=9", ["to"]],
    ["to=8&follow=0", ["to"]],
    ["to=8&timestamps=1", ["to"]],
    ["from=8&to=8", ["to"]],
    ["to=0", ["to"]],
    ["from=-1", ["from"]],
    ["from=1.5", ["from"]],
    ["tail=1e3", ["tail"]],
    ["from=", ["from"]],
    ["from=9999999999999999", ["from"]],
    ["follow=yes", ["follow"]],
    ["attempt=0", ["attempt"]],
    ["epoch=", ["epoch"]],
  ])("the query %j of a read is refused at the name that is wrong", (query, paths) => {
    expect(reading(query)).toEqual(paths);
  });
});

describe("the query of an append", () => {
  it("an append names an attempt and an offset, or neither", () => {
    expect(appendQueryOf({ url: "/log" })).toEqual({});
    expect(appendQueryOf({ url: "/log?attempt=2&at=0" })).toEqual({ attempt: 2, at: 0 });
  });

  it.each([
    ["attempt=0", ["attempt"]],
    ["at=-1", ["at"]],
  ])("the query %j of an append is refused", (query, paths) => {
    expect(pathsOf(() => appendQueryOf({ url: `/log?${query}` }))).toEqual(paths);
  });
});

describe("the query for times of output", () => {
  it("times are asked for a part of an attempt's bytes", () => {
    expect(timesQueryOf({ url: "/times?from=3&to=9&attempt=2" })).toEqual({
      from: 3,
      to: 9,
      attempt: 2,
    });
  });
});

describe("the step in a path", () => {
  it("the index of a step is a whole number", () => {
    expect(indexIn({ params: { index: "3" } })).toBe(3);
  });

  it.each(["x", "-1", "1.5", ""])("the index %j is refused", (index) => {
    expect(pathsOf(() => indexIn({ params: { index } }))).toEqual(["index"]);
  });
});
