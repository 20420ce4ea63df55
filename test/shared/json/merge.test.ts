/** The form merge: what it looks like, and that it leads exactly where the patch leads. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diff } from "../../../shared/json/diff.js";
import { type Merging, mergingOf, patchOf } from "../../../shared/json/merge.js";
import { apply } from "../../../shared/json/patch.js";
import { asJson, documentAndNext, jsonDocument } from "../../support/samples/jsonDocuments.js";

const steps = [{ action: "build" }, { action: "test", message: "old", error: "gone soon" }];
const before = { status: "running", steps, last_update: "then" };

const told = (after: unknown): unknown => asJson(mergingOf(diff(before, after)));

/** As text, so that the order of keys counts, too. */
const sameText = (one: unknown, other: unknown) =>
  expect(JSON.stringify(one)).toBe(JSON.stringify(other));

describe("the form merge", () => {
  it("the form merge names each object once, with the members that it gets", () => {
    const test = { ...steps[1], message: "new", progress: 0.5 };
    expect(told({ ...before, steps: [steps[0], test], last_update: "now" })).toEqual({
      merge: {
        "": { last_update: "now" },
        "/steps/1": { message: "new", progress: 0.5 },
      },
    });
  });

  it("the form merge leaves to the patch what goes, what stands in a list, and the whole document", () => {
    const ship = { action: "ship" };
    const { error: _error, ...test } = steps[1]!;
    expect(told({ ...before, steps: [steps[0], test, ship], last_update: "now" })).toEqual({
      patch: [
        { op: "add", path: "/steps/-", value: ship },
        { op: "remove", path: "/steps/1/error" },
      ],
      merge: { "": { last_update: "now" } },
    });
    expect(told(7)).toEqual({ patch: [{ op: "replace", path: "", value: 7 }] });
    expect(told(before)).toEqual({ patch: [] });
  });

  it("the form merge leads to the same document as the patch, to the order of its keys", () => {
    const pair = fc.oneof(documentAndNext, fc.tuple(jsonDocument, jsonDocument));
    fc.assert(
      fc.property(pair, ([from, to]) => {
        const patch = diff(from, to);
        const merging = asJson(mergingOf(patch)) as Merging;
        sameText(apply(from, patchOf(merging)), apply(from, patch));
        expect(asJson(apply(from, patchOf(merging)))).toEqual(asJson(to));
      }),
      { numRuns: 2_000 },
    );
  });

  it("the form merge leads there over several changes, one from what the other left", () => {
    fc.assert(
      fc.property(fc.array(documentAndNext, { minLength: 2, maxLength: 5 }), (pairs) => {
        let [patched, merged]: unknown[] = [null, null];
        for (const next of pairs.flat()) {
          const patch = diff(patched, next);
          merged = apply(merged, patchOf(asJson(mergingOf(patch)) as Merging));
          patched = apply(patched, patch);
          sameText(merged, patched);
        }
      }),
    );
  });

  it("the form merge takes names of digits for places in a list, and longer ones for names", () => {
    const named = (key: string) => mergingOf(diff({ a: 1 }, { a: 1, [key]: 2 }));
    expect(named("7")).toEqual({ patch: [{ op: "add", path: "/7", value: 2 }] });
    expect(named("-")).toEqual({ patch: [{ op: "add", path: "/-", value: 2 }] });
    expect(named("007")).toEqual({ merge: { "": { "007": 2 } } });
    expect(named("1234567890123456")).toEqual({ merge: { "": { "1234567890123456": 2 } } });
    expect(named("a/~b")).toEqual({ merge: { "": { "a/~b": 2 } } });
  });
});
