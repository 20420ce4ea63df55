/** One command in its keeper's hands, by the port alone: read, ended, left to the next server, or lost. */
import { expect, test } from "vitest";
import {
  type CommandEnding,
  type Keeper,
  type KeptEnd,
  SPOOL_BEGIN,
} from "../../../../../server/runner/keeper/keeper.js";
import { recordAt } from "../../../../../server/runner/keeper/keptRecord.js";
import { CommandLost, LeftAtWork } from "../../../../../server/runner/keeper/leftAtWork.js";
import { PlacedOutput } from "../../../../../server/runner/report/placedOutput.js";
import { createRedaction } from "../../../../../server/runner/secrets/redaction.js";
import { runKept } from "../../../../../server/runner/step/keeping/keptRun.js";
import { SpoolReading } from "../../../../../server/runner/step/keeping/spoolReading.js";
import { manualClock } from "../../../../support/clocks/manualClock.js";
import { settled } from "../../../../support/clocks/settled.js";

const ENDED: KeptEnd = { kind: "ended", exitCode: 0, endedBy: null, at: 1_000 };

interface Wanted {
  /** What its output begins with; an error where it cannot be read. */
  readonly printed?: string | Error;
  readonly end?: KeptEnd;
  readonly ranMs?: number;
  readonly timeoutMs?: number;
}

function runOf({ printed = "", end, ranMs = 0, timeoutMs }: Wanted) {
  const clock = manualClock();
  const done: string[] = [];
  const stop = new AbortController();
  let tellEnd: (end: KeptEnd) => void = () => {};
  const ended = new Promise<KeptEnd>((resolve) => {
    tellEnd = resolve;
  });
  if (end) tellEnd(end);
  let stopped: Promise<readonly string[]> | null = null;
  const ending: CommandEnding = {
    givenUp: new Promise(() => {}),
    get stopped() {
      return stopped;
    },
    stop: (tookTooLong) => {
      done.push(tookTooLong ? "took too long" : "stop");
      stopped = Promise.resolve([]);
      tellEnd({ kind: "ended", exitCode: null, endedBy: "SIGTERM", at: 2_000 });
      return stopped;
    },
    over: async () => [],
  };
  let isGiven = false;
  const keeper = {
    begun: Promise.resolve(null),
    ended,
    ranMs: () => ranMs,
    async read(from: typeof SPOOL_BEGIN, _most: number, signal: AbortSignal) {
      if (printed instanceof Error) throw printed;
      if (!isGiven && printed !== "") {
        isGiven = true;
        const bytes = Buffer.from(printed);
        return { bytes, from, next: { segment: 1, at: bytes.length }, leftOut: 0 };
      }
      const aborted = new Promise((resolve) => {
        if (signal.aborted) resolve(null);
        signal.addEventListener("abort", resolve, { once: true });
      });
      await Promise.race([ended, aborted]);
      return null;
    },
    release: async () => {},
    ending: () => ending,
    leave: async () => void done.push("leave"),
    remove: async () => {},
  } satisfies Keeper;
  let log = "";
  const output = new PlacedOutput(
    {
      begin: 0,
      write: async (bytes) => {
        log += Buffer.from(bytes).toString();
      },
      finish: async () => {},
    },
    clock,
  );
  const reading = new SpoolReading({
    ...{ keeper, output, clock, folder: { keep: () => {} } },
    record: recordAt(0, SPOOL_BEGIN),
    redaction: createRedaction([]),
    listeners: { onRaw: () => {}, rawWaiting: () => 0, onText: () => {} },
  });
  const command = {
    ...{ signal: stop.signal, timeoutMs, leaves: false },
    ...{ onProcess: () => {}, onLink: () => {} },
  };
  const running = runKept(keeper, reading, command, clock);
  running.catch(() => {});
  return { running, clock, done, stop, log: () => log };
}

test("a command that ended has its own exit, at its own time, and all of its output", async () => {
  const { running, log, clock } = runOf({ printed: "whole\n", end: ENDED });
  expect(await running).toMatchObject({ exitCode: 0, endedBy: null, endedAt: 1_000 });
  expect(log()).toBe("whole\n");
  expect(clock.waiting).toBe(0);
});

test("a command whose output cannot be read any more is ended, and that is said", async () => {
  const { running, done, clock } = runOf({ printed: new Error("too many open files") });
  await expect(running).rejects.toThrow("too many open files");
  expect(done).toEqual(["stop"]);
  expect(clock.waiting).toBe(0);
});

test("a command that is left to the next server is not ended, and nothing looks after it", async () => {
  const { running, done, stop, clock } = runOf({ printed: "some\n", timeoutMs: 60_000 });
  await settled();
  stop.abort(new LeftAtWork());
  await expect(running).rejects.toBeInstanceOf(LeftAtWork);
  expect(done).toEqual(["leave"]);
  expect(clock.waiting).toBe(0);
});

test("a command that is cancelled is ended", async () => {
  const { running, done, stop } = runOf({});
  stop.abort(new Error("cancel"));
  expect(await running).toMatchObject({ endedBy: "SIGTERM", timedOut: false });
  expect(done).toEqual(["stop"]);
});

test("the time that a command ran while nobody watched it counts for its timeout", async () => {
  const { running, done, clock } = runOf({ ranMs: 50_000, timeoutMs: 60_000 });
  await settled();
  clock.advance(9_000);
  await settled();
  expect(done).toEqual([]);
  clock.advance(1_001);
  expect(await running).toMatchObject({ timedOut: true });
  expect(done).toEqual(["took too long"]);
});

test("a command of which nobody knows how it ended is lost, with what is known of its output", async () => {
  const { running, log } = runOf({ printed: "some\n", end: { kind: "lost", why: "killed" } });
  await expect(running).rejects.toBeInstanceOf(CommandLost);
  expect(log()).toBe("some\n");
});

test("a command that never began says why", async () => {
  const { running } = runOf({ end: { kind: "never began", why: "no such file" } });
  expect(await running).toMatchObject({ notStarted: "no such file", endedAt: null });
});
