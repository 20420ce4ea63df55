/** Plain HTTP calls, as any driver makes them, and their answers in one piece. */
import type { ErrorCode, FieldError } from "../../../shared/errors.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import type { Progress, Summary } from "../../../shared/state/summary.js";

/** Whatever a body of ours may hold; what is not there is undefined. */
export interface Body {
  readonly [key: string]: unknown;
  readonly success: boolean;
  readonly message: string;
  readonly code: ErrorCode;
  readonly retry: boolean;
  readonly errors: readonly FieldError[];
  readonly workflow_id: string;
  readonly epoch: string;
  readonly revision: number;
  readonly state: WorkflowState;
  readonly summary: Progress;
  readonly workflows: readonly Summary[];
  readonly next: string | null;
  readonly counts: Readonly<Record<string, number>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON of the text; an empty object where there is no text. */
  readonly body: Body;
}

export interface CallOptions {
  /** Sent as JSON; a string or bytes are sent as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export async function call(
  url: string,
  method: string,
  { body, headers = {}, signal }: CallOptions = {},
): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: encoded(body) }),
    ...(signal ? { signal } : {}),
  });
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") ?? false;
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: (isJson && text !== "" ? JSON.parse(text) : {}) as Body,
  };
}

/** The entity tag of a position. */
export const tagOf = ({ epoch, revision }: { epoch: string; revision: number }): string =>
  `"${epoch}.${revision}"`;

function encoded(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return new Uint8Array(body);
  return JSON.stringify(body);
}
