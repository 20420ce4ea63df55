/** Who may come in, from a file: one `drive <token>` or `watch <token>` a line. */
import { readFileSync } from "node:fs";
import type { Permission } from "../../shared/messages.js";

export interface Token {
  readonly token: string;
  readonly can: Permission;
}

const SHORTEST = 16;

/** Throws with a sentence that names the line but never shows a token. */
export function parseTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const at = `line ${index + 1}`;
    const [can, token, ...more] = line.split(/\s+/);
    if ((can !== "drive" && can !== "watch") || token === undefined || more.length > 0) {
      throw new Error(`${at}: must be "drive <token>" or "watch <token>"`);
    }
    // Bearer tokens travel in a header: anything but visible ASCII would never match.
    if (!/^[\x21-\x7e]+$/.test(token)) throw new Error(`${at}: a token must be visible ASCII`);
    if (token.length < SHORTEST) {
      throw new Error(`${at}: a token must have at least ${SHORTEST} characters`);
    }
    if (tokens.some((other) => other.token === token)) {
      throw new Error(`${at}: this token was given before`);
    }
    tokens.push({ token, can });
  }
  if (tokens.length === 0) throw new Error("has no token in it");
  return tokens;
}

export function readTokenFile(file: string): Token[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    return parseTokens(text);
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
}
