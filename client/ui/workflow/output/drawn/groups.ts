/** Lines between `::group::title` and `::endgroup::`, to be folded. They do not nest: a new one ends the one before. Pure. */

import { keyOf } from "../lines/outputLines.js";
import type { OutputBlock } from "../onPage/logWindow.js";

export interface Group {
  /** The same one after a reload, where the place of its line is known. */
  readonly id: string;
  readonly title: string;
  /** Behind its first. */
  readonly lines: number;
  readonly isEnded: boolean;
}

export interface Groups {
  /** By the name of the line that begins them. */
  readonly starts: ReadonlyMap<string, Group>;
  /** The group that each block begins in. */
  readonly within: ReadonlyMap<OutputBlock, string | null>;
  /** The group that a line is in, its first line not counted. */
  readonly of: (key: string) => string | null;
}

export function groupsOf(blocks: readonly OutputBlock[]): Groups {
  const starts = new Map<string, Group>();
  const within = new Map<OutputBlock, string | null>();
  let key: string | null = null;
  let group: { id: string; title: string; lines: number } | null = null;
  const end = (isEnded: boolean) => {
    if (group && key !== null) starts.set(key, { ...group, isEnded });
    group = null;
  };
  for (const block of blocks) {
    within.set(block, group ? (group as { id: string }).id : null);
    for (const line of block.lines) {
      if (line.marker?.kind === "group") {
        end(true);
        key = keyOf(line);
        group = { id: String(line.offset ?? key), title: line.marker.title, lines: 0 };
      } else if (line.marker?.kind === "endgroup") end(true);
      else if (group) group.lines += 1;
    }
  }
  end(false);
  const of = (wanted: string) => groupOfLine(blocks, wanted);
  return { starts, within, of };
}

function groupOfLine(blocks: readonly OutputBlock[], wanted: string): string | null {
  let id: string | null = null;
  for (const { lines } of blocks) {
    for (const line of lines) {
      const key = keyOf(line);
      if (line.marker?.kind === "endgroup") id = null;
      if (line.marker?.kind === "group") {
        if (key === wanted) return null;
        id = String(line.offset ?? key);
      } else if (key === wanted) return id;
    }
  }
  return null;
}
