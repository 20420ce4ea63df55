/** The server of a cluster that runs a workflow, or keeps the output of a step: its name, of whatever a record holds under that word. */

/** Null where there is none: a server alone sets none, and an older record may hold anything there. */
export function nodeOf(owner: object): string | null {
  const { node } = owner as { readonly node?: unknown };
  return typeof node === "string" && node !== "" ? node : null;
}
