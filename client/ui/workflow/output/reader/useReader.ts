/** Where the reader of a log is: at its end, at a line he came to, or at one that something led him to. */
import type { RefObject } from "preact";
import type { Clock } from "../../../../index.js";
import type { Failure } from "../../reading/attemptFacts.js";
import { keyOf } from "../lines/outputLines.js";
import type { LogOnPage } from "../onPage/logOnPage.js";
import type { OutputLog } from "../onPage/outputLog.js";
import { useFollowTail } from "./followTail.js";
import { type Anchor, type LookedAt, useKeepInView } from "./keepInView.js";
import type { LogMemory } from "./logMemory.js";
import type { Lines, LogStart } from "./logStart.js";
import { useAddressedLines } from "./useAddressedLines.js";
import { type Jump, useJump } from "./useJump.js";
import { useKeyScroll } from "./useKeyScroll.js";
import { useWhy } from "./useWhy.js";

interface ReaderOptions {
  readonly element: RefObject<HTMLDivElement | null>;
  readonly onPage: LogOnPage;
  readonly log: OutputLog;
  readonly start: LogStart;
  readonly kept: LogMemory;
  /** Null for an attempt that did not fail. */
  readonly failure: Failure | null;
  /** The lines that the address names. */
  readonly lines: Lines | undefined;
  readonly clock: Clock;
  /** Opens the group that a line is hidden in. */
  reveal(key: string): void;
}

export interface Reader {
  readonly isFollowing: boolean;
  /** How many lines ended since the reader left the end. */
  readonly newLines: number;
  readonly jump: Jump;
  /** The line that says why the attempt failed; null while it is not known, or not on the page. */
  readonly whyKey: string | null;
  toEnd(): void;
  toStart(): void;
  /** Keeps the lines that the reader looks at where they are, whatever is printed. */
  stay(): void;
  /** The reader chose these lines, which are in view, for the address. */
  choseLines(lines: Lines): void;
}

export function useReader(options: ReaderOptions): Reader {
  const { element, onPage, log, start, kept, failure, lines, clock, reveal } = options;
  const tail = useFollowTail(element, onPage, start.isFollowing, log);
  const { isFollowing } = tail;
  const keyScroll = useKeyScroll({ log: element, onPage, isFollowing, clock });
  const inView = useKeepInView({
    log: element,
    onPage,
    isFollowing,
    scroll: log.scroll,
    clock,
    remember: (anchor) => rememberLine(kept, onPage, anchor, isFollowing),
    looks: (view) => loadWhatIsNear(log, onPage, view, isFollowing),
  });
  const jump = useJump({
    log: element,
    onPage,
    first: start.target,
    reveal(key) {
      reveal(key);
      log.draw(key);
    },
    jumped() {
      keyScroll.stop();
      tail.leave();
      inView.settle();
    },
  });
  const shown = () => kept.change({ sawWhy: true });
  const whyKey = useWhy({ failure, onPage, isWanted: start.isAtWhy, jump, shown });
  const choseLines = useAddressedLines(lines, log, jump);
  return {
    isFollowing,
    newLines: onPage.total - tail.leftAt,
    jump,
    whyKey,
    toEnd() {
      tail.follow();
      void log.toEnd();
    },
    toStart() {
      keyScroll.stop();
      tail.leave();
      void log.goTo({ offset: 0 });
      jump.to({ place: { offset: 0 }, delta: 0 });
    },
    stay: tail.leave,
    choseLines,
  };
}

function rememberLine(
  kept: LogMemory,
  { blocks }: LogOnPage,
  anchor: Anchor | null,
  isFollowing: boolean,
): void {
  const line = blocks.flatMap((block) => block.lines).find((one) => keyOf(one) === anchor?.key);
  if (line) kept.change({ offset: line.offset, delta: anchor?.delta ?? 0, isFollowing });
}

/** Near an edge of what is on the page, the lines beyond it are read before the reader is there. */
function loadWhatIsNear(
  log: OutputLog,
  { trouble, blocks }: LogOnPage,
  { isInFirstHalf, isNearStart, isNearEnd, isShortAbove, block, screens }: LookedAt,
  isFollowing: boolean,
): void {
  log.scroll.isShort = isShortAbove;
  log.reads({ isFollowing, isAtStart: isInFirstHalf, block, screens });
  if (trouble !== null || blocks.length === 0) return;
  if (isNearEnd) void log.loadNewer();
  else if (isNearStart && !isFollowing) void log.loadOlder();
}
