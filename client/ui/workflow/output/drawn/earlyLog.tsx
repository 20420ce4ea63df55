/** The lines that stood on the page before its script came: they stay, as of their moment, until the log has come as far. */
import { useRef, useState } from "preact/hooks";
import { earlyLinesOf, logName } from "../../../page/earlyWords.js";
import type { LogOnPage } from "../onPage/logOnPage.js";

interface EarlyLogProps {
  readonly step: number;
  readonly attempt: number;
  readonly onPage: LogOnPage;
  readonly isFollowing: boolean;
  /** Nobody can say now whether anything was printed. */
  readonly isAway: boolean;
}

/** Stands over the log, and takes no clicks. What has gone does not come back. */
export function EarlyLog({ step, attempt, onPage, isFollowing, isAway }: EarlyLogProps) {
  const [early] = useState(() => earlyLinesOf(document, logName({ step, attempt })));
  const isOver = useRef(early === null);
  const { blocks, isBehind, trouble } = onPage;
  const isOnItsWay = blocks.length === 0 || (isBehind && isFollowing);
  if (!isOnItsWay || trouble !== null || isAway) isOver.current = true;
  if (early === null || isOver.current) return null;
  return (
    <div class="output-early" data-testid="early-log">
      <span>{early.asOf}</span>
      <pre class={early.className}>{early.text}</pre>
    </div>
  );
}
