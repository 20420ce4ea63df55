/** A record's value in etcd: what was written is read, with the names of its last writes, and nothing else is taken for it. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  decodeValue,
  encodeValue,
  wasWrittenBy,
} from "../../../../../server/state/store/etcd/recordValue.js";
import { recordOf } from "../../../../support/disks/records.js";

const large = recordOf({ receipts: [] });
large.state!.steps = Array.from({ length: 500 }, (_, index) => ({
  ...{ action: `copy ${index}`, status: "pending" as const, index },
}));

describe("a record's value", () => {
  it.each([
    ["short", recordOf()],
    ["long", large],
  ])("a %s record is read as it was written", (_, record) => {
    const { value } = encodeValue(record, "w2", ["w1"]);
    expect(decodeValue(value)).toEqual({ writes: ["w1", "w2"], record });
  });

  it("a long one is packed to a fraction", () => {
    const { value } = encodeValue(large, "w");
    expect(value.length).toBeLessThan(JSON.stringify(large).length / 5);
  });

  it("a write is found again until 32 others have followed it", () => {
    let { value, writes } = encodeValue(recordOf(), "first");
    for (let later = 1; later < 32; later++) {
      ({ value, writes } = encodeValue(recordOf(), `w${later}`, writes));
      expect(wasWrittenBy("first", value)).toBe(true);
    }
    ({ value } = encodeValue(recordOf(), "one more", writes));
    expect(wasWrittenBy("first", value)).toBe(false);
    expect(wasWrittenBy("first", null)).toBe(false);
  });

  it.each([
    ["no JSON", Buffer.from("nonsense")],
    ["another format", Buffer.from('{"format":2,"writes":[],"record":{}}')],
    ["no record", Buffer.from('{"format":1,"writes":[],"record":{}}')],
    ["cut off", encodeValue(large, "w").value.subarray(0, 300)],
    ["one that unpacks without end", gzipSync(Buffer.alloc(64 * 1024 * 1024))],
  ])("%s is none", (_, value) => {
    expect(() => decodeValue(value)).toThrow();
    expect(wasWrittenBy("w", value)).toBe(false);
  });
});
