/** The text of a record's file: what is read of it, and who decides whether it is a record. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { hasShapeOfRecord } from "../../../../server/state/store/keptShape.js";
import {
  decodeRecord,
  encodeRecord,
  type LiveRecord,
  WorkflowRecord,
} from "../../../../server/state/store/record.js";
import type { Step } from "../../../../shared/schema/workflow.js";
import { NOW, recordOf, stateOf } from "../../../support/disks/records.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const fileOf = (record: string, between = "") =>
  `{"format":1,"sha256":"${sha256(record)}","record":${between}${record}}\n`;

const STEP: Step = {
  ...{ action: "copy", status: "failed", index: 0, title: "Copy", attempt: 2, log_bytes: 7 },
  ...{ started_at: NOW, first_started_at: NOW, finished_at: NOW, retry_at: NOW },
  ...{ progress: 0.5, message: "half", message_from: "output", error: "no", data: { any: [1] } },
  error_line: { offset: 3, line: 1 },
  tasks: [{ name: "one", status: "done", note: "n" }],
  ...{ completion_note: "c", notes: ["n"], answer: 1 },
  attempts: [
    {
      ...{ attempt: 1, status: "failed", started_at: NOW, finished_at: NOW, error: "no" },
      ...{ error_line: { offset: 3, line: 1 }, exit_code: 1, log_bytes: 3 },
    },
  ],
  answered: { at: NOW, by: "ann", id: "q", prompt: "?" },
  steps: [{ action: "branch", status: "pending", index: 0 }],
};

/** A record with every field that the schema knows. */
const FULL: LiveRecord = recordOf({
  state: stateOf({
    ...{ name: "n", title: "t", end_time: NOW, error_message: "no", definition: "d" },
    steps: [STEP],
    block_info: {
      ...{ id: "q", step: 0, block_reason: "question", prompt: "?", fields: {}, default: 1 },
      ...{ asked_at: NOW, deadline: NOW, on_deadline: "fail" },
    },
    driver: { name: "ci", since: NOW },
    interruption: {
      ...{ at: NOW, reason: "driver_gone", step: 0, branches: [1], since: NOW },
      ...{ last_seen: NOW, processes: "ended", goes_on_at: NOW, note: "n" },
    },
    inputs: { a: 1 },
    hidden_inputs: ["a"],
    queued: { since: NOW, group: "g", behind: "other", labels: ["gpu"] },
    concurrency: { group: "g", limit: 1, when_busy: "wait" },
    replaced_by: "other",
    stop_requested: { at: NOW, now: true },
    stopped_by: "ann",
    retried_from: { workflow_id: "other", step: 0, recipe: { from: "file", changed: false } },
    recovered_from_backup: { at: NOW, saved_at: NOW },
  }),
  receipts: [{ id: "r", print: "p", epoch: "e1", revision: 1, token: 1, implied: true, at: 1.5 }],
  lease: { token: 1, driver: "ci", boot_id: "b", node: "a" },
  ...{ clear_at: 1.5, run: "r", home: "a", output_epoch: "e0", labels: ["gpu"] },
  untold: [{ epoch: "e1", revision: 1, event: { type: "ended" } }],
});

/** The places of fields that a schema knows and a value does not have, however deep; of a list, in its first entry. */
function missingIn(value: unknown, schema: unknown, place = ""): string[] {
  const { def } = schema as { readonly def: Readonly<Record<string, unknown>> };
  const inner = def.innerType ?? def.in;
  if (inner) return missingIn(value, inner, place);
  if (def.type === "array") return missingIn((value as unknown[])?.[0], def.element, `${place}[]`);
  if (def.type !== "object") return [];
  return Object.entries(def.shape as object).flatMap(([name, field]) => {
    const at = `${place}.${name}`;
    const own = (value as Record<string, unknown> | undefined)?.[name];
    return own === undefined ? [at] : missingIn(own, field, at);
  });
}

const VALUES: readonly unknown[] = [
  ...[null, true, 0, 1, -1, 1.5, 2 ** 53, "", "x", "/", "completed", "2026-02-28T23:59:59.5Z"],
  ...["2026-02-30T00:00:00Z", "2026-01-01T00:00:00+01:00", "2026-01-01T24:00:00Z", "2026-01-01"],
  ...[[], {}, [null], [{}], { length: 0 }, Array.from({ length: 1_001 }, () => STEP)],
];

/** The value with each of its parts in turn taken away, or something else in its place. */
function* changed(value: unknown): Generator<unknown> {
  yield* VALUES;
  if (value === null || typeof value !== "object") return;
  for (const key of Object.keys(value)) {
    const { [key]: part, ...rest } = value as Record<string, unknown>;
    const withPart = (other: unknown) =>
      Array.isArray(value) ? value.with(Number(key), other) : { ...value, [key]: other };
    if (!Array.isArray(value)) yield rest;
    for (const other of changed(part)) yield withPart(other);
  }
}

describe("what has the shape of a record", () => {
  test("a record with every field that the schema knows has the shape of a record", () => {
    expect(missingIn(FULL, WorkflowRecord)).toEqual([]);
    expect(hasShapeOfRecord(FULL)).toBe(true);
    expect(hasShapeOfRecord(recordOf())).toBe(true);
    expect(hasShapeOfRecord({ ...recordOf(), state: null })).toBe(true);
  });

  test("what has the shape of a record is one by the schema, whatever is changed in it", () => {
    const counts = { taken: 0, refused: 0 };
    for (const value of changed(FULL)) {
      const isTaken = hasShapeOfRecord(value);
      counts[isTaken ? "taken" : "refused"]++;
      if (!isTaken) continue;
      expect(WorkflowRecord.safeParse(value).error, JSON.stringify(value)).toBeUndefined();
    }
    expect(counts.taken).toBeGreaterThan(200);
    expect(counts.refused).toBeGreaterThan(1_000);
  });
});

describe("the text of a record", () => {
  const LARGE = recordOf({
    state: stateOf({ steps: Array.from({ length: 500 }, (_, index) => ({ ...STEP, index })) }),
  });
  const WIDE = recordOf({ state: stateOf({ inputs: { text: "x".repeat(200_000) } }) });
  const RECORDS = { FULL, LARGE, WIDE, trace: { ...FULL, state: null } };

  test.for(Object.entries(RECORDS))("a record is read as it was written: %s", ([, record]) => {
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
  });

  test.for(Object.entries(RECORDS))(
    "a record is read where an earlier version wrote it, whose checksum is of the text without spaces: %s",
    ([, record]) => {
      const compact = JSON.stringify(record);
      const before = `{"format":1,"sha256":"${sha256(compact)}","record":\n${JSON.stringify(record, null, 1)}}\n`;
      expect(decodeRecord(before)).toEqual(record);
      expect(decodeRecord(fileOf(compact))).toEqual(record);
    },
  );

  test.for(Object.entries(RECORDS))(
    "a record is read where an editor has changed the spaces between its words, and nothing else: %s",
    ([, record]) => {
      const file = JSON.parse(encodeRecord(record));
      for (const space of [0, 1, 4, "\t"]) {
        expect(decodeRecord(JSON.stringify(file, null, space))).toEqual(record);
      }
      expect(decodeRecord(encodeRecord(record).trimEnd())).toEqual(record);
    },
  );

  test("a record is refused with any byte of its text changed", () => {
    const whole = Buffer.from(encodeRecord(recordOf()));
    for (let at = 0; at < whole.length; at++) {
      for (const bit of [1, 4, 32]) {
        const damaged = Buffer.from(whole);
        damaged[at]! ^= bit;
        let read: unknown = null;
        try {
          read = decodeRecord(damaged.toString("utf8"));
        } catch {
          // As it should be.
        }
        // Between words there may be any space.
        if (read !== null) expect(read, `${at}`).toEqual(recordOf());
      }
    }
  });

  test("a record that somebody else made is held to the schema, whatever its checksum says", () => {
    const odd = JSON.stringify({ ...recordOf(), revision: "1" });
    expect(() => decodeRecord(fileOf(odd))).toThrow(/revision/);
    expect(() => decodeRecord(fileOf("null", "\n"))).toThrow(/expected object/);
    expect(() => decodeRecord(fileOf("[]"))).toThrow(/expected object/);
    expect(() => decodeRecord(fileOf('{"a":'))).toThrow(SyntaxError);
  });

  test("a record with names that mean something to JavaScript has them as fields, and nothing more", () => {
    const text = JSON.stringify(recordOf());
    const odd = text.replace(
      '"state":{',
      '"state":{"__proto__":{"status":"failed"},"constructor":1,',
    );
    const record = decodeRecord(fileOf(odd));
    expect(record.state?.status).toBe("running");
    expect(Object.hasOwn(record.state!, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(record.state)).toBe(Object.prototype);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
