/** `Vary`, to which everybody on the way of an answer may add. */
import type { ServerResponse } from "node:http";

/** Names a header by which the answer was chosen, beside those that are named already. */
export function vary(response: ServerResponse, header: string): void {
  const before = response.getHeader("Vary") ?? "";
  const known = Array.isArray(before) ? before.join(", ") : String(before);
  const names = known.toLowerCase().split(/[\s,]+/);
  if (names.includes("*") || names.includes(header.toLowerCase())) return;
  response.setHeader("Vary", known === "" ? header : `${known}, ${header}`);
}
