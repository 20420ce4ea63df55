/** Says what is wrong with a field's value, as a sentence for the person who fills it in. Pure. */
import type { Field } from "./fields.js";

/** `message` is a predicate ("is required", "must be at most 5") or says it all by itself; the field is missing where nobody knows it. */
export function fieldSentence(field: Field | undefined, name: string, message: string): string {
  const title = (field?.title ?? name).trim();
  if (message === "is required") return wanted(field, title);
  if (!isPredicate(message)) return ended(`${quoted(title)}: ${message}`);
  return ended(`${isPlain(title) ? capital(title) : quoted(title)} ${message}`);
}

/** Whether a message is one that needs a subject in front of it. */
export const isPredicate = (message: string): boolean => PREDICATE.test(message);

const PREDICATE = /^(is|are|must|has|have|cannot|stays|names|needs|leaves) /;
const DETERMINED = /^(the|an?|your|our|its?|this|which) /i;
const MOST_PLAIN = 40;

function wanted(field: Field | undefined, title: string): string {
  if (field?.type === "boolean") return `Choose yes or no for ${quoted(title)}.`;
  if (field?.type === "choice") return `Choose one for ${quoted(title)}.`;
  if (!isPlain(title)) return `Give an answer to ${quoted(title)}.`;
  return `Give ${DETERMINED.test(title) ? "" : "the "}${uncapital(title)}.`;
}

/** A question or a long text does not fit into another sentence. */
const isPlain = (title: string): boolean =>
  title.length <= MOST_PLAIN && title !== "" && !/[.?!:]$/.test(title);

const quoted = (title: string): string => `“${title}”`;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Names that have capitals of their own keep them: API, GitHub. */
const uncapital = (text: string): string =>
  /^\p{Lu}\p{Ll}*(?![\p{L}\p{N}])/u.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;

/** A pattern at the end would take a full stop for a part of itself. */
const ended = (text: string): string => (/[.?!…]$| must match \S+$/.test(text) ? text : `${text}.`);
