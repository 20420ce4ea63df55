/** Where the reader is with the log, in one quiet line: followed or not, how many lines, how much. */
import { useContext } from "preact/hooks";
import type { LogAway } from "../../../index.js";
import { formatClock } from "../../look/time.js";
import { FreshnessContext } from "../../page/freshness.js";
import { usePage } from "../../page/page.js";
import { numberOf } from "./lines/lineCount.js";
import type { LogOnPage } from "./onPage/logOnPage.js";

interface LogStatusProps {
  readonly onPage: LogOnPage;
  readonly isFollowing: boolean;
  readonly isAtWork: boolean;
  /** The machine that prints them is not reached. */
  readonly isUnlinked: boolean;
  /** Null while the node that keeps them is there. */
  readonly away: LogAway | null;
  /** Times are wanted, and were not kept of any of these lines. */
  readonly hasNoTimes: boolean;
  countLines(): void;
}

export function LogStatus(props: LogStatusProps) {
  const { onPage, isFollowing, isAtWork, isUnlinked, away, hasNoTimes, countLines } = props;
  const { isCurrent } = useContext(FreshnessContext);
  const { staleSince } = usePage().connection.value;
  const { blocks, base, isAtEnd, isBehind, size } = onPage;
  const last = blocks.at(-1)?.lines.at(-1);
  const lines = isAtEnd && last ? numberOf(last, base) : null;
  const parts = [
    ...(isAtWork || isBehind || away
      ? [followText({ isFollowing, isCurrent, isBehind, isUnlinked, away, staleSince })]
      : []),
    ...(lines === null ? [] : [`${lines.toLocaleString("en")} ${lines === 1 ? "line" : "lines"}`]),
    ...(size === 0 ? [] : [sizeText(size)]),
    ...(hasNoTimes ? ["No times were recorded"] : []),
  ];
  return (
    <p class="output-status" data-testid="log-status">
      {parts.join(" · ")}
      {onPage.numbers === "counting" && " · Counting lines…"}
      {onPage.numbers === "countable" && (
        <>
          {" · "}
          <button type="button" class="link-button" onClick={countLines}>
            Number the lines
          </button>
        </>
      )}
    </p>
  );
}

interface Following extends Pick<LogStatusProps, "isFollowing" | "isUnlinked" | "away"> {
  readonly isCurrent: boolean;
  readonly isBehind: boolean;
  readonly staleSince: number | null;
}

/** Lines that cannot come now are not followed, whatever the button says. */
function followText(following: Following): string {
  const { isFollowing, isCurrent, isBehind, isUnlinked, away, staleSince } = following;
  if (!isCurrent && staleSince !== null)
    return `As of ${formatClock(staleSince)}: newer lines may be missing`;
  if (!isCurrent) return "Not live: newer lines may be missing";
  if (away) return awayText(away);
  if (isBehind) return "◌ Catching up: newer lines are on their way";
  if (isUnlinked) return "Link lost: newer lines come once it is back";
  return isFollowing ? "● Following" : "○ Not following";
}

/** Why nothing of it comes, which says nothing of the step. */
const awayText = ({ node, since }: LogAway): string =>
  `The output is on node ${node}, which is away since ${formatClock(since)}`;

export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
