/**
 * Whether a value has the shape of a record, told without a schema: a start reads thousands of records that the server wrote itself. A value
 * that this declines may still be a record, and the schema decides; what this takes, the schema takes, too (a test holds that).
 */
import { LIMITS } from "../../../shared/limits.js";
import { WORKFLOW_ID } from "../../../shared/names.js";
import {
  INTERRUPTION_REASONS,
  PROCESSES_LEFT,
  STEP_STATUSES,
  WHEN_BUSY,
  WORKFLOW_STATUSES,
} from "../../../shared/statuses.js";

type Check = (value: unknown) => boolean;
type Checks = ReadonlyMap<string, Check>;

const DAY =
  "(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))";
const TIME = new RegExp(`^(?:${DAY})T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?Z$`);

const text: Check = (value) => typeof value === "string";
const filled: Check = (value) => typeof value === "string" && value !== "";
const flag: Check = (value) => typeof value === "boolean";
const int = Number.isSafeInteger as Check;
const count: Check = (value) => int(value) && (value as number) >= 0;
const place: Check = (value) => int(value) && (value as number) > 0;
const number: Check = (value) => typeof value === "number" && Number.isFinite(value);
const share: Check = (value) => number(value) && (value as number) >= 0 && (value as number) <= 1;
const time: Check = (value) => typeof value === "string" && TIME.test(value);
const id: Check = (value) => typeof value === "string" && WORKFLOW_ID.test(value);

const oneOf = (words: readonly string[]): Check => {
  const known = new Set<unknown>(words);
  return (value) => known.has(value);
};
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check, most = Number.POSITIVE_INFINITY): Check =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(check);

/** An object with these fields, all of the first kind there; whatever else is in it may be anything. */
function object(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  const names = Object.keys(required);
  const checks: Checks = new Map(Object.entries({ ...required, ...optional }));
  return (value) => {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
    const fields = value as Record<string, unknown>;
    for (const name of names) if (!Object.hasOwn(fields, name)) return false;
    for (const name in fields) if (checks.get(name)?.(fields[name]) === false) return false;
    return true;
  };
}

const errorLine = object({ offset: count }, { line: place });
const stepStatus = oneOf(STEP_STATUSES);

const attempt = object(
  { attempt: place, status: stepStatus },
  {
    started_at: orNull(time),
    finished_at: orNull(time),
    error: orNull(text),
    error_line: orNull(errorLine),
    exit_code: orNull(int),
    log_bytes: count,
  },
);

const step = object(
  { action: filled, status: stepStatus, index: int },
  {
    title: text,
    attempt: place,
    started_at: orNull(time),
    first_started_at: orNull(time),
    finished_at: orNull(time),
    progress: orNull(share),
    message: orNull(text),
    message_from: orNull(text),
    error: orNull(text),
    error_line: orNull(errorLine),
    tasks: listOf(object({ name: text }, { status: text, note: orNull(text) })),
    completion_note: orNull(text),
    notes: listOf(text),
    attempts: listOf(attempt),
    retry_at: orNull(time),
    answered: orNull(object({ at: time }, { by: orNull(text), id: text, prompt: text })),
    log_bytes: count,
  },
);

const blockInfo = object(
  {},
  {
    id: text,
    step: orNull(count),
    block_reason: text,
    prompt: text,
    asked_at: orNull(time),
    deadline: orNull(time),
    on_deadline: orNull(oneOf(["default", "fail"])),
  },
);

const interruption = object(
  { at: time, reason: oneOf(INTERRUPTION_REASONS), step: orNull(int) },
  {
    branches: listOf(int),
    since: orNull(time),
    last_seen: time,
    processes: oneOf(PROCESSES_LEFT),
    goes_on_at: time,
    note: text,
  },
);

const state = object(
  {
    workflow_id: id,
    status: oneOf(WORKFLOW_STATUSES),
    current_step: count,
    steps: listOf(step, LIMITS.steps),
    start_time: time,
    last_update: time,
  },
  {
    name: text,
    title: text,
    end_time: orNull(time),
    error_message: orNull(text),
    block_info: orNull(blockInfo),
    driver: object({ name: text, since: time }),
    interruption,
    definition: text,
    inputs: object({}),
    hidden_inputs: orNull(listOf(text)),
    queued: object({ since: time }, { group: text, behind: id, labels: listOf(text) }),
    concurrency: object({ group: text, limit: place, when_busy: oneOf(WHEN_BUSY) }),
    replaced_by: id,
    stop_requested: object({ at: time }, { now: flag }),
    retried_from: object(
      { workflow_id: id, step: int },
      { recipe: object({ from: text, changed: flag }) },
    ),
    recovered_from_backup: object({ at: time, saved_at: time }),
  },
);

const receipt = object(
  { id: text, print: text, epoch: orNull(text), revision: orNull(int) },
  { token: int, implied: flag, at: number },
);

const untoldEvent = object({ epoch: filled, revision: count, event: object({}) });

/** As said above. Only for what was JSON. */
export const hasShapeOfRecord = object(
  {
    workflow_id: id,
    epoch: filled,
    revision: count,
    order: count,
    state: orNull(state),
    receipts: listOf(receipt),
    fence: count,
    lease: orNull(object({ token: int, driver: text }, { boot_id: text, node: text })),
    clear_at: orNull(number),
  },
  {
    ...{ run: text, output_epoch: filled, home: text, labels: listOf(text) },
    untold: listOf(untoldEvent),
  },
);
