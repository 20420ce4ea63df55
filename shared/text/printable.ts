/** Text from commands and from strangers, made safe for a terminal and for the state: one line, nothing that steers. */

import { withoutSequences } from "../terminal/escapeReader.js";
import { cutBefore } from "./graphemes.js";

/** Marks of direction and characters without width: they change what stands around them, and nobody sees them. */
const UNSEEN = /[\u00ad\u061c\u200b\u200e\u200f\u2060\ufeff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Escape sequences go, other control characters become spaces, and what is longer than `longest` is cut. The text is cut
 * roughly before anything looks at it, so that a line without an end costs no more than a long one.
 */
export function printable(text: string, longest = 400): string {
  const near = text.length > longest * 4 ? text.slice(0, longest * 4) : text;
  const clean = withoutSequences(near).replace(UNSEEN, "").replace(CONTROL, " ").trimEnd();
  if (clean.length <= longest) return clean;
  return `${clean.slice(0, cutBefore(clean, longest - 1))}…`;
}
