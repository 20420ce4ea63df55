/** Commands in the hands of a keeper are ended with all they started, also by a server that has taken them up. */
import { spawn } from "node:child_process";
import { expect, it, onTestFinished } from "vitest";
import { type Keeper, SPOOL_BEGIN } from "../../../../../server/runner/keeper/keeper.js";
import type { EndingNews } from "../../../../../server/runner/process/groupEnding.js";
import { stopGroup } from "../../../../../server/runner/process/processGroup.js";
import { until } from "../../../../support/deadline.js";
import { keep, kill, marked, TOOLS } from "./keeping.js";

const said = (keeper: Keeper) => keeper.read(SPOOL_BEGIN, 64, new AbortController().signal);

function endingOf(keeper: Keeper, mark: string, patienceMs = 10_000) {
  const news: EndingNews[] = [];
  const manner = { signal: "SIGTERM" as const, patienceMs };
  const ending = keeper.ending({ manner, mark, tell: (one) => news.push(one) });
  return { ending, kinds: () => news.map(({ kind }) => kind) };
}

it("a command that was taken up and ignores SIGTERM is killed with all it started, also outside its group", async () => {
  const { keeper, mark, takeUp } = keep(
    "trap '' TERM; setsid sleep 60 & echo ready; while :; do sleep 60; done",
  );
  await said(keeper);
  await keeper.leave();
  const again = takeUp();
  const { ending, kinds } = endingOf(again, mark, 100);
  expect(await ending.stop()).toEqual([]);
  expect(await again.ended).toMatchObject({ kind: "ended", endedBy: "SIGKILL" });
  expect(await ending.over(false)).toEqual([]);
  expect(kinds()).toEqual(["told", "killed", "gone"]);
  expect(marked(mark)).toEqual([]);
});

it("a command that is told to end before it has begun is ended all the same", async () => {
  const { keeper, mark } = keep("sleep 60");
  const { ending, kinds } = endingOf(keeper, mark);
  expect(await ending.stop()).toEqual([]);
  expect(await keeper.ended).toMatchObject({ kind: "ended", endedBy: "SIGTERM" });
  expect(kinds()).toEqual(["told", "gone"]);
});

it("a command that never began has nothing to end", async () => {
  const { keeper, mark } = keep("true", { cwd: "/nonexistent" });
  const { ending } = endingOf(keeper, mark);
  expect(await ending.over(false)).toEqual([]);
  expect(await ending.stop()).toEqual([]);
});

it("a process that a command left in its group is ended after it, and let be where it may stay", async () => {
  for (const leaves of [false, true]) {
    const { keeper, mark } = keep("sleep 60 & echo ready");
    const { ending } = endingOf(keeper, mark);
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 0 });
    expect(await ending.over(leaves)).toEqual([]);
    expect(marked(mark)).toHaveLength(leaves ? 1 : 0);
    await keeper.remove();
  }
});

it("a group whose number belongs to others by now is not signalled", async () => {
  const others = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  onTestFinished(() => kill(others.pid!));
  const former = { started: "1", mark: "INSTEP_TEST_MARK=none" };
  expect(await stopGroup(others.pid!, TOOLS, { former, mark: former.mark })).toEqual([]);
  const left = spawn("/bin/sh", ["-c", "sleep 60 & echo"], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => kill(-left.pid!));
  await until(() => left.exitCode !== null, "the first of the group has ended");
  expect(await stopGroup(left.pid!, TOOLS, { former, mark: former.mark })).toEqual([]);
  expect(TOOLS.signalGroup(left.pid!, 0)).toBe(true);
  expect(others.exitCode ?? others.signalCode).toBe(null);
});
