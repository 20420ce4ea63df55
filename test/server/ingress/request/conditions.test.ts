/** The conditions of a request as tables: entity tags, keys, tokens and times, without a server. */
import type { Request } from "express";
import { describe, expect, it } from "vitest";
import {
  matchesNone,
  tokenIn,
  waitIn,
  writeConditions,
} from "../../../../server/ingress/request/conditions.js";
import { SyncError } from "../../../../shared/errors.js";
import { NOTHING_TAG } from "../../../../shared/wire/rest.js";

const asking = (headers: Readonly<Record<string, string>>): Request => {
  const lower = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { get: (name: string) => lower.get(name.toLowerCase()) } as unknown as Request;
};

const refused = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error instanceof SyncError ? error.message : error;
  }
};

describe("the conditions of a write", () => {
  it.each([
    [undefined, undefined],
    ["*", "any"],
    [' "e1.7" ', { epoch: "e1", revision: 7 }],
    ['"e1.0"', { epoch: "e1", revision: 0 }],
    ['"of another server"', { epoch: "", revision: -1 }],
    ['""', { epoch: "", revision: -1 }],
  ])("If-Match: %j expects %j", (header, expected) => {
    const headers = header === undefined ? {} : { "If-Match": header };
    expect(writeConditions(asking(headers)).expected).toEqual(expected);
  });

  it.each(['W/"e1.7"', "e1.7", '"e1.7", "e1.8"', ""])("If-Match: %j is refused", (header) => {
    expect(refused(() => writeConditions(asking({ "If-Match": header })))).toBe(
      "If-Match: must be one strong entity tag, or *",
    );
  });

  it("If-None-Match: * expects that nothing is there", () => {
    expect(writeConditions(asking({ "If-None-Match": " * " })).expected).toBe("none");
  });

  it.each([
    [{ "If-None-Match": '"e1.7"' }, "If-None-Match: must be * for a write"],
    [{ "If-None-Match": "*", "If-Match": "*" }, "If-None-Match: cannot stand beside If-Match"],
  ])("%j is refused", (headers, why) => {
    expect(refused(() => writeConditions(asking(headers)))).toBe(why);
  });

  it.each([
    ["k-1", "k-1"],
    ['"k-1"', "k-1"],
    ["x".repeat(128), "x".repeat(128)],
  ])("Idempotency-Key: %j is the key %j", (header, key) => {
    expect(writeConditions(asking({ "Idempotency-Key": header })).requestId).toBe(key);
  });

  it.each(["", '""', "two words", "ü", "x".repeat(129)])(
    "Idempotency-Key: %j is refused",
    (header) => {
      expect(refused(() => writeConditions(asking({ "Idempotency-Key": header })))).toBe(
        "Idempotency-Key: must be 1 to 128 visible ASCII characters",
      );
    },
  );

  it("a fencing token is the number that a claim gave", () => {
    expect(writeConditions(asking({ "Instep-Token": "12" })).token).toBe(12);
    expect(tokenIn("1")).toBe(1);
  });

  it.each(["", "x", "1.5", "-1", "0", "1e3", " 1", "9".repeat(16)])(
    "Instep-Token: %j is refused",
    (header) => {
      expect(refused(() => tokenIn(header))).toBe("Instep-Token: must be the number a claim gave");
    },
  );
});

describe("If-None-Match of a read", () => {
  it.each([
    [undefined, '"e1.7"', false],
    ['"e1.7"', '"e1.7"', true],
    ['W/"e1.7"', '"e1.7"', true],
    ['"e1.6", W/"e1.7"', '"e1.7"', true],
    ['"e1.6"', '"e1.7"', false],
    ["*", '"e1.7"', true],
    [" * ", NOTHING_TAG, false],
    [NOTHING_TAG, NOTHING_TAG, true],
  ])("%j beside the tag %j: what the caller knows is %s", (header, tag, isKnown) => {
    expect(matchesNone(header, tag)).toBe(isKnown);
  });
});

describe("how long a read waits", () => {
  it.each([
    [undefined, 0],
    ["0s", 0],
    ["500ms", 500],
    ["25s", 25_000],
    ["31s", 30_000],
    ["999999s", 30_000],
  ])("wait=%s is %d ms, never more than the limit", (value, ms) => {
    expect(waitIn(value, 30_000)).toBe(ms);
  });

  it.each(["", "25", "25 s", "-1s", "1.5s", "1m", "1000000ms", ["1s", "2s"]])(
    "wait=%j is refused",
    (value) => {
      expect(refused(() => waitIn(value, 30_000))).toBe(
        'wait: must be a time such as "25s" or "500ms"',
      );
    },
  );
});
