/**
 * Checks each frame that came over the socket before anything is done with it. Loose about what is new (unknown keys and types pass), exact
 * about what the client relies on: a frame that is wrong there means a broken link, and no part of it is applied.
 */
import { ERROR_CODES, type ErrorCode } from "../../shared/errors.js";
import { patchOf } from "../../shared/json/merge.js";
import type { PatchOperation } from "../../shared/json/patch.js";
import { LIST } from "../../shared/names.js";
import type { WorkflowState } from "../../shared/schema/workflow.js";
import type { LogTimes } from "../../shared/wire/logTimes.js";
import type { ListState, MergedChange, ServerMessage } from "../../shared/wire/serverMessages.js";

export type Parsed =
  | { readonly ok: true; readonly frame: ServerMessage | null }
  | { readonly ok: false; readonly why: string };

/** Null stands for a frame of a type that a later protocol added: to be ignored. */
export function parseFrame(data: unknown): Parsed {
  if (typeof data !== "string") return { ok: false, why: "not text" };
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    return { ok: false, why: "not JSON" };
  }
  if (!isRecord(json) || typeof json.type !== "string") return { ok: false, why: "no type" };
  const looksRight = CHECKS.get(json.type);
  if (!looksRight) return { ok: true, frame: null };
  if (!looksRight(json)) return { ok: false, why: `not a ${json.type} as promised` };
  const frame = json as unknown as ServerMessage | MergedChange;
  return { ok: true, frame: frame.type === "changed" ? unmerged(frame) : frame };
}

/** All that reads changes knows patches only. */
function unmerged({ merge, ...frame }: MergedChange): ServerMessage {
  return { ...frame, patch: patchOf({ ...frame, merge }) };
}

/** True where the page may rely on a state: it has an id, a status, and steps that are objects with an action. */
export function looksLikeState(value: unknown): value is WorkflowState {
  return (
    isRecord(value) &&
    isText(value.workflow_id) &&
    isText(value.status) &&
    Array.isArray(value.steps) &&
    value.steps.every((step) => isRecord(step) && isText(step.action) && isText(step.status))
  );
}

/** The state of the document `*`. */
export function looksLikeList(value: unknown): value is ListState {
  return (
    isRecord(value) && isRecord(value.workflows) && Object.values(value.workflows).every(isSummary)
  );
}

/** One line of the list, over the socket or over REST. */
export function isSummary(value: unknown): boolean {
  return isRecord(value) && isText(value.workflow_id) && isText(value.status);
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isText = (value: unknown): value is string =>
  typeof value === "string" && value !== "";

export const isRevision = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

/** A number that is counted from 1: an attempt, a token, a time that passes. */
export const isCount = (value: unknown): value is number => isRevision(value) && value > 0;

/** A code that a later protocol added is still a refusal. */
export const asErrorCode = (value: unknown): ErrorCode =>
  (ERROR_CODES as readonly unknown[]).includes(value) ? (value as ErrorCode) : "internal";

/** Offsets in order, each with ms or null. */
export const isLogTimes = (value: unknown): value is LogTimes =>
  Array.isArray(value) &&
  value.every((entry: unknown, i) => {
    if (!Array.isArray(entry) || entry.length !== 2 || !isRevision(entry[0])) return false;
    return (entry[1] === null || isRevision(entry[1])) && (i === 0 || entry[0] > value[i - 1][0]);
  });

type Check = (frame: Record<string, unknown>) => boolean;

const isTextOrNull = (value: unknown): boolean => value === null || isText(value);
const isTime = (value: unknown): boolean => isText(value) && Number.isFinite(Date.parse(value));
const isTimeOrNull = (value: unknown): boolean => value === null || isTime(value);
const isRevisionOrNull = (value: unknown): boolean => value === null || isRevision(value);
const isMissingOr = (isRight: (value: unknown) => boolean, value: unknown): boolean =>
  value === undefined || isRight(value);

const hasPosition: Check = (frame) =>
  isText(frame.workflow_id) && isText(frame.epoch) && isRevision(frame.revision);

const isPlaceInOutput: Check = (frame) => isText(frame.workflow_id) && isRevision(frame.step);

// A map and not an object: a type named "constructor" is only unknown.
const CHECKS = new Map<string, Check>(
  Object.entries({
    hello: (frame) =>
      isRevision(frame.protocol) &&
      isTime(frame.server_time) &&
      isText(frame.boot_id) &&
      isCount(frame.heartbeat_ms) &&
      Array.isArray(frame.can) &&
      isMissingOr(isText, frame.node) &&
      isMissingOr(isText, frame.user),
    current: (frame) => isTextOrNull(frame.workflow_id),
    snapshot: (frame) =>
      hasPosition(frame) &&
      (frame.workflow_id === LIST ? looksLikeList(frame.state) : looksLikeState(frame.state)),
    changed: (frame) =>
      hasPosition(frame) &&
      isRevision(frame.base) &&
      frame.base < (frame.revision as number) &&
      (frame.patch !== undefined || frame.merge !== undefined) &&
      isMissingOr(isPatch, frame.patch) &&
      isMissingOr(isMerge, frame.merge),
    resumed: hasPosition,
    closed: (frame) =>
      isText(frame.workflow_id) &&
      isTextOrNull(frame.epoch) &&
      isRevisionOrNull(frame.revision) &&
      isText(frame.reason),
    accepted: (frame) =>
      isText(frame.request_id) &&
      isTextOrNull(frame.workflow_id) &&
      isTextOrNull(frame.epoch) &&
      isRevisionOrNull(frame.revision) &&
      isMissingOr(isCount, frame.token) &&
      isMissingOr(isCount, frame.lease_ms),
    refused: (frame) =>
      isTextOrNull(frame.request_id) &&
      isText(frame.code) &&
      typeof frame.message === "string" &&
      typeof frame.retry === "boolean",
    log: (frame) =>
      isPlaceInOutput(frame) &&
      isRevision(frame.from) &&
      isRevision(frame.next) &&
      frame.next >= frame.from &&
      isCount(frame.attempt) &&
      typeof frame.text === "string" &&
      isMissingOr(isRevision, frame.skipped) &&
      isMissingOr(isLogTimes, frame.at),
    log_end: (frame) =>
      isPlaceInOutput(frame) &&
      (frame.attempt === null || isCount(frame.attempt)) &&
      isRevisionOrNull(frame.next) &&
      isText(frame.reason),
    log_away: (frame) =>
      isPlaceInOutput(frame) &&
      isCount(frame.attempt) &&
      isText(frame.node) &&
      isTimeOrNull(frame.since),
    storage: (frame) =>
      frame.status === "ok" || (frame.status === "failing" && isText(frame.reason)),
    stale: (frame) => isTimeOrNull(frame.since),
    heartbeat: (frame) => isMissingOr(isText, frame.server_time),
    pong: (frame) => isMissingOr(isText, frame.server_time),
  } satisfies Record<ServerMessage["type"], Check>),
);

const isPatch = (value: unknown): boolean => Array.isArray(value) && value.every(isOperation);

const isMerge = (value: unknown): boolean =>
  isRecord(value) && Object.values(value).every(isRecord);

function isOperation(value: unknown): value is PatchOperation {
  if (!isRecord(value) || typeof value.path !== "string") return false;
  if (value.op === "remove") return true;
  return (value.op === "add" || value.op === "replace") && Object.hasOwn(value, "value");
}
