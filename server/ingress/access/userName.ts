/** The names of the people and programs that come in: what may be one, in a token file and from a host's hook. */

const LONGEST = 128;
/** Characters that would break a line, steer a terminal, or turn the text around them. */
const ODD = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** The fault of it as a name, as the end of a sentence that begins with the field; null for 1 to 128 characters of one line. */
export function problemOfName(name: unknown): string | null {
  if (typeof name !== "string") return "must be text";
  if (name.trim() === "" || name.length > LONGEST) return `must have 1 to ${LONGEST} characters`;
  return ODD.test(name) ? "must be one line without control characters" : null;
}
