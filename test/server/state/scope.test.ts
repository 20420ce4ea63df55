/** Scopes: patterns with stars against ids, held against a naive matcher. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { EVERYTHING, Scope } from "../../../server/state/scope.js";

test.each([
  ["deploy-*", "deploy-1", true],
  ["deploy-*", "deploy-", true],
  ["deploy-*", "deploy", false],
  ["deploy-*", "my-deploy-1", false],
  ["*-nightly", "shop-nightly", true],
  ["a*b*c", "a1b2b3c", true],
  ["a*b*c", "acb", false],
  ["a*a", "a", false],
  ["*", "anything", true],
  ["exact", "exact", true],
  ["exact", "exactly", false],
  ["a.c", "abc", false],
])("%s has %s: %s", (pattern, id, expected) => {
  expect(new Scope([pattern]).has(id)).toBe(expected);
});

test("one of several patterns is enough, none of none, and everything has all", () => {
  expect(new Scope(["a-*", "b-*"]).has("b-1")).toBe(true);
  expect(new Scope([]).has("a")).toBe(false);
  expect(EVERYTHING.has("a")).toBe(true);
});

test("a pattern means what the same regular expression means", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "-", "*"), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (glob, id) => {
      const expected = new RegExp(`^${glob.replaceAll("*", ".*")}$`).test(id);
      expect(new Scope([glob]).has(id)).toBe(expected);
    }),
  );
});
