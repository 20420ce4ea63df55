import fc from "fast-check";
import jsonPatch from "fast-json-patch";
import { describe, expect, it } from "vitest";
import { apply, diff, PatchError, type PatchOperation } from "../../shared/patch.js";

const FORBIDDEN = ["__proto__", "constructor", "prototype"];

const asJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

/** Documents as they can stand in a state: JSON (so no -0), without the keys that are refused at the door. */
const document = fc
  .jsonValue({ maxDepth: 4 })
  .map(asJson)
  .filter((value) => !FORBIDDEN.some((key) => JSON.stringify(value).includes(`"${key}"`)));

describe("a patch", () => {
  it("leads from any document to any other", () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        expect(apply(before, diff(before, after))).toEqual(after);
      }),
      { numRuns: 2_000 },
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

  it("leaves the document it is applied to as it was, and shares what it does not touch", () => {
    const before = { steps: [{ action: "a" }, { action: "b" }], other: { deep: [1] } };
    const copy = structuredClone(before);
    const after = apply(before, [{ op: "replace", path: "/steps/0/action", value: "c" }]);
    expect(before).toEqual(copy);
    expect(after.steps[1]).toBe(before.steps[1]);
    expect(after.other).toBe(before.other);
    expect(after.steps[0]).toEqual({ action: "c" });
  });

  it("is empty for parts that are the same object", () => {
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
