/** One attempt's log as it is read: its lines, its groups, its search and its reader, all where the tab remembers them. */
import type { RefObject } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { useFillWindow } from "../../browser/fillWindow.js";
import { usePage } from "../../page/page.js";
import type { AttemptLogProps } from "./attemptLog.js";
import type { LogName } from "./bytes/logBytes.js";
import { type OpenGroups, useGroups } from "./drawn/useGroups.js";
import { logStart } from "./reader/logStart.js";
import { useLogMemory, useRemember } from "./reader/useLogMemory.js";
import { type Reader, useReader } from "./reader/useReader.js";
import { type ShownSearch, useLogSearch } from "./search/useLogSearch.js";
import type { Timestamps } from "./tools/logSettings.js";
import { useLoadedLines } from "./tools/useLoadedLines.js";
import { useLag } from "./useLag.js";
import { type TimedOutput, useTimedOutput } from "./useTimedOutput.js";

export interface ReadLog {
  readonly name: LogName;
  /** The region that scrolls. */
  readonly element: RefObject<HTMLDivElement | null>;
  readonly output: TimedOutput;
  readonly groups: OpenGroups;
  readonly search: ShownSearch;
  readonly reader: Reader;
}

/** Below a log stands its own last line. */
const FILLING = { property: "--log-height", belowPx: 52, leastPx: 180 } as const;

export function useReadLog(props: AttemptLogProps, timestamps: Timestamps): ReadLog {
  const { workflow_id, epoch, step, attempt, status, bytes, failure, lines } = props;
  const { clock } = usePage().client;
  const name = useMemo(
    () => ({ workflow_id, epoch, step: step.index, attempt }),
    [workflow_id, epoch, step.index, attempt],
  );
  const { kept, remembered } = useLogMemory(name);
  const start = useMemo(() => logStart({ status, bytes, lines, remembered, failure }), [kept]);
  const element = useRef<HTMLDivElement>(null);
  useFillWindow(element, FILLING);
  const output = useTimedOutput(name, start, timestamps);
  const { onPage, log } = output;
  useLag(log, onPage, bytes);
  useLoadedLines(onPage);
  const groups = useGroups(onPage.blocks, remembered?.openGroups ?? []);
  const { search: text = "", isPattern = false } = remembered ?? {};
  const search = useLogSearch(onPage.blocks, { text, isPattern }, clock);
  const { reveal, opened: openGroups } = groups;
  const reader = useReader({ element, onPage, log, start, kept, failure, lines, clock, reveal });
  useRemember(kept, { isFollowing: reader.isFollowing, query: search.query, openGroups, lines });
  const toggle = (id: string) => {
    // A reader who opens a group wants to read it: the log stays there.
    if (!groups.isOpen(id)) reader.stay();
    groups.toggle(id);
  };
  return { name, element, output, groups: { ...groups, toggle }, search, reader };
}
