/** JSON from outside, as tables: a value that would be changed by keeping it is refused by its place. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import {
  checkJson,
  checkParsedElsewhere,
  parseWith,
} from "../../../../server/ingress/json/strictJson.js";
import { type FieldError, SyncError } from "../../../../shared/errors.js";

const LIMITS = { jsonDepth: 4, keyCharacters: 8, pathCharacters: 12 };

function errorsOf(run: () => unknown): readonly FieldError[] {
  try {
    run();
    return [];
  } catch (error) {
    if (error instanceof SyncError) return error.errors;
    throw error;
  }
}
const refusedAt = (run: () => unknown): string => errorsOf(run)[0]?.path ?? "taken";
const checking = (text: string): string =>
  refusedAt(() => checkJson(JSON.parse(text), LIMITS, text));

describe("JSON with its text", () => {
  it.each([
    "null",
    "{}",
    '{"a":[1,-2.5,1e20,0.1],"b":"ü"}',
    "9007199254740991",
    "1.0",
    '"\\ud83d\\ude00"',
    '{"a":{"k":1},"b":{"k":1}}',
    "[[[[1]]]]",
  ])("%s is taken", (text) => {
    expect(checking(text)).toBe("taken");
  });

  it.each([
    ['{"a":{"b":[0,9007199254740993]}}', "a.b.1"],
    ['{"a":1e400}', "a"],
    ['{"a":0.12345678901234567891}', "a"],
    ['{"a":{"k":1,"k":2}}', "a.k"],
    ['{"a":["\\ud83d"]}', "a.0"],
    ['{"__proto__":1}', "__proto__"],
    ['{"a":{"constructor":1}}', "a.constructor"],
    ['{"a":{"prototype":1}}', "a.prototype"],
    ['{"ninechars":1}', "ninechars"],
    ['{"sevenab":{"sevencd":1}}', "sevenab.sevencd"],
    ["[[[[[1]]]]]", "0.0.0.0"],
  ])("%s is refused at %j", (text, path) => {
    expect(checking(text)).toBe(path);
  });

  it("a number that is written out when it is kept counts for the bytes it may grow by", () => {
    expect(checkJson([1e20], LIMITS, "[1e20]").grown).toBeGreaterThan(0);
    expect(checkJson([12, "1e20"], LIMITS, '[12,"1e20"]').grown).toBe(0);
  });
});

describe("JSON that a parser of the host has read, so that its text is gone", () => {
  it("a number that may have been another one is refused, too", () => {
    expect(refusedAt(() => checkParsedElsewhere({ a: 2 ** 53 }, LIMITS))).toBe("a");
    expect(refusedAt(() => checkParsedElsewhere({ a: Number.NaN }, LIMITS))).toBe("a");
    expect(refusedAt(() => checkParsedElsewhere({ a: 2 ** 53 - 1 }, LIMITS))).toBe("taken");
  });
});

describe("a value and its schema", () => {
  const Thing = z.strictObject({ a: z.int(), b: z.string() });

  it("every field that is wrong is named, without the part of its path that the caller did not write", () => {
    const Command = z.object({ kind: z.literal("save"), state: Thing });
    const errors = errorsOf(() =>
      parseWith(Command, { kind: "save", state: { a: "x", c: 1 } }, "state"),
    );
    expect(errors.map(({ path }) => path).sort()).toEqual(["a", "b", "c"]);
  });

  it("a value that fits comes back as the schema makes it", () => {
    expect(parseWith(Thing, { a: 1, b: "x" })).toEqual({ a: 1, b: "x" });
  });
});
