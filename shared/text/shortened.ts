/** Texts of others where only a line has room: the beginning, the end, and a sign that something is left out. */
import { cutAfter, cutBefore } from "./graphemes.js";

/** `text` itself where it has at most `most` characters. Cuts no character in two. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const endsAt = Math.floor((most * 3) / 4) - 1;
  const goesOnAt = text.length - Math.floor(most / 4);
  return `${text.slice(0, cutBefore(text, endsAt))}…${text.slice(cutAfter(text, goesOnAt))}`;
}

/** The beginning alone. */
export const begun = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, cutBefore(text, most))}…`;
