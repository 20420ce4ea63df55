/** Tells lines that look like errors or warnings from others: "next error" stops at errors. */
import { looksLikeError, severityOf } from "../../../../index.js";
import type { OutputLine } from "./outputLines.js";

/** "suspect": only its words say that something may have gone wrong. */
export type LineSeverity = "error" | "suspect" | "warning";

/** A block that grows is drawn again for each new line: what a line is, is found out once. */
const known = new WeakMap<OutputLine, LineSeverity | null>();

/** Null for most lines, and for what a command says by markers, which have looks of their own. */
export function severityIn(line: OutputLine): LineSeverity | null {
  // No part of a long line says what all of it means.
  if (line.kind !== "text" || line.marker !== null || line.part !== 0) return null;
  const kept = known.get(line);
  if (kept !== undefined) return kept;
  const severity = severityOf(line.text) ?? (looksLikeError(line.text) ? "suspect" : null);
  known.set(line, severity);
  return severity;
}
