/** A record as a value in etcd: JSON, packed where it is long, with the names of the last writes, so that one of unknown outcome is found again. */
import { gunzipSync, gzipSync } from "node:zlib";
import * as z from "zod";
import { hasShapeOfRecord } from "../keptShape.js";
import { WorkflowRecord } from "../record.js";

export interface RecordValue {
  /** Of the writes that led here, the newest last. */
  readonly writes: readonly string[];
  readonly record: WorkflowRecord;
}

/** More than can be under way for one workflow over all servers. */
const MOST_WRITES = 32;
/** Below this, packing costs more than it saves. */
const PACKED_FROM_BYTES = 2_048;
/** Far above the largest state. A value that is longer than that is none of ours. */
const LONGEST_BYTES = 8 * 1024 * 1024;
const GZIP = 0x1f;

const Value = z.object({
  format: z.literal(1),
  writes: z.array(z.string().max(64)).max(MOST_WRITES),
  record: z.unknown(),
});

/** The value for a record that is written after `before`, by the write of this name. */
export function encodeValue(
  record: WorkflowRecord,
  write: string,
  before: readonly string[] = [],
): { readonly value: Buffer; readonly writes: readonly string[] } {
  const writes = [...before, write].slice(-MOST_WRITES);
  const text = Buffer.from(JSON.stringify({ format: 1, writes, record }));
  // The fastest level: what is kept is read once by each server, and goes with the next compaction.
  return {
    value: text.length < PACKED_FROM_BYTES ? text : gzipSync(text, { level: 1 }),
    writes,
  };
}

/** Throws, saying what is wrong, on anything but what was written. */
export function decodeValue(value: Buffer): RecordValue {
  const text = value[0] === GZIP ? gunzipSync(value, { maxOutputLength: LONGEST_BYTES }) : value;
  const { writes, record } = Value.parse(JSON.parse(text.toString()));
  if (!hasShapeOfRecord(record)) WorkflowRecord.parse(record);
  // Never a parsed copy: parsing reorders keys.
  return { writes, record: record as WorkflowRecord };
}

/** Whether a value, as it is now, was written by this write or after it. Anything that cannot be read was not. */
export function wasWrittenBy(write: string, value: Buffer | null): boolean {
  if (value === null) return false;
  try {
    return decodeValue(value).writes.includes(write);
  } catch {
    return false;
  }
}
