/** Where a log opens: at the lines of a link, where the reader was before a reload, at its end or at its start. Pure. */
import type { Step } from "../../../../index.js";
import type { Failure } from "../../reading/attemptFacts.js";
import type { LogPoint } from "../onPage/outputLog.js";
import type { RememberedLog } from "./logMemory.js";

export interface Lines {
  readonly from: number;
  readonly to: number;
}

export interface LogStart {
  readonly place: LogPoint | "end";
  readonly isFollowing: boolean;
  /** The line to bring into view, and where; null for the edge. */
  readonly target: Target | null;
  /** At the line that says why it failed, as soon as that is known. */
  readonly isAtWhy: boolean;
}

export interface StartFacts {
  readonly status: Step["status"];
  readonly bytes: number;
  readonly lines: Lines | undefined;
  readonly remembered: RememberedLog | null;
  readonly failure: Failure | null;
}

export interface Target {
  readonly place: LogPoint | { readonly key: string };
  /** How far below the upper edge; null for a third of the way. */
  readonly delta: number | null;
}

/** So much is loaded in one go, whichever end it is. */
const SMALL_BYTES = 256 * 1024;

export const linesText = (lines: Lines | undefined): string =>
  lines ? `${lines.from}-${lines.to}` : "";

export function logStart({ status, bytes, lines, remembered, failure }: StartFacts): LogStart {
  const wasHere = remembered !== null && remembered.lines === linesText(lines);
  // A reload before anything was in view.
  const isNowhere = wasHere && !remembered.isFollowing && remembered.offset === null;
  if (lines && (!wasHere || isNowhere)) {
    const place = { line: lines.from };
    return { place, isFollowing: false, target: { place, delta: null }, isAtWhy: false };
  }
  if (wasHere && !remembered.isFollowing && remembered.offset !== null) {
    const place = { offset: remembered.offset };
    return {
      place,
      isFollowing: false,
      target: { place, delta: remembered.delta },
      isAtWhy: false,
    };
  }
  // A reader who followed it until it failed has not seen why.
  const isAtWhy = failure !== null && !(wasHere && remembered.sawWhy);
  if (isAtWhy && failure.offset !== null) {
    const place = { offset: failure.offset };
    return { place, isFollowing: false, target: { place, delta: null }, isAtWhy };
  }
  const isDone = status === "completed" || status === "skipped";
  const isFollowing = wasHere ? remembered.isFollowing : !isDone;
  const isFromStart = !isFollowing && bytes > SMALL_BYTES;
  return { place: isFromStart ? { offset: 0 } : "end", isFollowing, target: null, isAtWhy };
}
