/** The REST fallback for output: reads one followed log every two seconds, where no socket brings it. */
import type { Clock } from "../../shared/clock.js";
import { SyncError } from "../../shared/errors.js";
import { pause } from "../../shared/pause.js";
import type { WorkflowState } from "../../shared/schema/workflow.js";
import { attemptOf } from "../../shared/state/attempt.js";
import { stepAtIndex } from "../../shared/state/stepPlace.js";
import { isEnded, isFinished } from "../../shared/statuses.js";
import type { Http } from "../rest/http.js";
import { asLoaded } from "../rest/rest.js";
import type { LogBytes, LogCalls } from "../rest/restLog.js";
import type { FollowedLog } from "./followedLog.js";
import { piecesIn } from "./logPieces.js";

const READ_EVERY_MS = 2_000;
/** An attempt that is over can only bring late lines or another attempt. */
const READ_OVER_EVERY_MS = 10_000;
/** All that one attempt may have, over a slow link. */
const READ_DEADLINE_MS = 120_000;

export interface LogReaderParts {
  readonly clock: Clock;
  readonly http: Http;
  readonly rest: Pick<LogCalls, "log">;
}

/** Reads until the signal is aborted, or nothing can ever come again. Never rejects. */
export async function readLog(
  log: FollowedLog,
  parts: LogReaderParts,
  signal: AbortSignal,
  roundDone: () => void,
): Promise<void> {
  try {
    while (!log.isFinal) {
      const hasMore = await round(log, parts, signal).catch((error) => failed(log, error));
      signal.throwIfAborted();
      roundDone();
      const every = log.isOver ? READ_OVER_EVERY_MS : READ_EVERY_MS;
      if (!hasMore) await pause(parts.clock, every, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** True where there is more to read at once. */
async function round(
  log: FollowedLog,
  parts: LogReaderParts,
  signal: AbortSignal,
): Promise<boolean> {
  const newest = await read(log, parts, log.wanted.attempt, signal);
  const { at } = log;
  if (at && newest.attempt > at.attempt) {
    const rest = await read(log, parts, at.attempt, signal);
    tell(log, rest, true);
    log.over();
    log.begin({ attempt: newest.attempt, next: 0 });
    return true;
  }
  if (tell(log, newest, false)) return false;
  // Nothing new: is it because this was all? Asked before the last read, so that no line falls between the two.
  if (log.isOver || !(await hasEnded(log, parts, signal))) return false;
  tell(log, await read(log, parts, log.at?.attempt, signal), true);
  log.over();
  return false;
}

/** Returns whether there was anything. */
function tell(log: FollowedLog, read: LogBytes, isAll: boolean): boolean {
  const pieces = piecesIn(read, log.at?.next ?? log.wanted.from ?? read.from, isAll);
  log.isThere();
  if (!log.at) log.begin({ attempt: read.attempt, next: read.from });
  for (const piece of pieces) log.take(piece);
  return pieces.length > 0;
}

function read(
  { workflow_id, step, at, wanted }: FollowedLog,
  { rest }: LogReaderParts,
  attempt: number | undefined,
  signal: AbortSignal,
): Promise<LogBytes> {
  const where = at ? { from: at.next } : { from: wanted.from, tail: wanted.tail };
  const { epoch } = wanted;
  const options = { ...where, epoch, attempt, signal, deadlineMs: READ_DEADLINE_MS };
  return rest.log(workflow_id, step, options);
}

async function hasEnded(
  { workflow_id, step, at }: FollowedLog,
  { http }: LogReaderParts,
  signal: AbortSignal,
): Promise<boolean> {
  const call = { method: "GET", path: "workflow/state", query: { workflow_id }, signal } as const;
  const loaded = await http(call, asLoaded);
  return loaded !== null && isOver(loaded.state, step, at?.attempt ?? 1);
}

function isOver(state: WorkflowState, index: number, attempt: number): boolean {
  const step = stepAtIndex(state, index);
  if (isEnded(state.status)) return true;
  return step !== undefined && (attemptOf(step) > attempt || isFinished(step));
}

function failed(log: FollowedLog, error: unknown): false {
  if (error instanceof SyncError) {
    if (error.code === "unknown_workflow") log.gone(log.at ? "cleared" : "unknown");
    if (error.code === "unknown_step" || error.code === "not_found") log.gone("unknown");
  }
  return false;
}
