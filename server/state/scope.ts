/** The workflows that somebody may see: all, or those whose id fits one of some patterns. */

export class Scope {
  /** The same for the same patterns, in whatever order they were given. */
  readonly key: string;
  readonly patterns: readonly string[] | null;

  /** In a pattern `*` stands for anything, also for nothing; null is everything. */
  constructor(patterns: readonly string[] | null) {
    this.patterns = patterns;
    this.key = patterns === null ? "*" : JSON.stringify([...new Set(patterns)].sort());
  }

  get isEverything(): boolean {
    return this.patterns === null;
  }

  has(workflow_id: string): boolean {
    return this.patterns?.some((pattern) => fits(pattern, workflow_id)) ?? true;
  }
}

/** Whether that may stand for workflows: an id, in which `*` stands for anything. */
export const isScopePattern = (text: string): boolean =>
  /^[A-Za-z0-9*][A-Za-z0-9._:*-]{0,127}$/.test(text);

/** The scope of somebody who may see all workflows. */
export const EVERYTHING = new Scope(null);

/** Each piece between two stars is looked for once, from left to right: no pattern takes longer than the text is long. */
function fits(pattern: string, text: string): boolean {
  const [first = "", ...pieces] = pattern.split("*");
  const last = pieces.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= end;
}
