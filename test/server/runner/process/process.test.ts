import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type ProcessCommand,
  type ProcessEnd,
  runProcess,
} from "../../../../server/runner/process/process.js";
import { createOutputReader } from "../../../../server/runner/step/reading/outputReader.js";
import { type Clock, systemClock } from "../../../../shared/clock.js";
import { hastyClock } from "../../../support/clocks/hastyClock.js";
import { type ManualClock, manualClock } from "../../../support/clocks/manualClock.js";
import { settled } from "../../../support/clocks/settled.js";
import { until } from "../../../support/deadline.js";

const signalGroup = (group: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
};

function start(run: string, more: Partial<ProcessCommand> = {}, clock: Clock = systemClock) {
  const controller = new AbortController();
  const lines: string[] = [];
  const exitHooks = new Set<() => void>();
  let heard = () => {};
  const reader = createOutputReader(
    undefined,
    {
      marker: () => {},
      progress: () => {},
      line: (line) => {
        lines.push(line);
        heard();
      },
    },
    clock,
  );
  const ended = runProcess(
    {
      argv: ["/bin/sh", "-c", run],
      cwd: "/tmp",
      env: { PATH: process.env.PATH },
      signal: controller.signal,
      onText: (text) => reader.add(text),
      ...more,
    },
    {
      clock,
      signalGroup,
      onExit: (hook) => {
        exitHooks.add(hook);
        return () => exitHooks.delete(hook);
      },
    },
  );
  return {
    ended,
    exitHooks,
    cancel: () => controller.abort(),
    lastLines: async () => {
      await ended;
      return reader.lastLines(10_000);
    },
    /** The first line that matches: what was found in it. */
    line: async (pattern: RegExp): Promise<string> => {
      for (;;) {
        const found = lines.map((line) => pattern.exec(line)).find((match) => match);
        if (found) return found[1] ?? found[0];
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
    },
  };
}

/** How it ended, with the clock moved on slowly until it has. */
async function ending(ended: Promise<ProcessEnd>, clock: ManualClock): Promise<ProcessEnd> {
  let end: ProcessEnd | null = null;
  void ended.then((value) => {
    end = value;
  });
  return until(() => {
    clock.advance(1);
    return end;
  }, "the command has ended");
}

/** Whether a process runs; a dead one that nobody has reaped yet does not. */
function runs(pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

describe("a command", () => {
  test("a command ends with its code and its last lines", async () => {
    const shell = start("echo out; echo err >&2; exit 7");
    expect(await shell.ended).toMatchObject({ exitCode: 7, endedBy: null, notStarted: null });
    expect(await shell.lastLines()).toEqual(["out", "err"]);
    expect(shell.exitHooks.size).toBe(0);
  });

  test("sees its own variables and no others, and nothing on its input", async () => {
    const shell = start("cat; echo $A $HOME", { env: { A: "1" } });
    await shell.ended;
    expect(await shell.lastLines()).toEqual(["1"]);
  });

  test("a command that prints a hundred megabytes leaves twenty lines", async () => {
    const shell = start("yes 0123456789012345678901234567890123456789 | head -c 100000000");
    expect(await shell.ended).toMatchObject({ exitCode: 0 });
    expect(await shell.lastLines()).toHaveLength(20);
  });

  test("a command in a folder that is not there did not start", async () => {
    const { notStarted, exitCode } = await start("true", { cwd: "/nowhere" }).ended;
    expect(notStarted).toBe("there is no folder /nowhere");
    expect(exitCode).toBeNull();
    const inFile = await start("true", { cwd: "/etc/passwd/in" }).ended;
    expect(inFile.notStarted).toBe("there is no folder /etc/passwd/in");
  });

  test("a command that takes too long is stopped with all it started", async () => {
    const clock = hastyClock(1);
    const shell = start("sleep 300 & echo pid $!; wait", { timeoutMs: 3_600_000 }, clock);
    const pid = await shell.line(/pid (\d+)/);
    clock.advance(3_600_000);
    expect(await shell.ended).toMatchObject({ timedOut: true, endedBy: "SIGTERM" });
    expect(runs(pid)).toBe(false);
  });

  test.for([
    ["the process stood still", (clock: ManualClock) => clock.sleep(3_600_000)],
    [
      "the machine slept",
      (clock: ManualClock) => {
        clock.setWall(clock.now() + 3_600_000);
        clock.advance(10_000);
      },
    ],
  ] as const)("a command has not taken too long where %s for most of it", async ([, sleep]) => {
    const clock = manualClock();
    const idle = "trap 'echo done; exit 0' USR1; echo pid $$; while :; do sleep 0.05; done";
    const shell = start(idle, { timeoutMs: 60_000 }, clock);
    const pid = await shell.line(/pid (\d+)/);
    clock.advance(50_000);
    sleep(clock);
    await settled();
    process.kill(Number(pid), "SIGUSR1");
    const end = await ending(shell.ended, clock);
    expect(end).toMatchObject({ timedOut: false, exitCode: 0 });
  });

  test("a command that is asked to end has its ten seconds again where the process stood still", async () => {
    const clock = manualClock();
    const tidy =
      "trap 'sleep 0.2; echo tidy; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
    const shell = start(tidy, {}, clock);
    await shell.line(/ready/);
    shell.cancel();
    clock.sleep(3_600_000);
    await settled();
    expect(await ending(shell.ended, clock)).toMatchObject({ exitCode: 0 });
  });

  test("a command that is cancelled is stopped with all it started", async () => {
    const shell = start("sleep 300 & echo pid $!; sleep 300");
    const pid = await shell.line(/pid (\d+)/);
    shell.cancel();
    expect(await shell.ended).toMatchObject({ timedOut: false, endedBy: "SIGTERM" });
    expect(runs(pid)).toBe(false);
  });

  test("a command may tidy up when it is cancelled", async () => {
    const shell = start("trap 'echo tidy; exit 0' TERM; echo ready; while :; do sleep 0.05; done");
    await shell.line(/ready/);
    shell.cancel();
    expect(await shell.ended).toMatchObject({ exitCode: 0 });
    expect(await shell.lastLines()).toContain("tidy");
  });

  test("a command that ignores the asking is killed after ten seconds", async () => {
    const clock = hastyClock(20);
    const shell = start("trap '' TERM; echo ready; while :; do sleep 0.1; done", {}, clock);
    await shell.line(/ready/);
    const before = clock.elapsed();
    shell.cancel();
    expect(await shell.ended).toMatchObject({ endedBy: "SIGKILL" });
    expect(clock.elapsed() - before).toBeGreaterThan(9_500);
  });

  test.for([
    ["back", -3_600_000],
    ["on", 3_600_000],
  ] as const)(
    "that ignores the asking has its ten seconds, also where the clock is set %s",
    async ([, by]) => {
      const clock = hastyClock(20);
      const shell = start("trap '' TERM; echo ready; while :; do sleep 0.1; done", {}, clock);
      await shell.line(/ready/);
      const before = clock.elapsed();
      shell.cancel();
      clock.setWall(clock.now() + by);
      expect(await shell.ended).toMatchObject({ endedBy: "SIGKILL" });
      const took = clock.elapsed() - before;
      expect(took).toBeGreaterThan(9_500);
      expect(took).toBeLessThan(1_800_000);
    },
  );

  test("a command that is over takes along what it left in the background", async () => {
    const shell = start("sleep 300 & echo pid $!");
    const pid = await shell.line(/pid (\d+)/);
    expect(await shell.ended).toMatchObject({ exitCode: 0 });
    expect(runs(pid)).toBe(false);
  });

  test("a command is over even where a process that left its group holds the output", async () => {
    const shell = start("setsid sleep 300 & echo pid $!");
    const pid = await shell.line(/pid (\d+)/);
    try {
      expect(await shell.ended).toMatchObject({ exitCode: 0 });
    } finally {
      if (runs(pid)) process.kill(Number(pid), "SIGKILL");
    }
  });

  test("a command does not start once it is cancelled", async () => {
    const controller = new AbortController();
    controller.abort();
    const { notStarted } = await start("echo no", { signal: controller.signal }).ended;
    expect(notStarted).toBe("cancelled");
  });

  test("a command is killed when the process ends in whatever way", async () => {
    const shell = start("sleep 300 & echo pid $!; wait");
    const pid = await shell.line(/pid (\d+)/);
    for (const hook of shell.exitHooks) hook();
    expect(await shell.ended).toMatchObject({ endedBy: "SIGKILL" });
    expect(runs(pid)).toBe(false);
  });
});

describe("what a command prints", () => {
  test("the output of a command is handed on byte for byte, both streams as they come", async () => {
    const got: Uint8Array[] = [];
    const { ended } = start(
      "printf 'a\\377\\000b'; sleep 0.1; printf err >&2; sleep 0.1; printf c",
      {
        onOutput: async (bytes) => void got.push(bytes.slice()),
      },
    );
    expect(await ended).toMatchObject({ exitCode: 0 });
    expect(Buffer.concat(got).toString("latin1")).toBe("a\xff\0berrc");
  });

  test("the output of a command is not read faster than it is taken, and none of it is lost", async () => {
    let taken = 0;
    let waiting = 0;
    let most = 0;
    const { ended } = start("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2", {
      onOutput: async (bytes) => {
        taken += bytes.length;
        waiting += bytes.length;
        most = Math.max(most, waiting);
        await new Promise((resolve) => setTimeout(resolve, 2));
        waiting -= bytes.length;
      },
    });
    expect(await ended).toMatchObject({ exitCode: 0 });
    expect(taken).toBe(6_000_000);
    expect(most).toBeLessThan(512 * 1024);
  });

  test("the output of a command is all handed on, also where its reader takes longer than the command", async () => {
    let taken = 0;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { ended } = start("head -c 60000 /dev/zero; head -c 60001 /dev/zero >&2", {
      onOutput: async (bytes) => {
        taken += bytes.length;
        await held;
      },
    });
    // Longer than a pipe that somebody else holds is waited for.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    release();
    expect(await ended).toMatchObject({ exitCode: 0 });
    expect(taken).toBe(120_001);
  });
});
