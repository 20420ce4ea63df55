/** A record that came over the wire keeps the parts that are as they were. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sharing } from "../../../../../server/state/store/etcd/sharing.js";

const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe("sharing", () => {
  it("parts that did not change are the very same ones, and those that did are new", () => {
    const before = { steps: [{ a: 1 }, { b: [1, 2] }, { c: null }], title: "x" };
    const next = copyOf(before);
    next.steps[1] = { b: [1, 3] };
    const shared = sharing(before, next);
    expect(shared).toEqual(next);
    expect(shared.steps[0]).toBe(before.steps[0]);
    expect(shared.steps[1]).not.toBe(before.steps[1]);
    expect(shared.steps[2]).toBe(before.steps[2]);
  });

  it("a copy of the whole is the one before", () => {
    const before = { steps: [{ a: 1 }] };
    expect(sharing(before, copyOf(before))).toBe(before);
  });

  it("whatever the two are, nothing of the newer one is lost or changed", () => {
    fc.assert(
      // As JSON has them: it knows no -0.
      fc.property(fc.jsonValue().map(copyOf), fc.jsonValue(), (before, next) => {
        const kept = copyOf(before);
        expect(sharing(before, copyOf(next))).toEqual(copyOf(next));
        expect(before).toEqual(kept);
      }),
    );
  });

  it("a key called __proto__ is a key like any other", () => {
    const text = '{"a":{"__proto__":{"x":1}},"n":1}';
    const next = JSON.parse(text.replace("1}", "2}").replace('"n":1', '"n":3')) as unknown;
    expect(JSON.stringify(sharing(JSON.parse(text), next))).toBe(JSON.stringify(next));
  });
});
