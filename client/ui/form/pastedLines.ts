/** Line ends in what is pasted or dropped: a field of one line would lose them without a word. Pure. */
import type { Field } from "../../index.js";

export type Pasted =
  /** One line, perhaps with a line end at an edge, as copying leaves it: the browser does right by itself. */
  | { readonly kind: "line" }
  /** Kept as it is, in a field of several lines. */
  | { readonly kind: "lines"; readonly text: string }
  /** A number or a connection has one line: nothing of it is taken. */
  | { readonly kind: "refused"; readonly why: string };

export function readPasted({ type }: Field, pasted: string): Pasted {
  const text = pasted.replaceAll(/\r\n?/g, "\n");
  const lines = text.trim().split("\n");
  if (lines.length === 1) return { kind: "line" };
  if (type === "string" || type === "secret") return { kind: "lines", text };
  const what = type === "number" ? "a number" : "a connection";
  const why = `${lines.length} lines were pasted, and ${what} has one. Nothing of them was taken.`;
  return { kind: "refused", why };
}

/** How many lines a text has, as a person counts: the end of the last one begins no other. */
export const linesOf = (text: string): number => text.replace(/\n$/, "").split("\n").length;
