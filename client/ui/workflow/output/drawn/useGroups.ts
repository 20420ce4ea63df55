/** Keeps groups of lines open: those the reader opened, and those that were at work when they were first seen. */
import { useMemo, useRef, useState } from "preact/hooks";
import { keyOf } from "../lines/outputLines.js";
import type { OutputBlock } from "../onPage/logWindow.js";
import { type Groups, groupsOf } from "./groups.js";

export interface OpenGroups extends Groups {
  readonly isOpen: (id: string) => boolean;
  readonly opened: readonly string[];
  toggle(id: string): void;
  /** Opens the group a line is hidden in. */
  reveal(key: string): void;
}

export function useGroups(
  blocks: readonly OutputBlock[],
  remembered: readonly string[],
): OpenGroups {
  const groups = useMemo(() => groupsOf(blocks), [blocks]);
  const [, setVersion] = useState(0);
  const opened = useRef(new Set(remembered)).current;
  const seen = useRef(new Set<string>()).current;
  const first = useRef<string | null>(null);

  // Before drawing: what is being looked at must not fold away under the reader's eyes.
  const shownFirst = first.current;
  for (const [, { id, isEnded }] of groups.starts) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (!isEnded || (shownFirst !== null && groups.of(shownFirst) === id)) opened.add(id);
  }
  const line = blocks[0]?.lines[0];
  first.current = line ? keyOf(line) : null;

  const change = (id: string, isOpen: boolean) => {
    if (isOpen) opened.add(id);
    else opened.delete(id);
    setVersion((version) => version + 1);
  };
  return {
    ...groups,
    isOpen: (id) => opened.has(id),
    get opened() {
      return [...opened];
    },
    toggle: (id) => change(id, !opened.has(id)),
    reveal(key) {
      const id = groups.of(key);
      if (id !== null && !opened.has(id)) change(id, true);
    },
  };
}
