import fc from "fast-check";
import jsonPatch from "fast-json-patch";
import { describe, expect, it } from "vitest";
import { diff } from "../../../shared/json/diff.js";
import { apply, PatchError, type PatchOperation } from "../../../shared/json/patch.js";
import {
  asJson,
  jsonDocument as document,
  documentAndNext,
} from "../../support/samples/jsonDocuments.js";

const FORBIDDEN = ["__proto__", "constructor", "prototype"];

describe("a patch", () => {
  it("leads from any document to any other", () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        expect(apply(before, diff(before, after))).toEqual(after);
      }),
      { numRuns: 2_000 },
    );
  });

  it("leads from a list to what became of it, also for another RFC 6902 implementation", () => {
    fc.assert(
      fc.property(documentAndNext, ([before, after]) => {
        const copy = structuredClone(before);
        const patch = diff(before, after);
        expect(asJson(apply(before, patch))).toEqual(asJson(after));
        expect(before).toEqual(copy);
        const theirs = jsonPatch.applyPatch(asJson(before), asJson(patch) as jsonPatch.Operation[]);
        expect(theirs.newDocument).toEqual(asJson(after));
        for (const { op } of patch) expect(["add", "replace", "remove"]).toContain(op);
      }),
      { numRuns: 3_000 },
    );
  });

  it("means the same to another RFC 6902 implementation", () => {
    fc.assert(
      fc.property(fc.array(document), fc.array(document), (before, after) => {
        const patch = asJson(diff(before, after)) as jsonPatch.Operation[];
        const theirs = jsonPatch.applyPatch(asJson(before), patch).newDocument;
        expect(theirs).toEqual(asJson(after));
      }),
      { numRuns: 2_000 },
    );
  });

  it("made elsewhere is applied the same", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), document),
        fc.dictionary(fc.string(), document),
        (a, b) => {
          fc.pre(!FORBIDDEN.some((key) => Object.hasOwn(a, key) || Object.hasOwn(b, key)));
          const [before, after] = [asJson(a) as object, asJson(b) as object];
          const theirs = jsonPatch.compare(before, after) as PatchOperation[];
          expect(apply(before, theirs)).toEqual(after);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("a patch leaves the document it is applied to as it was, and shares what it does not touch", () => {
    const before = { steps: [{ action: "a" }, { action: "b" }], other: { deep: [1] } };
    const copy = structuredClone(before);
    const after = apply(before, [{ op: "replace", path: "/steps/0/action", value: "c" }]);
    expect(before).toEqual(copy);
    expect(after.steps[1]).toBe(before.steps[1]);
    expect(after.other).toBe(before.other);
    expect(after.steps[0]).toEqual({ action: "c" });
  });

  it("a patch is empty for parts that are the same object", () => {
    const shared = { big: Array.from({ length: 1_000 }, (_, i) => ({ i })) };
    expect(diff({ shared, n: 1 }, { shared, n: 2 })).toEqual([
      { op: "replace", path: "/n", value: 2 },
    ]);
  });

  it("treats a key that holds undefined as absent, as JSON does", () => {
    expect(diff({ a: undefined, b: 1 }, { a: 2, b: undefined })).toEqual([
      { op: "remove", path: "/b" },
      { op: "add", path: "/a", value: 2 },
    ]);
  });

  it.each(FORBIDDEN.flatMap((key) => [`/${key}/x`, `/a/${key}/x`, `/${key}`, `/a/${key}`]))(
    "never reaches a prototype: %s",
    (path) => {
      const before = { a: {} };
      for (const op of ["add", "replace"] as const) {
        expect(() => apply(before, [{ op, path, value: "bad" }])).toThrow(PatchError);
      }
      expect(() => apply(before, [{ op: "remove", path }])).toThrow(PatchError);
      expect(({} as Record<string, unknown>).x).toBeUndefined();
    },
  );

  it("a patch tells of a key that would reach a prototype only within a value", () => {
    const before = JSON.parse('{"a":{"__proto__":{"x":1}},"b":{"constructor":1}}') as unknown;
    const after = JSON.parse('{"a":{"__proto__":{"x":2}},"b":{"prototype":1}}') as unknown;
    const patch = diff(before, after);
    expect(patch.map(({ path }) => path)).toEqual(["/a", "/b"]);
    expect(JSON.stringify(apply(before, patch))).toBe(JSON.stringify(after));
  });

  it("a patch that goes back and forth in one list is applied as if one by one", () => {
    const places = fc.array(fc.tuple(fc.nat(9), fc.boolean()), { maxLength: 40 });
    fc.assert(
      fc.property(places, (changes) => {
        const list = Array.from({ length: 20 }, (_, i) => ({ i }));
        const expected: unknown[] = [...list];
        const patch = changes.map(([at, comes], n): PatchOperation => {
          if (comes || expected.length <= at) {
            const place = Math.min(at, expected.length);
            expected.splice(place, 0, n);
            return { op: "add", path: `/list/${place}`, value: n };
          }
          expected.splice(at, 1);
          return { op: "remove", path: `/list/${at}` };
        });
        expect(apply({ list }, patch).list).toEqual(expected);
      }),
    );
  });

  it.each<PatchOperation>([
    { op: "replace", path: "/missing", value: 1 },
    { op: "remove", path: "/missing" },
    { op: "add", path: "/missing/x", value: 1 },
    { op: "replace", path: "/list/2", value: 1 },
    { op: "remove", path: "/list/2" },
    { op: "add", path: "/list/3", value: 1 },
    { op: "add", path: "/list/01", value: 1 },
    { op: "replace", path: "/list/-", value: 1 },
    { op: "replace", path: "/toString", value: 1 },
    { op: "add", path: "list", value: 1 },
    { op: "add", path: "/text/0", value: 1 },
    { op: "remove", path: "" },
  ])("that does not fit is refused: $op $path", (operation) => {
    expect(() => apply({ list: [1, 2], text: "abc" }, [operation])).toThrow(PatchError);
  });
});
