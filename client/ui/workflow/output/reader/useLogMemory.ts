/** The tab's memory of one attempt's log, for as long as that log is shown. */
import { useLayoutEffect, useMemo } from "preact/hooks";
import { usePage } from "../../../page/page.js";
import type { LogName } from "../bytes/logBytes.js";
import { createLogMemory, type LogMemory, type RememberedLog } from "./logMemory.js";
import { type Lines, linesText } from "./logStart.js";

export interface OpenLogMemory {
  readonly kept: LogMemory;
  /** As it was when the log was opened; null where it was never open in this tab. */
  readonly remembered: RememberedLog | null;
}

export function useLogMemory(name: LogName): OpenLogMemory {
  const { memory } = usePage();
  const kept = useMemo(() => createLogMemory(memory, name), [memory, name]);
  const remembered = useMemo(() => kept.read(), [kept]);
  return { kept, remembered };
}

interface ShownLog {
  readonly isFollowing: boolean;
  readonly query: { readonly text: string; readonly isPattern: boolean };
  readonly openGroups: readonly string[];
  readonly lines: Lines | undefined;
}

/** Keeps what the log shows whenever that changes. Where the reader is within it is kept while he scrolls. */
export function useRemember(
  kept: LogMemory,
  { isFollowing, query, openGroups, lines }: ShownLog,
): void {
  const groups = openGroups.join(" ");
  useLayoutEffect(() => {
    const { text, isPattern } = query;
    const opened = groups === "" ? [] : groups.split(" ");
    const part = { isFollowing, search: text, isPattern, openGroups: opened };
    kept.change({ ...part, lines: linesText(lines) });
  }, [kept, isFollowing, query, groups, lines?.from, lines?.to]);
}
