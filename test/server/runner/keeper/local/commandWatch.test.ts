/** What is told of commands whose keepers, folders and processes fare badly. */
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { processOf } from "../../../../../server/machine/processes.js";
import { SPOOL_BEGIN } from "../../../../../server/runner/keeper/keeper.js";
import { runOf } from "../../../../../server/runner/keeper/local/papers.js";
import { keeperProcesses } from "../../../../../server/runner/keeper/local/whoIsThere.js";
import { until } from "../../../../support/deadline.js";
import { keep, keeperFolder, kill, marked, outputOf, readAll } from "./keeping.js";

/** Says `ready`, then waits until the file is there, says so and ends with 5. */
const waitFor = (file: string) =>
  `echo ready; until [ -e ${file} ]; do sleep 0.02; done; echo done; exit 5`;

const flagIn = (folder: string) => `${folder}-go`;
const raise = (folder: string) => writeFileSync(flagIn(folder), "");

function keepWaiting() {
  const folder = keeperFolder();
  return keep(waitFor(flagIn(folder)), { folder });
}

describe("a command whose keeper, folder or process fares badly", () => {
  test("a command goes on where its keeper is killed, and then nobody knows how it ended", async () => {
    const { folder, keeper, mark } = keepWaiting();
    await keeper.begun;
    const run = runOf(folder)!;
    kill(run.keeper.pid);
    await until(() => processOf(run.keeper.pid) === null, "the keeper is gone");
    // The shell that becomes it does not show its mark yet.
    await until(() => marked(mark).length > 0, "the command goes on");
    raise(folder);
    expect(await outputOf(keeper)).toBe("ready\ndone\n");
    const end = await keeper.ended;
    expect(end).toEqual({ kind: "lost", why: "its keeper was killed; how it ended is not known" });
  });

  test("a command is told with its real end where SIGTERM is sent to its keeper's whole group", async () => {
    const { folder, keeper } = keepWaiting();
    await keeper.begun;
    const { keeper: leader } = runOf(folder)!;
    for (const name of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const) kill(-leader.pid, name);
    raise(folder);
    expect(await outputOf(keeper)).toBe("ready\ndone\n");
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 5 });
  });

  test("a command has no false end where only the process that waits for it is killed", async () => {
    const { folder, keeper } = keepWaiting();
    await keeper.begun;
    const { command } = runOf(folder)!;
    const parent = Number(
      readFileSync(`/proc/${command.pid}/stat`, "utf8").split(") ")[1]!.split(" ")[1],
    );
    kill(parent);
    await until(
      () => /^lost /.test(readFileSync(join(folder, "end"), "utf8")),
      "the keeper says so",
    );
    raise(folder);
    expect(await outputOf(keeper)).toBe("ready\ndone\n");
    expect(await keeper.ended).toMatchObject({ kind: "lost" });
  });

  test("a command ends by its next word where the whole group of its keeper is killed", async () => {
    const folder = keeperFolder();
    const run = `echo ready; until [ -e ${flagIn(folder)} ]; do sleep 0.02; done; while :; do echo more; done`;
    const { keeper, mark } = keep(run, { folder });
    await keeper.read(SPOOL_BEGIN, 64, new AbortController().signal);
    const { keeper: leader } = runOf(folder)!;
    kill(-leader.pid, "SIGKILL");
    raise(folder);
    expect(await keeper.ended).toMatchObject({ kind: "lost" });
    expect(await outputOf(keeper)).toBe("ready\n");
    expect(marked(mark)).toEqual([]);
  });

  test("a command whose keeper's folder is removed is ended, and that is said", async () => {
    const { folder, keeper, mark } = keepWaiting();
    await keeper.begun;
    rmSync(folder, { recursive: true });
    expect(await keeper.ended).toEqual({ kind: "lost", why: "its folder was removed" });
    expect(await keeper.read({ segment: 9, at: 0 }, 10, new AbortController().signal)).toBe(null);
    expect(marked(mark)).toEqual([]);
    await until(() => keeperProcesses(folder).length === 0, "no process of its keeper is left");
  });

  test("a command that leaves a process behind has its end at once, and the keeper ends with its removal", async () => {
    const { folder, keeper, mark } = keep("setsid sleep 60 & echo left; exit 3");
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 3 });
    expect(keeperProcesses(folder)).not.toEqual([]);
    await keeper.remove();
    expect(existsSync(folder)).toBe(false);
    expect(existsSync(`${folder}.gone`)).toBe(false);
    expect(keeperProcesses(folder)).toEqual([]);
    for (const pid of marked(mark)) kill(pid);
  });

  test("a command that cannot be given so many arguments says which is too long", async () => {
    const { keeper } = keep("", { argv: ["/bin/echo", "x".repeat(200_000)] });
    expect(await keeper.begun).toBe(null);
    const why = "argument 1 of /bin/echo is too long, more than the 131071 bytes that one may have";
    expect(await keeper.ended).toMatchObject({ kind: "never began" });
    expect(((await keeper.ended) as { why: string }).why).toBe(why);
  });

  test("a command whose folder is missing never begins, in the words of a command without a keeper", async () => {
    const { keeper, folder } = keep("true", { cwd: "/nonexistent/here" });
    expect(await keeper.begun).toBe(null);
    expect(await keeper.ended).toEqual({
      kind: "never began",
      why: "there is no folder /nonexistent/here",
    });
    expect(await outputOf(keeper)).toBe("");
    await keeper.remove();
    expect(existsSync(folder)).toBe(false);
  });

  test("a command whose arguments fill all that the system gives never begins where the keeper's own are too many", async () => {
    const { text } = await readAll(keep("getconf ARG_MAX").keeper);
    const argv = [
      "/bin/true",
      ...Array.from({ length: 20 }, () => "x".repeat(Math.floor((Number(text) - 6_500) / 20))),
    ];
    const { keeper } = keep("", { argv, env: {} });
    const end = await keeper.ended;
    if (end.kind === "ended") expect(end.exitCode).toBe(0);
    else
      expect(end).toMatchObject({
        why: "its arguments and variables are more than Linux hands to a program, in all",
      });
  });

  test("a command runs for as long as it ran, wherever the clock on the wall is set", async () => {
    const { folder, keeper, takeUp } = keepWaiting();
    await keeper.begun;
    raise(folder);
    await keeper.ended;
    const long = keeper.ranMs()!;
    const then = new Date("2001-02-03T04:05:06Z");
    utimesSync(join(folder, "end"), then, then);
    const again = takeUp();
    expect(await again.ended).toMatchObject({ exitCode: 5, at: then.getTime() });
    expect(again.ranMs()).toBe(long);
  });
});
