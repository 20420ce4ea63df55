/** Reads tokens from a file: one `drive <token>`, `watch <token>` or another right a line, whose it is, and the workflows it is bound to. */
import { statSync } from "node:fs";
import type { Clock } from "../../shared/clock.js";
import { isTokenText, type TokenRight } from "../ingress/access/grants.js";
import { problemOfName } from "../ingress/access/userName.js";
import type { Log } from "../log/log.js";
import { isScopePattern } from "../state/scope.js";
import { readSettingFile } from "./privateFile.js";

export interface Token {
  readonly token: string;
  readonly can: TokenRight;
  /** Ids, `*` for anything; all where missing. */
  readonly workflows?: readonly string[];
  /** Its owner's name; nobody's in particular where missing. */
  readonly name?: string;
}

const SHORTEST = 16;
const CAN: readonly string[] = ["watch", "drive", "admin", "scrape"] satisfies TokenRight[];
const BOUND = "workflows=";
const NAMED = "name=";
const LOOK_EVERY_MS = 1_000;

/** Throws with a sentence that names the line but never shows a token. */
export function parseTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const at = `line ${index + 1}`;
    const [can = "", token, ...more] = line.split(/\s+/);
    const bound = more.filter((word) => word.startsWith(BOUND));
    const named = more.filter((word) => word.startsWith(NAMED));
    const isOnce = bound.length <= 1 && named.length <= 1;
    if (
      !CAN.includes(can) ||
      token === undefined ||
      !isOnce ||
      more.length > bound.length + named.length
    ) {
      throw new Error(
        `${at}: must be "drive <token>", "watch <token>", "admin <token>" or "scrape <token>", and behind it nothing, "name=<name>" or "workflows=<id>,<id>" (* stands for anything)`,
      );
    }
    if (can === "scrape" && bound.length > 0)
      throw new Error(`${at}: metrics are of all workflows, so "scrape" goes without workflows=`);
    if (!isTokenText(token)) throw new Error(`${at}: a token must be visible ASCII`);
    if (token.length < SHORTEST) {
      throw new Error(`${at}: a token must have at least ${SHORTEST} characters`);
    }
    if (tokens.some((other) => other.token === token)) {
      throw new Error(`${at}: this token was given before`);
    }
    tokens.push({
      token,
      can: can as TokenRight,
      ...(bound[0] === undefined ? {} : { workflows: patternsIn(bound[0], at) }),
      ...(named[0] === undefined ? {} : { name: nameIn(named[0], at) }),
    });
  }
  if (tokens.length === 0) throw new Error("has no token in it");
  return tokens;
}

/** Throws with a sentence where it cannot be read, is no file of its owner's alone, or has something else in it. */
export function readTokenFile(file: string): Token[] {
  const text = readSettingFile(file);
  try {
    return parseTokens(text);
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
}

/** Calls `changed` with what stands in the file now and whenever it was changed; where that cannot be used, the log says so. Returns the end of it. */
export function followTokenFile(
  file: string,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  changed: (tokens: readonly Token[]) => void,
): () => void {
  let seen = "";
  let known = "";
  let cancel = () => {};
  const look = () => {
    const now = signatureOf(file);
    // Only a file that is the same at two looks is read: one that is being written would be read by halves.
    const liesStill = now === seen;
    seen = now;
    if (liesStill && now !== known) {
      known = now;
      try {
        changed(readTokenFile(file));
      } catch (error) {
        const why = (error as Error).message;
        log.error({ why }, "the token file cannot be used: the tokens before it still count");
      }
    }
    cancel = clock.after(LOOK_EVERY_MS, look);
  };
  look();
  return () => cancel();
}

function nameIn(named: string, at: string): string {
  const name = named.slice(NAMED.length);
  const problem = problemOfName(name);
  if (problem !== null) throw new Error(`${at}: the name ${problem}`);
  return name;
}

function patternsIn(bound: string, at: string): string[] {
  const patterns = bound.slice(BOUND.length).split(",");
  for (const pattern of patterns) {
    if (!isScopePattern(pattern))
      throw new Error(`${at}: "${pattern}" is no workflow's id, with or without *`);
  }
  return patterns;
}

/** Differs whenever the file was changed, replaced or taken away. */
function signatureOf(file: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(" ");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
