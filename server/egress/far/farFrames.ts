/** Reads the frames that another node sends about output, as far as they are relayed. */
import type { LogTimes, TimedOffset } from "../../../shared/wire/logTimes.js";
import type { LogFrame } from "../outputFrames.js";

export type FarFrame =
  | { readonly type: "hello"; readonly heartbeatMs: number }
  /** A part of an output, for the follower of this name. */
  | { readonly type: "log"; readonly follower: string; readonly frame: LogFrame }
  | {
      readonly type: "log_end";
      readonly follower: string;
      readonly reason: "over" | "cleared" | "unknown";
      readonly next: number | null;
    }
  /** Something was refused, which is nobody's answer by name. */
  | { readonly type: "refused" }
  /** A sign of life, or something that we did not ask for. */
  | { readonly type: "other" };

/** Null for what no node of ours sends. */
export function readFarFrame(text: string): FarFrame | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof json !== "object" || json === null) return null;
  const frame = json as Readonly<Record<string, unknown>>;
  switch (frame.type) {
    case "hello":
      return isOffset(frame.heartbeat_ms) && frame.heartbeat_ms > 0
        ? { type: "hello", heartbeatMs: frame.heartbeat_ms }
        : null;
    case "log":
      return readLog(frame);
    case "log_end":
      return readEnd(frame);
    case "refused":
      return { type: "refused" };
    default:
      return { type: "other" };
  }
}

function readLog(frame: Readonly<Record<string, unknown>>): FarFrame | null {
  const { follower, workflow_id, step, attempt, from, next, text, skipped, at } = frame;
  if (typeof follower !== "string" || typeof workflow_id !== "string") return null;
  if (!isOffset(step) || !isOffset(attempt) || !isOffset(from) || !isOffset(next)) return null;
  if (typeof text !== "string" || (skipped !== undefined && !isOffset(skipped))) return null;
  if (at !== undefined && !isTimes(at)) return null;
  return {
    type: "log",
    follower,
    frame: {
      ...{ type: "log", workflow_id, step, attempt, from, next, text },
      ...(skipped === undefined ? {} : { skipped }),
      ...(at === undefined ? {} : { at }),
    },
  };
}

function readEnd({ follower, reason, next }: Readonly<Record<string, unknown>>): FarFrame | null {
  if (typeof follower !== "string" || (next !== null && !isOffset(next))) return null;
  if (reason !== "over" && reason !== "cleared" && reason !== "unknown") return null;
  return { type: "log_end", follower, reason, next };
}

const isOffset = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

const isTimed = (value: unknown): value is TimedOffset =>
  Array.isArray(value) && isOffset(value[0]) && (value[1] === null || isOffset(value[1]));

const isTimes = (value: unknown): value is LogTimes => Array.isArray(value) && value.every(isTimed);
