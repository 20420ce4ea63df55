/** Everything that can go wrong on purpose. */
import { shortened } from "./text/shortened.js";

/** One row per code, so REST, the socket and a retrying client can never disagree. */
const ERRORS = {
  bad_message: { http: 400, retry: false, title: "The request is not valid" },
  unauthorized: { http: 401, retry: false, title: "A token is needed" },
  forbidden: { http: 403, retry: false, title: "Not allowed" },
  unknown_workflow: { http: 404, retry: false, title: "No such workflow" },
  unknown_definition: { http: 404, retry: false, title: "No such definition" },
  unknown_step: { http: 404, retry: false, title: "No such step" },
  not_found: { http: 404, retry: false, title: "Nothing here" },
  method_not_allowed: { http: 405, retry: false, title: "Method not allowed" },
  already_ended: { http: 409, retry: false, title: "The workflow has ended" },
  ambiguous: { http: 409, retry: false, title: "Several workflows could be meant" },
  running_here: { http: 409, retry: false, title: "The workflow runs in the server" },
  damaged: { http: 409, retry: false, title: "The record is damaged" },
  id_in_use: { http: 409, retry: false, title: "This id is in use" },
  not_waiting: { http: 409, retry: false, title: "Nothing waits for this" },
  already_answered: { http: 409, retry: false, title: "Already answered" },
  not_resumable: { http: 409, retry: false, title: "The server cannot run this workflow" },
  group_busy: { http: 409, retry: false, title: "Too many of its group run" },
  secret_missing: { http: 409, retry: false, title: "A secret is not there" },
  step_switched_off: { http: 409, retry: false, title: "The step is switched off" },
  stale_driver: { http: 409, retry: false, title: "Another driver holds this workflow" },
  offset_moved: { http: 409, retry: false, title: "The output ends elsewhere" },
  position_moved: { http: 412, retry: false, title: "The state has moved on" },
  too_large: { http: 413, retry: false, title: "Too large" },
  not_json: { http: 415, retry: false, title: "JSON is needed" },
  not_text: { http: 415, retry: false, title: "Text or bytes are needed" },
  no_such_range: { http: 416, retry: false, title: "This range is not there" },
  key_reused: { http: 422, retry: false, title: "This key was used for another command" },
  upgrade_required: { http: 426, retry: false, title: "This is a WebSocket address" },
  rate_limited: { http: 429, retry: true, title: "Too fast" },
  too_many: { http: 429, retry: true, title: "Too many" },
  not_saved: { http: 503, retry: true, title: "Not saved" },
  unavailable: { http: 503, retry: true, title: "Out of reach just now" },
  shutting_down: { http: 503, retry: true, title: "The server is stopping" },
  storage_full: { http: 507, retry: true, title: "The disk is full" },
  internal: { http: 500, retry: false, title: "A fault of the server" },
} as const satisfies Record<string, { http: number; retry: boolean; title: string }>;

export type ErrorCode = keyof typeof ERRORS;
export const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** A field that was wrong, by its path in the message (`steps.3.status`). */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface SyncErrorDetails extends ErrorOptions {
  readonly errors?: readonly FieldError[];
  /** Where the document is now, for `position_moved`; null where there is none. */
  readonly at?: { readonly epoch: string; readonly revision: number } | null;
  /** Where the output ends now, for `offset_moved`. */
  readonly next?: number;
  /** Whole seconds after which a retry makes sense. */
  readonly retryAfter?: number;
}

/** A refusal never says back all that it refuses. */
export const MOST_FIELD_ERRORS = 10;
export const MOST_PATH_CHARACTERS = 200;
const MOST_MESSAGE_CHARACTERS = 2_000;

/** A refusal the caller is meant to see. Anything else that is thrown is a bug. */
export class SyncError extends Error {
  override readonly name = "SyncError";
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  readonly at: SyncErrorDetails["at"];
  readonly next: number | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, message: string, details: SyncErrorDetails = {}) {
    super(
      shortened(message, MOST_MESSAGE_CHARACTERS),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.errors = (details.errors ?? []).slice(0, MOST_FIELD_ERRORS).map((error) => ({
      path: shortened(error.path, MOST_PATH_CHARACTERS),
      message: shortened(error.message, MOST_MESSAGE_CHARACTERS / 2),
    }));
    this.at = details.at;
    this.next = details.next;
    this.retryAfter = details.retryAfter;
  }

  get httpStatus(): number {
    return ERRORS[this.code].http;
  }

  get title(): string {
    return ERRORS[this.code].title;
  }

  get canRetry(): boolean {
    return ERRORS[this.code].retry;
  }
}

/** One field of what was sent is wrong: `message` follows `path` as its predicate. */
export const invalid = (path: string, message: string): SyncError =>
  invalidFields([{ path, message }]);

/** The server ends: a caller may try again in a moment, as another one may be there by then. */
export const shuttingDown = (): SyncError =>
  new SyncError("shutting_down", "the server is stopping", { retryAfter: 1 });

/** Several fields of what was sent are wrong: the sentence tells of the first, `errors` of all. */
export function invalidFields(errors: readonly FieldError[]): SyncError {
  const [first] = errors;
  return new SyncError("bad_message", `${first?.path}: ${first?.message}`, { errors });
}
