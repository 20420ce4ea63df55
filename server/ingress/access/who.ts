/** The words of a host on who may come in: the verdicts of its hook, and its tokens. Checked, as the host is somebody else's code. */
import * as z from "zod";
import type { Permission } from "../../../shared/wire/serverMessages.js";
import { EVERYTHING, isScopePattern, Scope } from "../../state/scope.js";
import { type AccessToken, isTokenText } from "./grants.js";
import { problemOfName } from "./userName.js";

/** Somebody whom the host knows. */
export interface Who {
  /** 1 to 128 characters in one line: told as `by` of what is done. */
  readonly user: string;
  readonly can: Permission;
  /** The ids it is bound to, in which `*` stands for anything. All where missing. */
  readonly workflows?: readonly string[] | undefined;
}

/** A verdict that was checked. */
export interface Rights {
  readonly user: string;
  readonly can: Permission;
  readonly scope: Scope;
}

const MOST_PATTERNS = 100;

const Name = z.string().superRefine((name, context) => {
  const problem = problemOfName(name);
  if (problem !== null) context.addIssue(problem);
});
const Pattern = z.string().refine(isScopePattern, "is no workflow's id, with or without *");
/** Strict: a bound that is misspelt must not be taken for none. */
const WhoSchema = z.strictObject({
  user: Name,
  can: z.enum(["watch", "drive", "admin"]),
  workflows: z.array(Pattern).max(MOST_PATTERNS).optional(),
});

/** Strict for the same reason. */
const TokenSchema = z.strictObject({
  token: z.string().refine(isTokenText, "must be visible ASCII, at least one character"),
  can: z.enum(["watch", "drive", "admin", "scrape"]),
  workflows: z.array(Pattern).optional(),
  name: Name.optional(),
});

/** The hook gave something of another shape. The message names the field, and shows nothing of its value. */
export class WrongVerdict extends Error {
  override readonly name = "WrongVerdict";
}

/** Null for nobody. Throws WrongVerdict for anything but null and a `Who`: what is missing by mistake must not pass for a verdict. */
export function rightsIn(given: unknown): Rights | null {
  if (given === null) return null;
  const read = WhoSchema.safeParse(given);
  if (!read.success) throw new WrongVerdict(wordsOf(read.error.issues));
  const { user, can, workflows } = read.data;
  return { user, can, scope: workflows ? new Scope(workflows) : EVERYTHING };
}

/** The tokens of a host's list. Throws for anything else, with the field and nothing of its value: a token that is missing by mistake must not let anybody in. */
export function tokensIn(given: unknown): readonly AccessToken[] {
  const read = z.array(TokenSchema).safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const [index, ...path] = issue?.path ?? [];
  const entry = typeof index === "number" ? ` entry ${index + 1}:` : "";
  const field = path.length === 0 ? "" : ` ${path.join(".")}`;
  throw new Error(
    `tokens:${entry}${field} is not as it must be (${issue?.message ?? "unknown"}); a list of {token, can, workflows?, name?}`,
  );
}

function wordsOf([issue]: readonly z.core.$ZodIssue[]): string {
  const path = issue?.path.join(".") ?? "";
  const field = path === "" ? "what it gives" : path;
  return `authorize: ${field} is not as it must be (${issue?.message ?? "unknown"}); it gives null, or {user, can, workflows?}`;
}
