/** When the lines on the page came, while that is shown. */
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { usePage } from "../../../page/page.js";
import type { LogName } from "../bytes/logBytes.js";
import type { OutputLine } from "../lines/outputLines.js";
import type { LogOnPage } from "../onPage/logOnPage.js";
import type { OutputBlock } from "../onPage/logWindow.js";
import type { Timestamps } from "../tools/logSettings.js";
import type { LineTimes, OffsetRange } from "./lineTimes.js";
import { ShownTimes } from "./shownTimes.js";
import { TimesLoader } from "./timesLoader.js";

export interface LineTimesShown {
  /** Null while no times are shown. */
  readonly shown: ShownTimes | null;
  /** Nobody knows when any of these lines came. */
  readonly areUnrecorded: boolean;
}

/** Give the component the attempt as `key`: one log is one log. */
export function useLineTimes(
  name: LogName,
  times: LineTimes,
  { blocks, isAtEnd, size }: Pick<LogOnPage, "blocks" | "isAtEnd" | "size">,
  timestamps: Timestamps,
): LineTimesShown {
  const { client } = usePage();
  const [, setVersion] = useState(0);
  const loader = useMemo(() => {
    const { rest, clock } = client;
    const changed = () => setVersion((version) => version + 1);
    return new TimesLoader({ rest, clock, name, times, changed });
  }, [client]);
  const shown = useMemo(
    () => (timestamps === "off" ? null : new ShownTimes(times, timestamps)),
    [times, timestamps],
  );
  const end = isAtEnd ? size : 0;
  const range = useMemo(() => shown && rangeOf(blocks, end), [shown, blocks, end]);
  useLayoutEffect(() => {
    times.isWanted = shown !== null;
    if (range) times.trim(range);
    loader.want(range);
  }, [shown, range]);
  useLayoutEffect(() => () => loader.stop(), [loader]);
  return { shown, areUnrecorded: range !== null && times.isUnrecorded(range) };
}

/** From the byte before the first line, which may be of another day, at least up to `end`: the next line stands behind that. */
function rangeOf(blocks: readonly OutputBlock[], end: number): OffsetRange | null {
  const first = firstOf(blocks.values(), (block) => block.lines.find(hasOffset));
  const last = firstOf([...blocks].reverse().values(), (block) => block.lines.findLast(hasOffset));
  if (first == null || last == null) return null;
  return { from: Math.max(0, first - 1), next: Math.max(last + 1, end) };
}

const hasOffset = ({ offset }: OutputLine): boolean => offset !== null;

function firstOf(
  blocks: Iterable<OutputBlock>,
  find: (block: OutputBlock) => OutputLine | undefined,
): number | null {
  for (const block of blocks) {
    const found = find(block);
    if (found) return found.offset;
  }
  return null;
}
