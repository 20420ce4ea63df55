/** A command on another machine that somebody wants to end: with all it started, and said to be gone only once that machine was asked. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { USUAL_STOP } from "../../../../../server/runner/definition/stopManner.js";
import type { EndingNews } from "../../../../../server/runner/process/groupEnding.js";
import { hastyClock } from "../../../../support/clocks/hastyClock.js";
import { until } from "../../../../support/deadline.js";
import {
  type FarMachine,
  type FarRun,
  farTest,
  readAll,
} from "../../../../support/servers/farMachine.js";

/** Until then it has the name, and the process group, of what starts it. */
const IS_SLEEP = "until grep -q sleep /proc/$!/comm; do :; done";

const AT_ONCE = { ...USUAL_STOP, patienceMs: 300 };

function endingOf({ keeper, mark }: FarRun, manner = USUAL_STOP, hurry?: Promise<void>) {
  const told: EndingNews[] = [];
  const ending = keeper.ending({ manner, mark, hurry, tell: (news) => void told.push(news) });
  return { ending, told };
}

const isThere = ({ home }: FarMachine, name: string) => existsSync(join(home, name));

describe("a command on another machine that has to stop", () => {
  farTest("a command is told by its signal, and has its time", async ({ machine }) => {
    const run = machine.start(
      "trap 'echo bye; exit 5' INT; echo up; touch up; while :; do sleep 0.1; done",
    );
    const reading = readAll(run.keeper);
    await until(() => isThere(machine, "up"), "it can take its signal");
    const { ending, told } = endingOf(run, { signal: "SIGINT", patienceMs: 20_000 });
    expect(await ending.stop()).toEqual([]);
    expect(await run.keeper.ended).toMatchObject({ kind: "ended", exitCode: 5 });
    expect(told.map(({ kind }) => kind)).toEqual(["told", "gone"]);
    expect((await reading).bytes.toString()).toMatch(/^up\nbye\n$/);
    await run.keeper.remove();
  });

  farTest("a command is killed with all it started, wherever that went", async ({ machine }) => {
    const deaf = "trap '' TERM; touch";
    const run = machine.start(
      `setsid sh -c "${deaf} stray; exec sleep 3011" & ${deaf} own; sleep 3012`,
    );
    for (const one of ["sleep\x003011", "sleep\x003012"])
      await until(() => machine.processesWith(one).length === 1, "all of it runs");
    const { ending, told } = endingOf(run, AT_ONCE);
    expect(await ending.stop(true)).toEqual([]);
    expect(await run.keeper.ended).toMatchObject({ kind: "ended", endedBy: "SIGKILL" });
    expect(told[0]).toEqual({ kind: "told", tookTooLong: true });
    const killed = told.find((news) => news.kind === "killed");
    expect(killed?.kind === "killed" && killed.names.join(" ")).toMatch(/\d+ \(sleep\)/);
    expect(
      machine.processesWith("sleep\x003011").concat(machine.processesWith("sleep\x003012")),
    ).toEqual([]);
    await run.keeper.remove();
  });

  farTest(
    "a command that is over loses what it left in its group, and keeps what left it",
    async ({ machine }) => {
      const run = machine.start(`sleep 3013 & ${IS_SLEEP}; setsid sleep 3014 & ${IS_SLEEP}`);
      expect(await run.keeper.ended).toMatchObject({ exitCode: 0 });
      const { ending, told } = endingOf(run, AT_ONCE);
      expect(await ending.over(false)).toEqual([]);
      expect(told.map(({ kind }) => kind)).toEqual(["outside", "gone"]);
      expect(machine.processesWith("sleep\x003013")).toEqual([]);
      const [outside] = machine.processesWith("sleep\x003014");
      await run.keeper.remove();
      expect(machine.processesWith("sleep\x003014")).toEqual([outside]);
      process.kill(outside!, "SIGKILL");
    },
  );

  farTest("a command leaves what is meant to stay", async ({ machine }) => {
    const run = machine.start(`sleep 3015 & ${IS_SLEEP}`);
    await run.keeper.ended;
    const { ending, told } = endingOf(run);
    expect(await ending.over(true)).toEqual([]);
    expect(told).toMatchObject([
      { kind: "left running", names: [/sleep/].map(() => expect.stringMatching(/\d+ \(sleep\)/)) },
    ]);
    await run.keeper.remove();
    const [left] = machine.processesWith("sleep\x003015");
    process.kill(left!, "SIGKILL");
  });

  farTest(
    "a command that is stopped while the link is down ends once that is back",
    async ({ machine }) => {
      const run = machine.start("sleep 3016");
      await until(() => machine.processesWith("sleep\x003016").length === 1, "it runs");
      machine.link.refuse();
      const { ending, told } = endingOf(run);
      const stopped = ending.stop();
      await until(() => run.news.some(({ lost }) => lost?.nextTryAt), "the link is lost");
      expect(machine.processesWith("sleep\x003016")).toHaveLength(1);
      machine.link.pass();
      expect(await stopped).toEqual([]);
      expect(told.map(({ kind }) => kind)).toEqual(["out of reach", "told", "gone"]);
      expect(machine.processesWith("sleep\x003016")).toEqual([]);
      expect(await run.keeper.ended).toMatchObject({ kind: "ended", endedBy: "SIGTERM" });
      await run.keeper.remove();
    },
  );

  farTest(
    "a command that is never reached may still run, and the next server ends it",
    async ({ machine }) => {
      const links = machine.links(hastyClock(10));
      const run = machine.start("sleep 3017", {}, links);
      await run.keeper.begun;
      machine.link.refuse();
      const { ending, told } = endingOf(run);
      expect(await ending.stop()).toEqual(["the command on 127.0.0.1, which could not be reached"]);
      await ending.givenUp;
      expect(told).toEqual([{ kind: "out of reach", tookTooLong: false, machine: "127.0.0.1" }]);
      await run.keeper.remove();
      expect(machine.processesWith("sleep\x003017")).toHaveLength(1);
      await links.close();
      machine.link.pass();
      const next = machine.links();
      next.cleanUp();
      await until(() => machine.processesWith("sleep\x003017").length === 0, "it is ended");
      await machine.untilNothingKept();
      await next.close();
      await until(() => machine.kept().length === 0, "nothing is left there");
    },
  );

  farTest("a command that ended is not over before its machine was asked", async ({ machine }) => {
    const run = machine.start("echo all of it");
    await run.keeper.ended;
    machine.link.refuse();
    await until(() => run.news.some(({ lost }) => lost?.nextTryAt), "the link is lost");
    const { ending, told } = endingOf(run);
    const over = ending.over(false);
    machine.link.pass();
    expect(await over).toEqual([]);
    expect(told).toEqual([]);
    expect((await readAll(run.keeper)).bytes.toString()).toBe("all of it\n");
    await run.keeper.remove();
  });

  farTest(
    "a process that left a command is not waited for where it holds the output",
    async ({ machine }) => {
      const run = machine.start(`echo all; setsid sleep 3018 & ${IS_SLEEP}`);
      const reading = readAll(run.keeper);
      await run.keeper.ended;
      const { ending, told } = endingOf(run);
      expect(await ending.over(false)).toEqual([]);
      expect((await reading).bytes.toString()).toBe("all\n");
      expect(told.map(({ kind }) => kind)).toEqual(["outside", "output held"]);
      await run.keeper.remove();
      for (const pid of machine.processesWith("sleep\x003018")) process.kill(pid, "SIGKILL");
    },
  );

  farTest("a command that was not sent anywhere yet never begins", async ({ machine }) => {
    machine.link.refuse();
    const run = machine.start("touch begun");
    const { ending } = endingOf(run);
    expect(await ending.stop()).toEqual([]);
    expect(await run.keeper.begun).toBeNull();
    expect(await run.keeper.ended).toMatchObject({ kind: "never began" });
    machine.link.pass();
    await run.keeper.remove();
    expect(isThere(machine, "begun")).toBe(false);
    expect(machine.kept()).toEqual([]);
  });
});
