/** The form of a call of REST in the table of calls, and what makes the usual ones. */
import type { ErrorCode } from "../../shared/errors.js";
import type { AnswerName } from "./answers.js";
import { type HeaderName, type Parameter, SUBJECT, WRITE_HEADERS } from "./parameters.js";
import { ASKED, COMMANDED } from "./refusals.js";

/** An answer that is no refusal. */
export interface Told {
  /** Of JSON; null where there is none. */
  readonly schema: AnswerName | null;
  /** Other types of content than JSON. */
  readonly content?: readonly string[];
  /** Headers that are always there; each with a `?` behind it may be missing. */
  readonly headers?: readonly (HeaderName | `${HeaderName}?`)[];
  readonly words: string;
}

/** One call: what it takes, and all that it may be answered with. */
export interface Call {
  readonly summary: string;
  /** Nobody is asked for a token. */
  readonly isPublic?: true;
  readonly parameters?: readonly Parameter[];
  /** The name of the body's schema in the document; with `?` it may be left out. Output is bytes. */
  readonly body?: string;
  readonly told: Readonly<Record<number, Told>>;
  readonly refused: readonly ErrorCode[];
}

/** The methods there are. */
export type Method = "get" | "post" | "patch" | "delete";

/** By path below the base, as the document writes it (`{index}`), and method. */
export type Calls = Readonly<Record<string, Readonly<Partial<Record<Method, Call>>>>>;

/** An answer as JSON. */
export const json = (schema: AnswerName, words: string, headers: Told["headers"] = []): Told => ({
  schema,
  words,
  headers,
});
/** The answer to a condition that holds. */
export const UNCHANGED: Told = {
  schema: null,
  words: "It is as the caller knows it.",
  headers: ["ETag"],
};
/** The parameters of a read that can be held. */
export const READING = [
  SUBJECT,
  { in: "header", name: "If-None-Match" },
  { in: "query", name: "wait" },
] as const;
/** The parameters of a command. */
export const WRITING = [SUBJECT, ...WRITE_HEADERS] as const;
/** The step that is meant. */
export const STEP = { in: "path", name: "index" } as const;

/** A call that is a command; `refused` beside what every command may be refused with. */
export const command = (
  summary: string,
  body: string,
  status: number,
  schema: AnswerName,
  refused: readonly ErrorCode[] = [],
): Call => ({
  summary,
  parameters: WRITING,
  body,
  told: { [status]: json(schema, "It is done, and durable.") },
  refused: [...COMMANDED, ...refused],
});

/** A call that reads JSON. */
export const read = (summary: string, schema: AnswerName, more: Partial<Call> = {}): Call => ({
  summary,
  told: { 200: json(schema, "What there is.") },
  ...more,
  refused: [...ASKED, ...(more.refused ?? [])],
});

/** A text that is the same for everybody. */
export const document = (summary: string, more: Partial<Call> = {}): Call => ({
  ...read(summary, "Schema", { parameters: [{ in: "header", name: "If-None-Match" }], ...more }),
  told: { 200: json("Schema", "The document.", ["ETag"]), 304: UNCHANGED },
});
