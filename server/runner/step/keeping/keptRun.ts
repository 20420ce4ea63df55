/** One command in its keeper's hands, from its beginning or from where an earlier server left it: read into the log, ended where that is wanted, its end proven. */
import type { Clock } from "../../../../shared/clock.js";
import type { Keeper, KeptEnd, KeptProcess, LinkNews } from "../../keeper/keeper.js";
import { CommandLost, isLeft, LeftAtWork } from "../../keeper/leftAtWork.js";
import { LAST_OUTPUT_MS, LEFT_OUTPUT_MS, NOT_RUN, type ProcessEnd } from "../../process/process.js";
import { type Watched, watchOver } from "../../process/watchOver.js";
import type { SpoolReading } from "./spoolReading.js";

/** The last lines of a command that has ended come before what is said of its end. */
const QUIET_MS = 50;

export interface KeptCommand extends Omit<Watched, "timeoutMs"> {
  /** The longest it may take in all, whoever watched it. */
  readonly timeoutMs: number | undefined;
  /** Processes that it leaves running when it succeeds live on. */
  readonly leaves: boolean;
  /** Told once it runs. */
  onProcess(process: KeptProcess): void;
  /** Told of the link to the machine it runs on, where that is another one. */
  onLink(news: LinkNews): void;
}

export interface KeptRunEnd extends ProcessEnd {
  /** In ms since 1970; null where it never ran, or cannot be ended. */
  readonly endedAt: number | null;
}

/**
 * Resolves when the command has ended and its group is gone. Rejects with LeftAtWork once the server leaves it to the next one, and with CommandLost
 * where nobody knows how it ended, or it was ended with its node; what is known of its output is in the log by then.
 */
export async function runKept(
  keeper: Keeper,
  reading: SpoolReading,
  command: KeptCommand,
  clock: Clock,
): Promise<KeptRunEnd> {
  const { timeoutMs, signal } = command;
  const leftMs =
    timeoutMs === undefined ? undefined : Math.max(0, timeoutMs - (keeper.ranMs() ?? 0));
  const watching = watchOver(
    (options) => keeper.ending(options),
    { ...command, timeoutMs: leftMs },
    clock,
    isLeft,
  );
  const { ending } = watching;
  const stopLink = keeper.onLink?.((news) => command.onLink(news)) ?? (() => {});
  void keeper.begun.then((process) => process && command.onProcess(process));
  const read = reading.run();
  // A command that nobody can read any more does not go on.
  const unread = read.then(
    () => new Promise<never>(() => {}),
    async (error: unknown) => {
      await ending.stop();
      throw error;
    },
  );
  try {
    const over = await Promise.race([keeper.ended, ending.givenUp, untilLeft(signal), unread]);
    watching.cancelTimeout();
    if (over === "left") {
      // A command that is told to end already ends here.
      await ending.stopped;
      throw new LeftAtWork();
    }
    if (keeper.waitedMs) await Promise.race([read, reading.quiet(QUIET_MS), untilLeft(signal)]);
    const leaves = command.leaves && over?.kind === "ended" && over.exitCode === 0;
    const survivors = await ending.over(leaves);
    const cancelWait =
      keeper.waitedMs === undefined
        ? () => {}
        : reading.within(leaves ? LEFT_OUTPUT_MS : LAST_OUTPUT_MS, () =>
            watching.tell({ kind: "output held" }),
          );
    await Promise.race([read, untilLeft(signal)]);
    cancelWait();
    if (isLeft(signal)) throw new LeftAtWork();
    await reading.finish();
    return {
      ...endOf(over ?? (await Promise.race([keeper.ended, null]))),
      ...watching.end(),
      survivors: (await ending.stopped) ?? survivors,
    };
  } finally {
    watching.cancelTimeout();
    watching.end();
    stopLink();
    if (isLeft(signal)) reading.leave();
    else reading.stop();
    await read.catch(() => {});
    if (isLeft(signal)) await keeper.leave();
  }
}

function endOf(over: KeptEnd | null): KeptRunEnd {
  // A process that cannot be ended has no exit.
  if (over === null) return { ...NOT_RUN, endedAt: null };
  switch (over.kind) {
    case "ended": {
      const { exitCode, endedBy, at } = over;
      return { ...NOT_RUN, exitCode, endedBy, endedAt: at };
    }
    case "never began":
      return { ...NOT_RUN, notStarted: over.why, endedAt: null };
    case "lost":
      throw new CommandLost(over.why);
    case "cut off":
      throw new CommandLost(CUT_OFF, "node_lost");
  }
}

const CUT_OFF = "it was ended because its node could not reach the cluster any more";

function untilLeft(signal: AbortSignal): Promise<"left"> {
  return new Promise((resolve) => {
    const look = () => {
      if (isLeft(signal)) resolve("left");
    };
    if (signal.aborted) return look();
    signal.addEventListener("abort", look, { once: true });
  });
}
