/** The branches of a step are followed at once: each line whole, with whose it is, and nothing lost or doubled. */
import { describe, expect, test } from "vitest";
import type { FollowLogOptions, LogListener, LogPiece, View } from "../../../../client/index.js";
import { followLogs } from "../../../../server/cli/logs/followLogs.js";
import { createJsonPrinter } from "../../../../server/cli/logs/printers/jsonPrinter.js";
import { createLogPrinter } from "../../../../server/cli/logs/printers/logPrinter.js";
import { createTimedPrinter } from "../../../../server/cli/logs/printers/timedPrinter.js";
import { settled } from "../../../support/clocks/settled.js";

const branch = (action: string, index: number, status = "in_progress") => ({
  action,
  index,
  status,
});

function followed({
  step,
  isTTY = false,
  printed: as = "text",
}: {
  step?: number;
  isTTY?: boolean;
  printed?: "text" | "json" | "timed";
} = {}) {
  const listeners = new Map<number, LogListener>();
  const asked: [number, FollowLogOptions][] = [];
  let show: (view: View) => void = () => {};
  const client = {
    followLog: (_id: string, index: number, options: FollowLogOptions, heard: LogListener) => {
      asked.push([index, options]);
      listeners.set(index, heard);
      return () => listeners.delete(index);
    },
    watch: (_id: string, hear: (view: View) => void) => {
      show = hear;
      return () => {};
    },
    rest: { logTimes: async () => null },
  } as never;
  let written = "";
  const stdout = {
    write: (text: string | Uint8Array) => {
      written += typeof text === "string" ? text : Buffer.from(text).toString();
    },
    drained: async () => {},
    outliveReader: () => {},
    isTTY,
    columns: 80,
    rows: 24,
  };
  const context = { stdout, env: { NO_COLOR: "1" } };
  const of = { workflow_id: "w", epoch: "e" };
  const printer =
    as === "text"
      ? createLogPrinter(of, client, context)
      : as === "timed"
        ? createTimedPrinter(of, client, context)
        : createJsonPrinter(
            of,
            new Map([
              [1001, "eu"],
              [2001, "asia"],
            ]),
            client,
            context,
          );
  const following = followLogs({ ...of, step }, client, printer, () => {});
  const showSteps = (branches: object[], more: object = {}, last = "pending") => {
    const steps = [
      { action: "build", status: "completed" },
      { action: "copy", title: "Copy it", status: "in_progress", steps: branches },
      { action: "clean", status: last },
    ];
    const state = { status: "running", steps, ...more };
    show({ state, position: { epoch: "e", revision: 1 }, closed: null } as unknown as View);
  };
  const next = new Map<number, number>();
  return {
    asked,
    following,
    showSteps,
    isHeard: (index: number) => listeners.has(index),
    say: (index: number, text: string, more: Partial<LogPiece> = {}) => {
      const from = more.from ?? next.get(index) ?? 0;
      const piece = { attempt: 1, skipped: 0, from, next: from + Buffer.byteLength(text), text };
      next.set(index, piece.next);
      listeners.get(index)?.piece({ ...piece, ...more });
    },
    over: (index: number) => listeners.get(index)?.end?.({ reason: "over", attempt: 1, next: 0 }),
    take: async () => {
      await settled();
      await printer.caughtUp();
      const taken = written;
      written = "";
      return taken;
    },
  };
}

const BOTH = [branch("eu", 1001), branch("asia", 2001)];

/** The build is behind us. */
async function withBranches(options: Parameters<typeof followed>[0] = {}) {
  const world = followed(options);
  world.showSteps(BOTH);
  if (options.step === undefined) world.over(0);
  await world.take();
  return world;
}

describe("branches that print at the same time", () => {
  test("branches that print at the same time are told as they come, each line with whose it is", async () => {
    const { say, over, take } = await withBranches();
    say(1001, "one\ntw");
    say(2001, "first\n");
    say(1001, "o\n");
    say(2001, "no end");
    expect(await take()).toBe("[2.1 eu]   one\n[2.2 asia] first\n[2.1 eu]   two\n");
    over(2001);
    say(1001, "three\n");
    expect(await take()).toBe("[2.2 asia] no end\n[2.1 eu]   three\n");
  });

  test("stand under one heading in a terminal", async () => {
    const world = followed({ isTTY: true });
    world.showSteps(BOTH);
    world.over(0);
    world.say(2001, "first\n");
    world.say(1001, "one\n");
    expect(await world.take()).toBe(
      "── build ──\n── Copy it ──\n[2.2 asia] first\n[2.1 eu]   one\n",
    );
  });

  test("branches that print at the same time are as ever in JSON, whole lines under their index", async () => {
    const { say, take } = await withBranches({ printed: "json" });
    say(1001, "one ");
    say(2001, "first\n");
    say(1001, "line\n");
    const lines = (await take()).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { type: "output", index: 2001, action: "asia", text: "first" },
      { type: "output", index: 1001, action: "eu", text: "one line" },
    ]);
  });

  test("branches that print at the same time have the time before whose they are", async () => {
    const { say, take } = await withBranches({ printed: "timed" });
    say(1001, "one\n", { at: [[0, Date.UTC(2026, 0, 1)]] });
    expect(await take()).toBe("2026-01-01T00:00:00.000Z [2.1 eu]   one\n");
  });

  test("branches that print at the same time have no prefix where one is asked for", async () => {
    const { say, take } = await withBranches({ step: 1001 });
    say(1001, "no end");
    expect(await take()).toBe("no end");
  });

  test("branches that print at the same time say where something was left out, and lose no line over another attempt", async () => {
    const { say, take } = await withBranches();
    say(1001, "half");
    say(1001, "later\n", { skipped: 90, from: 94, next: 100 });
    say(1001, "again\n", { attempt: 2, from: 0, next: 6 });
    expect(await take()).toBe(
      "[2.1 eu]   half\n[2.1 eu]   [instep: 90 bytes left out]\n[2.1 eu]   later\n[2.1 eu]   again\n",
    );
  });

  test("branches that print at the same time hold no more than 64 KiB of a line without an end", async () => {
    const { say, take } = await withBranches();
    const part = "x".repeat(40_000);
    say(1001, part);
    expect(await take()).toBe("");
    say(1001, part);
    say(2001, "first\n");
    say(1001, "end\n");
    expect(await take()).toBe(`[2.1 eu]   ${part}${part}\n[2.2 asia] first\n[2.1 eu]   end\n`);
  });

  test("branches that print at the same time lose nothing of a last line when following is stopped", async () => {
    const { say, following, take } = await withBranches();
    say(1001, "half");
    following.stop();
    expect(await take()).toBe("[2.1 eu]   half");
  });
});

test("a branch that has ended gives its place to others, and the next step waits for all of them", async () => {
  const { asked, over, isHeard, showSteps, say, take } = await withBranches();
  showSteps([branch("eu", 1001, "completed"), BOTH[1]!], {}, "in_progress");
  over(1001);
  expect(isHeard(1001)).toBe(false);
  expect(asked.map(([index]) => index)).toEqual([0, 1001, 2001]);
  showSteps([branch("eu", 1001, "completed"), branch("asia", 2001, "failed")], {}, "in_progress");
  say(2001, "last");
  over(2001);
  say(2, "cleaning\n");
  expect(asked.map(([index]) => index)).toEqual([0, 1001, 2001, 2]);
  expect(await take()).toBe("[2.2 asia] last\ncleaning\n");
});

test("the end of the workflow is the end of following, with a branch that never began", async () => {
  const { following, over, showSteps } = await withBranches();
  showSteps([BOTH[0]!, branch("asia", 2001, "failed"), branch("us", 3001, "pending")], {
    status: "cancelled",
  });
  over(2001);
  over(1001);
  expect(await following.ended).toBe("over");
});
