/** The record of one workflow: its state, and everything that must survive a restart with it. */
import { hash } from "node:crypto";
import * as z from "zod";
import { WorkflowId, WorkflowState } from "../../../shared/schema/workflow.js";
import { hasShapeOfRecord } from "./keptShape.js";

/** The outcome of an accepted command, so that the same request id again gives the same outcome. */
const Receipt = z.object({
  id: z.string(),
  /** The command's fingerprint: the same id with another command is a mistake. */
  print: z.string(),
  /** The position it led to: a clear ends an epoch and has none. */
  epoch: z.string().nullable(),
  revision: z.int().nullable(),
  token: z.int().optional(),
  /** The sender named no workflow, so a repetition cannot either. */
  implied: z.boolean().optional(),
  /** In a cluster: when it was accepted, ms since the epoch. */
  at: z.number().optional(),
});
export type Receipt = z.infer<typeof Receipt>;

/** An event of the revision at which it happened. It stands in the record that the change made, so that a crash takes both or neither. */
const UntoldEvent = z.object({
  epoch: z.string().min(1),
  revision: z.int().nonnegative(),
  /** As `shared/state/workflowEvent.ts` has it. */
  event: z.record(z.string(), z.unknown()),
});
export type UntoldEvent = z.infer<typeof UntoldEvent>;

export const WorkflowRecord = z.object({
  workflow_id: WorkflowId,
  epoch: z.string().min(1),
  revision: z.int().nonnegative(),
  /** Grows with every start in this data folder: the highest open one is current. */
  order: z.int().nonnegative(),
  /** Null once cleared: what remains are the receipts. */
  state: WorkflowState.nullable(),
  receipts: z.array(Receipt),
  /** The last fencing token given out. */
  fence: z.int().nonnegative(),
  /** With the boot of the server whose own runner holds it: such a lease ends with that process, not with time. */
  lease: z
    .object({
      token: z.int(),
      driver: z.string(),
      boot_id: z.string().optional(),
      /** The name of that server in its cluster. */
      node: z.string().optional(),
    })
    .nullable(),
  /** When an ended workflow is cleared, ms since the epoch. */
  clear_at: z.number().nullable(),
  /** For a workflow of the server's own: under which name its runner keeps what nobody else may see. */
  run: z.string().optional(),
  /** Where it was restored: the epoch under which its output is kept. */
  output_epoch: z.string().min(1).optional(),
  /** The node of a cluster that took its start: there is kept what is printed before a step has begun. */
  home: z.string().optional(),
  /** For a workflow of the server's own: only a node of a cluster that has all of these labels runs it. */
  labels: z.array(z.string()).optional(),
  /** Events that webhooks are told of and whose deliveries may not be kept yet, the oldest first; also those of an epoch before. */
  untold: z.array(UntoldEvent).optional(),
});
export type WorkflowRecord = z.infer<typeof WorkflowRecord>;

/** A record of a workflow that is there, as against one that was cleared. */
export type LiveRecord = WorkflowRecord & { readonly state: WorkflowState };

/** Whether a record is one of a workflow that is there: not missing, and no trace. */
export const isLive = (record: WorkflowRecord | null | undefined): record is LiveRecord =>
  record != null && record.state !== null;

const FORMAT = 1;
const File = z.object({ format: z.literal(FORMAT), sha256: z.string(), record: z.unknown() });
/** How a file begins that nobody has touched since it was written. */
const HEAD = new RegExp(`^\\{"format":${FORMAT},"sha256":"([0-9a-f]{64})","record":\n?`);
const TAIL = "}\n";

/** Above these, line breaks and indentation would cost more than they help a reader. */
const READABLE_STEPS = 200;
const READABLE_CHARACTERS = 96 * 1024;

/** The text of a record's file: for people to read while it is small, and with a checksum of the record as it stands there, so that a flipped bit is never taken for a state. */
export function encodeRecord(record: WorkflowRecord): string {
  const readable = isShort(record) ? indented(record) : null;
  const isReadable = readable !== null && readable.length <= READABLE_CHARACTERS;
  const text = isReadable ? readable : JSON.stringify(record);
  return `{"format":${FORMAT},"sha256":"${sha256(text)}","record":${isReadable ? "\n" : ""}${text}${TAIL}`;
}

/** The record in a file's text. Throws, saying what is wrong, on anything but exactly what was written. */
export function decodeRecord(text: string): WorkflowRecord {
  const record = asItStands(text) ?? asItIsMeant(text);
  if (!hasShapeOfRecord(record)) WorkflowRecord.parse(record);
  // Never a parsed copy: parsing reorders keys.
  return record as WorkflowRecord;
}

const isShort = ({ state }: WorkflowRecord): boolean =>
  (state?.steps.length ?? 0) <= READABLE_STEPS;

/** The record of a file as it was written; null where anything about it is different. */
function asItStands(text: string): unknown {
  const [head, sum] = HEAD.exec(text) ?? [];
  if (head === undefined || !text.endsWith(TAIL)) return null;
  const record = text.slice(head.length, -TAIL.length);
  return sha256(record) === sum ? JSON.parse(record) : null;
}

/** The same where the spaces between its words are others, as an editor leaves it; an earlier version left out the spaces before it took the checksum. */
function asItIsMeant(text: string): unknown {
  const file = File.parse(JSON.parse(text));
  const sums = [JSON.stringify(file.record), indented(file.record)].map(sha256);
  if (!sums.includes(file.sha256)) throw new Error("the checksum does not match the content");
  return file.record;
}

const indented = (value: unknown): string => JSON.stringify(value, null, 1);

/** In one call: an object of its own for each text would take as long as the sum. */
const sha256 = (text: string): string => hash("sha256", text);
