/** One object as a line for programs. People see it in their terminals, too: nothing in it steers one. */

/** Ends with a line end. It parses to the same as without what is escaped here. */
export function jsonLine(value: object): string {
  return `${JSON.stringify(value).replace(STEERING, escaped)}\n`;
}

/** JSON itself escapes only those below U+0020. */
const STEERING = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
