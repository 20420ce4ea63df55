/** How it stands with commands that an earlier server has left, in every window in which that may have been killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Keeper } from "../../../../../server/runner/keeper/keeper.js";
import { keeperPrograms } from "../../../../../server/runner/keeper/local/keeperPrograms.js";
import { takeUpLocalKeeper } from "../../../../../server/runner/keeper/local/localKeeper.js";
import { type Run, runOf } from "../../../../../server/runner/keeper/local/papers.js";
import { KEEPER_NAME, keeperScript } from "../../../../../server/runner/keeper/local/script.js";
import { claim, standing, standingOf } from "../../../../../server/runner/keeper/local/standing.js";
import { layOut } from "../../../../../server/runner/keeper/local/startedKeeper.js";
import { keeperProcesses } from "../../../../../server/runner/keeper/local/whoIsThere.js";
import { USUAL_LIMITS } from "../../../../../server/runner/keeper/local/writerScript.js";
import { systemClock } from "../../../../../shared/clock.js";
import { until } from "../../../../support/deadline.js";
import { keep, keeperFolder, kill, marked, outputOf, TOOLS } from "./keeping.js";

const MARK = "INSTEP_TEST_MARK=standing";

/** A keeper's process over a folder that was laid out before. */
function startKeeper(folder: string, run: string): ChildProcess {
  const text = keeperScript({ programs: keeperPrograms()!, limits: USUAL_LIMITS, aside: [] });
  const args = ["-c", text, KEEPER_NAME, folder, "/bin/sh", "-c", run];
  return spawn("/bin/sh", args, { cwd: "/tmp", detached: true, stdio: "ignore" });
}

const exited = (child: ChildProcess) =>
  new Promise<void>((resolve) => child.once("exit", () => resolve()));

/** A folder as a server leaves it that was killed before it started the keeper. */
function laidOut(): string {
  const folder = keeperFolder();
  layOut(folder, { mark: MARK });
  return folder;
}

function change(folder: string, file: string, how: (text: string) => string): void {
  const path = join(folder, file);
  writeFileSync(path, how(readFileSync(path, "utf8")));
}

const ANOTHER_BOOT = "00000000-0000-4000-8000-000000000000";

describe("a command that an earlier server has left", () => {
  test("a command never began where its keeper was not started, and a late keeper begins it no more", async () => {
    for (const folder of [keeperFolder(), laidOut()]) {
      expect(await standingOf(folder, systemClock)).toBe("never began");
      await exited(startKeeper(folder, `echo ran >${folder}/ran`));
      const keeper = takeUpLocalKeeper(folder, TOOLS);
      expect(await keeper.begun).toBe(null);
      expect(await keeper.ended).toEqual({
        kind: "never began",
        why: "its keeper was never started",
      });
      await keeper.remove();
    }
  });

  test("a command is begun by a late keeper or never, and never both", async () => {
    for (let turn = 0; turn < 60; turn++) {
      const folder = laidOut();
      const child = startKeeper(folder, `echo ran >>${folder}/ran`);
      const gone = exited(child);
      if (turn % 4 > 0) await new Promise((resolve) => setTimeout(resolve, turn % 4));
      const isOurs = claim(folder);
      await gone;
      const { is } = standing(folder);
      expect(is).toBe(isOurs ? "never began" : "ended");
      expect(is === "ended" ? readFileSync(join(folder, "ran"), "utf8") : "").toBe(
        isOurs ? "" : "ran\n",
      );
    }
  });

  test("a command is begun once where eight keepers are started for one folder", async () => {
    const folder = laidOut();
    const children = Array.from({ length: 8 }, () =>
      startKeeper(folder, `echo ran >>${folder}/ran`),
    );
    await Promise.all(children.map(exited));
    expect(readFileSync(join(folder, "ran"), "utf8")).toBe("ran\n");
    expect(await standingOf(folder, systemClock)).toBe("ended");
  });

  test("a command is waited for while its keeper is about to begin it", async () => {
    const folder = laidOut();
    const child = startKeeper(folder, "exit 4");
    kill(child.pid!, "SIGSTOP");
    onTestFinished(() => kill(child.pid!));
    if (!claim(folder)) {
      expect(["at work", "ended"]).toContain(await standingOf(folder, systemClock));
      kill(child.pid!, "SIGCONT");
      expect(await takeUp(folder).ended).toMatchObject({ exitCode: 4 });
    }
  });

  test("a command never began where its keeper was killed before", async () => {
    const folder = laidOut();
    writeFileSync(join(folder, "begun"), "");
    expect(await standingOf(folder, systemClock)).toBe("never began");
    const end = await takeUp(folder).ended;
    expect(end).toEqual({ kind: "never began", why: "its keeper was ended before it began" });
  });

  test("a command is at work, and is read, ended and told as before", async () => {
    const {
      folder,
      takeUp: take,
      keeper,
    } = keep("echo 1; trap 'echo 2; exit 6' TERM; while :; do sleep 0.02; done");
    const begun = await keeper.begun;
    const { place } = await readUntil(keeper, "1\n");
    await keeper.leave();
    expect(await standingOf(folder, systemClock)).toBe("at work");
    const again = take();
    expect(await again.begun).toEqual(begun);
    kill(-begun!.pid, "SIGTERM");
    expect(await outputOf(again, place)).toMatch(/2\n$/);
    expect(await again.ended).toMatchObject({ kind: "ended", exitCode: 6 });
  });

  test("a command has ended meanwhile, and its real end and time are told", async () => {
    const { folder, takeUp: take, keeper } = keep("sleep 0.1; exit 9");
    const end = await keeper.ended;
    await keeper.leave();
    expect(await standingOf(folder, systemClock)).toBe("ended");
    const again = take();
    expect(await again.ended).toEqual(end);
    expect(again.ranMs()).toBe(keeper.ranMs());
    expect(again.ranMs()).toBeGreaterThanOrEqual(90);
  });

  test("a command is lost where its machine was started anew meanwhile", async () => {
    const { folder, takeUp: take, keeper } = keep("sleep 60");
    await keeper.begun;
    await keeper.leave();
    change(folder, "at", (text) => text.replace(/"boot":"[^"]+"/, `"boot":"${ANOTHER_BOOT}"`));
    expect(await standingOf(folder, systemClock)).toBe("lost");
    expect(await take().ended).toEqual({ kind: "lost", why: "its machine was started anew" });
  });

  test("a command is lost where it ran in a place that cannot be seen from here", async () => {
    const { folder, keeper } = keep("sleep 60");
    await keeper.begun;
    change(folder, "at", (text) => text.replace(/pid:\[\d+\]/, "pid:[1]"));
    expect(await standingOf(folder, systemClock)).toBe("lost");
  });

  test("a command is not taken for another process that has its number by now", async () => {
    const { folder, keeper, takeUp: take } = keep("sleep 60");
    const { command, keeper: leader } = await runIn(folder, keeper);
    await keeper.leave();
    kill(leader.pid);
    // In one tick of the machine two processes have the same start.
    const ticks = () => Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 100;
    await until(() => ticks() > Number(command.started) + 2, "the machine's clock has ticked");
    const ours = spawn("sleep", ["60"], { stdio: "ignore" });
    onTestFinished(() => kill(ours.pid!));
    change(folder, "run", (text) =>
      text.replace(`\n${command.pid} (`, `\n${ours.pid} (`).padEnd(2_048),
    );
    expect(await standingOf(folder, systemClock)).toBe("lost");
    const again = take();
    const ending = again.ending({
      manner: { signal: "SIGTERM", patienceMs: 100 },
      mark: MARK,
      tell: () => {},
    });
    expect(await ending.stop()).toEqual([]);
    expect(ours.exitCode ?? ours.signalCode).toBe(null);
  });

  test("a command is lost where a process of its number and start shows the mark of another", async () => {
    const { folder, keeper, mark } = keep("sleep 60");
    const run = await runIn(folder, keeper);
    // The shell that becomes it does not show it yet.
    await until(() => marked(mark).length > 0, "the command shows its mark");
    await keeper.leave();
    kill(run.keeper.pid);
    await until(() => standing(folder).is === "at work", "it is at work without its keeper");
    change(folder, "at", (text) => text.replace(/INSTEP_TEST_MARK=\w+/, "INSTEP_TEST_MARK=other"));
    expect(await standingOf(folder, systemClock)).toBe("lost");
  });

  test("a command is at work although its process hides its environment", async () => {
    const hide =
      "import ctypes,time; l=ctypes.CDLL(None); l.prctl(4,0,0,0,0); print(1,flush=True); time.sleep(60)";
    const { folder, keeper } = keep("", { argv: ["python3", "-c", hide] });
    await readUntil(keeper, "1\n");
    await keeper.leave();
    expect(await standingOf(folder, systemClock)).toBe("at work");
  });

  test("a command that ran is never said not to have begun where what was written of its beginning is damaged", async () => {
    const damages: ((text: string) => string)[] = [() => "", () => "?", (text) => text.slice(0, 9)];
    for (const damage of damages) {
      const { folder, keeper } = keep("echo ran; exec sleep 60");
      const run = await runIn(folder, keeper);
      await keeper.leave();
      change(folder, "run", damage);
      kill(run.command.pid);
      await until(() => keeperProcesses(folder).length === 0, "its keeper has ended");
      expect(standing(folder)).toMatchObject({ is: "lost" });
      expect(await standingOf(folder, systemClock)).toBe("lost");
    }
  });

  test("a command is lost where an empty or torn paper is all that is there of it", async () => {
    const { folder, keeper } = keep("sleep 60");
    const run = await runIn(folder, keeper);
    await keeper.leave();
    kill(-run.keeper.pid);
    kill(run.command.pid);
    writeFileSync(join(folder, "at"), "");
    expect(await standingOf(folder, systemClock)).toBe("lost");
  });
});

const takeUp = (folder: string) => {
  const keeper = takeUpLocalKeeper(folder, TOOLS);
  onTestFinished(() => keeper.leave());
  return keeper;
};

async function runIn(folder: string, keeper: Keeper): Promise<Run> {
  await keeper.begun;
  return runOf(folder)!;
}

async function readUntil(keeper: Keeper, text: string) {
  let place = { segment: 1, at: 0 };
  let read = "";
  const never = new AbortController().signal;
  while (!read.includes(text)) {
    const piece = await keeper.read(place, 65_536, never);
    if (piece === null) throw new Error(`over after ${read}`);
    read += piece.bytes.toString();
    place = piece.next;
  }
  return { place };
}
