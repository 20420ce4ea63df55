/** Reads by hand the messages that come most often. It gives what the schemas make of them, and null for everything that is better left to the schemas. */
import { isForbiddenKey } from "../json/patch.js";
import { LIST, WORKFLOW_ID } from "../names.js";
import { STEP_STATUSES } from "../statuses.js";
import { utcTime } from "../text/time.js";
import type { ClientMessage } from "./clientMessages.js";
import { type Command, REQUEST_ID } from "./command.js";
import type { Position } from "./position.js";
import { MOST_TIME_CHARACTERS, StepUpdate } from "./workflow.js";

type Values = Readonly<Record<string, unknown>>;

/** A step's report, a subscription or a ping, as `ClientMessage` gives it. Null says nothing about the message, not even that it is wrong. */
export function plainMessage(json: unknown): ClientMessage | null {
  if (!isRecord(json)) return null;
  switch (json.type) {
    case "propose":
      return plainPropose(json);
    case "subscribe":
      return plainSubscribe(json);
    case "ping":
      return countOf(json) === 1 ? { type: "ping" } : null;
    default:
      return null;
  }
}

/** A step's report, as `Command` gives it; null for any other command, and for every report that is not plain. */
export function plainCommand(json: unknown): Command | null {
  if (!isRecord(json) || json.kind !== "step") return null;
  const { workflow_id, index } = json;
  const update = isCount(index) ? plainUpdate(json.update) : null;
  if (update === null || !isCount(index)) return null;
  if (workflow_id === undefined)
    return countOf(json) === 3 ? { kind: "step", index, update } : null;
  if (!isText(workflow_id) || !WORKFLOW_ID.test(workflow_id) || countOf(json) !== 4) return null;
  return { kind: "step", workflow_id, index, update };
}

function plainPropose(json: Values): ClientMessage | null {
  const { request_id, expected_revision, expected_epoch, token } = json;
  if (!isText(request_id) || !REQUEST_ID.test(request_id)) return null;
  const command = plainCommand(json.command);
  if (command === null) return null;
  if (countOf(json) === 3) return { type: "propose", request_id, command };
  let count = 3;
  const message: Extract<ClientMessage, { type: "propose" }> = {
    type: "propose",
    request_id,
    command,
  };
  if (expected_revision !== undefined) {
    if (!isCount(expected_revision)) return null;
    message.expected_revision = expected_revision;
    count += 1;
  }
  if (expected_epoch !== undefined) {
    if (!isEpoch(expected_epoch) || expected_revision === undefined) return null;
    message.expected_epoch = expected_epoch;
    count += 1;
  }
  if (token !== undefined) {
    if (!isCount(token) || token === 0) return null;
    message.token = token;
    count += 1;
  }
  return countOf(json) === count ? message : null;
}

function plainSubscribe(json: Values): ClientMessage | null {
  const { workflow_id, last } = json;
  if (!isText(workflow_id) || (workflow_id !== LIST && !WORKFLOW_ID.test(workflow_id))) return null;
  if (last === undefined) return countOf(json) === 2 ? { type: "subscribe", workflow_id } : null;
  const position = last === null ? null : plainPosition(last);
  if ((last !== null && position === null) || countOf(json) !== 3) return null;
  return { type: "subscribe", workflow_id, last: position };
}

function plainPosition(json: unknown): Position | null {
  if (!isRecord(json) || countOf(json) !== 2) return null;
  const { epoch, revision } = json;
  return isEpoch(epoch) && isCount(revision) ? { epoch, revision } : null;
}

/** The same object where its keys stand in the order that the schema gives them: a receipt's fingerprint is over that order. */
function plainUpdate(json: unknown): StepUpdate | null {
  if (!isRecord(json)) return null;
  const keys = Object.keys(json);
  let isInOrder = true;
  let last = -1;
  for (const key of keys) {
    const value = json[key];
    const field = FIELDS.get(key);
    if (value === undefined || !(field ? field.isPlain(value) : !isForbiddenKey(key))) return null;
    const place = field?.place ?? FIELDS.size;
    if (place < last) isInOrder = false;
    last = place;
  }
  if (keys.length === 0) return null;
  return (isInOrder ? json : inOrder(json, keys)) as StepUpdate;
}

function inOrder(json: Values, keys: readonly string[]): Values {
  const ordered: Record<string, unknown> = {};
  for (const key of FIELDS.keys()) if (Object.hasOwn(json, key)) ordered[key] = json[key];
  for (const key of keys) if (!FIELDS.has(key)) ordered[key] = json[key];
  return ordered;
}

const isRecord = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const countOf = (json: Values): number => Object.keys(json).length;
const isText = (value: unknown): value is string => typeof value === "string";
const isTextOrNull = (value: unknown): boolean => isText(value) || value === null;
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
const isEpoch = (value: unknown): value is string =>
  isText(value) && value.length > 0 && value.length <= 64;
const isAnything = (): boolean => true;
const isNull = (value: unknown): boolean => value === null;
/** Any other time is one that the schema writes anew. */
const isKeptTime = (value: unknown): boolean =>
  value === null ||
  (isText(value) && value.length <= MOST_TIME_CHARACTERS && utcTime(value) === value);

const STATUSES: ReadonlySet<unknown> = new Set(STEP_STATUSES);

/** The fields that are read here. Any other one that the schema knows goes to the schema. */
const PLAIN: Readonly<Record<string, (value: unknown) => boolean>> = {
  action: (value) => isText(value) && value !== "",
  status: (value) => STATUSES.has(value),
  index: (value) => Number.isSafeInteger(value),
  title: isText,
  attempt: (value) => isCount(value) && value > 0,
  started_at: isKeptTime,
  first_started_at: isKeptTime,
  finished_at: isKeptTime,
  progress: (value) => value === null || (typeof value === "number" && value >= 0 && value <= 1),
  message: isTextOrNull,
  message_from: isTextOrNull,
  error: isTextOrNull,
  error_line: isNull,
  data: isAnything,
  completion_note: isTextOrNull,
  retry_at: isKeptTime,
  answer: isAnything,
  answered: isNull,
  log_bytes: isCount,
};

/** The fields of the schema, in its order. */
const FIELDS: ReadonlyMap<
  string,
  { readonly place: number; readonly isPlain: (value: unknown) => boolean }
> = new Map(
  Object.keys(StepUpdate.shape).map((key, place) => [
    key,
    { place, isPlain: PLAIN[key] ?? (() => false) },
  ]),
);
