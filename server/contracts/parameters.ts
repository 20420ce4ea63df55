/** The things that calls of REST take in their address and headers, and the headers of answers, as the OpenAPI document describes them. */
import { SORTS } from "../../shared/state/listQuery.js";
import { WORKFLOW_STATUSES } from "../../shared/statuses.js";

/** A parameter of a call, by its name in the tables below. */
export interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly name: keyof typeof PARAMETERS;
}

const whole = { type: "integer", minimum: 0 } as const;
const text = { type: "string" } as const;
const flag = { type: "string", enum: ["0", "1"] } as const;
const time = { type: "string", format: "date-time" } as const;

/** The schema and the words of each. */
export const PARAMETERS = {
  workflow_id: [text, "The workflow; the current one where it is missing."],
  index: [whole, "A step's place from 0; branch j of step i is 1000 * (j + 1) + i."],
  id: [text, "Of a delivery."],
  wait: [
    { type: "string", pattern: "^\\d{1,6}(ms|s)$" },
    "Hold the answer until it moves on: 25s.",
  ],
  attempt: [{ type: "integer", minimum: 1 }, "Of a step; the newest where it is missing."],
  epoch: [text, "Only this life of the workflow."],
  at: [whole, "Only if the output ends at this offset."],
  from: [whole, "From this offset on."],
  to: [whole, "Up to this offset."],
  tail: [whole, "The newest so many bytes."],
  follow: [flag, "1: go on until the attempt is over."],
  timestamps: [flag, "1: each line with its time."],
  q: [text, "Words that stand in a summary."],
  definition: [text, "Exactly this one."],
  input: [text, "The name of an input, or name=value."],
  status: [{ type: "string", description: WORKFLOW_STATUSES.join(" ") }, "Several with commas."],
  from_time: [time, "Started at that time or later."],
  to_time: [time, "Started before that time."],
  sort: [{ type: "string", enum: SORTS.flatMap((sort) => [sort, `-${sort}`]) }, "The order."],
  limit: [{ type: "integer", minimum: 1, maximum: 1000 }, "So many at most; 100 where missing."],
  cursor: [text, "The `next` of the page before."],
  before: [whole, "The older name of `cursor`."],
  counts: [flag, "1: how many fit in each status."],
  "If-Match": [text, "Only at this position, or `*`: only if it exists."],
  "If-None-Match": [text, "Of a read: an ETag. Of a write: `*`, only if it does not exist."],
  "Idempotency-Key": [
    { type: "string", maxLength: 130 },
    "Sent again with the same key, the first outcome is told, and nothing is done twice.",
  ],
  "Instep-Token": [{ type: "integer", minimum: 1 }, "The fencing token of a driver's lease."],
  "Last-Event-ID": [text, "The last event that was heard: `<epoch>.<revision>`."],
  Range: [text, "`bytes=`, one range."],
} as const satisfies Record<string, readonly [schema: object, words: string]>;

/** The names of two parameters that another call uses for something else. */
const SPOKEN: Readonly<Partial<Record<keyof typeof PARAMETERS, string>>> = {
  from_time: "from",
  to_time: "to",
};

/** A parameter as it is called in an address. */
export const spokenName = (name: keyof typeof PARAMETERS): string => SPOKEN[name] ?? name;

const query = (...names: readonly (keyof typeof PARAMETERS)[]): readonly Parameter[] =>
  names.map((name) => ({ in: "query", name }));

/** The workflow that is meant. */
export const SUBJECT: Parameter = { in: "query", name: "workflow_id" };

/** The conditions of a write. */
export const WRITE_HEADERS: readonly Parameter[] = (
  ["If-Match", "If-None-Match", "Idempotency-Key", "Instep-Token"] as const
).map((name) => ({ in: "header", name }));

/** Of `GET /workflows`. */
export const LIST_QUERY = query(
  ...(["q", "definition", "input", "status", "from_time", "to_time", "sort", "limit"] as const),
  ...(["cursor", "before", "counts"] as const),
);

/** Of reading output. */
export const LOG_QUERY = query("epoch", "attempt", "from", "to", "tail", "follow", "timestamps");

/** Of reading when output came. */
export const TIMES_QUERY = query("epoch", "attempt", "from", "to");

/** Headers of answers that mean something. */
export const HEADERS = {
  ETag: [{ type: "string", pattern: '^".*"$' }, "What `If-None-Match` and `If-Match` take."],
  Allow: [text, "The methods of the path."],
  "Retry-After": [whole, "Seconds after which a retry makes sense."],
  "WWW-Authenticate": [text, "How a token is sent."],
  Upgrade: [text, "`websocket`."],
  "Instep-Log-Attempt": [{ type: "integer", minimum: 1 }, "The attempt that printed it."],
  "Instep-Log-From": [whole, "The offset at which it begins."],
  "Instep-Log-Next": [whole, "Where to go on."],
  "Instep-Log-Whole": [
    { type: "string", enum: ["yes", "no"] },
    "`no`: bytes are not kept any more.",
  ],
  "Instep-Storage-Failing": [text, "Why nothing can be saved; here only while that is so."],
  "Instep-Served-By": [text, "The node that answered; only in a cluster."],
  "Instep-Stale": [time, "Since when it cannot follow the store; only while that is so."],
} as const satisfies Record<string, readonly [schema: object, words: string]>;

/** The name of such a header. */
export type HeaderName = keyof typeof HEADERS;
