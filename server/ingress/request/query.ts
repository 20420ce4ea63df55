/** The query of a request, read from its address: whatever parser the program around us has set, the same address means the same. */
import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import * as z from "zod";
import { type FieldError, SyncError } from "../../../shared/errors.js";
import { begun } from "../../../shared/text/shortened.js";

/** A number as it stands in a path or a query: up to 15 digits, which JavaScript keeps. */
export const WholeNumber = z
  .string()
  .regex(/^\d{1,15}$/, "must be a whole number")
  .transform(Number);

export type Query = Readonly<Record<string, string>>;

/** Each name once, with its value. Throws SyncError `bad_message` naming what stands there twice. */
export function queryOf({ url = "" }: Pick<IncomingMessage, "url">): Query {
  const at = url.indexOf("?");
  if (at === -1) return {};
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(url.slice(at))) {
    if (values.has(name)) throw wrong([{ path: shown(name), message: "stands there twice" }]);
    values.set(name, value);
  }
  return Object.fromEntries(values);
}

/** For a write, which refuses a parameter it does not know: a misspelt id would change another workflow than the one that was meant. */
export function onlyQuery(...known: readonly string[]): RequestHandler {
  return (request, _response, next) => {
    const unknown = Object.keys(queryOf(request)).filter((name) => !known.includes(name));
    if (unknown.length > 0) throw wrong(unknown.slice(0, MOST_ERRORS).map(noSuch));
    next();
  };
}

/** For a read, which ignores what it does not know: but a misspelt id would show another workflow than the one that was meant. */
export function checkIdName(query: Query): void {
  const misspelt = Object.keys(query).filter(
    (name) => name !== "workflow_id" && ID_NAMES.has(name.toLowerCase().replace(/[^a-z]/g, "")),
  );
  if (misspelt.length > 0) throw wrong(misspelt.slice(0, MOST_ERRORS).map(noSuch));
}

/** `checkIdName` in front of a call. */
export const noMisspeltId: RequestHandler = (request, _response, next) => {
  checkIdName(queryOf(request));
  next();
};

const ID_NAMES: ReadonlySet<string> = new Set(["id", "workflow", "workflowid", "wid"]);
const MOST_ERRORS = 10;
const MOST_CHARACTERS = 80;

const noSuch = (name: string): FieldError => ({
  path: `query.${shown(name)}`,
  message: "no such parameter",
});

const shown = (name: string): string => begun(name, MOST_CHARACTERS);

const wrong = (errors: readonly FieldError[]): SyncError =>
  new SyncError(
    "bad_message",
    errors.map(({ path, message }) => `${path}: ${message}`).join("; "),
    {
      errors,
    },
  );
