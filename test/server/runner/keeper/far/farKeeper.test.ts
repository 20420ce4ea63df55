/** A command on another machine: what it is given, what is read of it, how it ends, and that nothing of it stays. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { processOf } from "../../../../../server/machine/processes.js";
import { USUAL_STOP } from "../../../../../server/runner/definition/stopManner.js";
import { SPOOL_BEGIN } from "../../../../../server/runner/keeper/keeper.js";
import { until } from "../../../../support/deadline.js";
import { farTest, readAll } from "../../../../support/servers/farMachine.js";
import { commandLineOf } from "../../../../support/servers/processes.js";

describe("a command on another machine", () => {
  farTest("a command finds its values there, whatever is in them", async ({ machine }) => {
    const odd = `it's "$HOME" \`x\`\n\\ ünï ${"'".repeat(3)} `;
    const { keeper, mark } = machine.start("", {
      argv: ["sh", "{{file}}", odd, "-n"],
      scriptFile: `printf '%s|%s|%s|%s|' "$ODD" "$1" "$2" "$WHERE"\npwd\nenv\necho out=1 >"$INSTEP_OUTPUT"\n`,
      env: { ODD: odd, WHERE: "\0HOME\0/bin", LD_LIBRARY_PATH: "/nowhere", UNSET: undefined },
    });
    const { bytes } = await readAll(keeper);
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 0, endedBy: null });
    const text = bytes.toString();
    expect(text.startsWith(`${odd}|${odd}|-n|${machine.home}/bin|${machine.home}\n`)).toBe(true);
    expect(text).toContain(`\n${mark}\n`);
    expect(text).toContain("\nLD_LIBRARY_PATH=/nowhere\n");
    expect(text).not.toMatch(/^(?:VITEST|NODE_|UNSET|INSTEP_KEPT|K=|LC_ALL)/m);
    expect((await keeper.handedOn!(1_000)).toString()).toBe("out=1\n");
    await keeper.remove();
    await machine.untilNothingKept();
  });

  farTest("a command says where it runs, since when, and how long it ran", async ({ machine }) => {
    const before = Date.now();
    const { keeper } = machine.start("echo $$; sleep 0.3; kill -TERM $$");
    const begun = await keeper.begun;
    expect(begun).toMatchObject({ machine: "127.0.0.1" });
    const since = Date.parse(begun!.since);
    expect(since).toBeGreaterThan(before - 1_000);
    const { bytes } = await readAll(keeper);
    expect(bytes.toString()).toBe(`${begun!.pid}\n`);
    const end = await keeper.ended;
    expect(end).toMatchObject({ kind: "ended", exitCode: null, endedBy: "SIGTERM" });
    expect(keeper.ranMs()).toBeGreaterThanOrEqual(280);
    expect(end.kind === "ended" && end.at - since).toBeGreaterThanOrEqual(200);
    await keeper.remove();
  });

  farTest("a secret of a command is in nobody's arguments", async ({ machine }) => {
    const secret = "s3cret-".concat("value");
    machine.fifo("wait");
    const { keeper } = machine.start("read x <wait", { env: { SECRET: secret } });
    await keeper.begun;
    expect(machine.processesWith(secret)).toEqual([]);
    machine.fill("wait", "\n");
    await keeper.ended;
    await keeper.remove();
  });

  farTest("ten commands cost one login, and leave nothing there", async ({ machine }) => {
    const runs = Array.from({ length: 10 }, (_, at) =>
      machine.start(`i=0; while [ $i -lt 200 ]; do echo ${at} $i; i=$((i + 1)); done; exit ${at}`),
    );
    await Promise.all(
      runs.map(async ({ keeper }, at) => {
        const { bytes } = await readAll(keeper);
        const lines = Array.from({ length: 200 }, (_, i) => `${at} ${i}\n`);
        expect(bytes.toString()).toBe(lines.join(""));
        expect(await keeper.ended).toMatchObject({ exitCode: at });
        await keeper.remove();
      }),
    );
    expect(machine.ssh.logins).toBe(1);
    await machine.links().close();
    await machine.untilNothingKept();
  });

  farTest("a folder that is not there is named, and nothing runs", async ({ machine }) => {
    const { keeper } = machine.start("echo", { cwd: "no such/folder" });
    expect(await keeper.begun).toBeNull();
    const why = "there is no folder no_such/folder on 127.0.0.1";
    expect(await keeper.ended).toEqual({ kind: "never began", why });
    await keeper.remove();
  });

  farTest("a program that is not there is told by its shell", async ({ machine }) => {
    const { keeper } = machine.start("", { argv: ["no-such-program"] });
    const { bytes } = await readAll(keeper);
    expect(bytes.toString()).toMatch(/no-such-program: not found/);
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 127 });
    await keeper.remove();
  });

  farTest("output beyond its bound is left out in the middle, and counted", async ({ machine }) => {
    const total = 160 * 1024 * 1024;
    const { keeper } = machine.start(`head -c ${total} /dev/zero; echo end`);
    await keeper.begun;
    machine.link.refuse();
    await until(
      () => readdirSync(join(machine.home, ".instep")).some((id) => isEnded(machine.home, id)),
      "the command has ended over there",
    );
    machine.link.pass();
    const { bytes, leftOut } = await readAll(keeper);
    expect(leftOut).toBeGreaterThan(0);
    expect(bytes.length + leftOut).toBe(total + 4);
    expect(bytes.subarray(-4).toString()).toBe("end\n");
    await keeper.remove();
  });
});

const isEnded = (home: string, id: string): boolean => {
  try {
    return /^code /.test(readFileSync(join(home, ".instep", id, "end"), "utf8"));
  } catch {
    return false;
  }
};

describe("a command that is gone", () => {
  farTest("a command without its keeper has an end that nobody knows", async ({ machine }) => {
    const { keeper, mark } = machine.start("echo before; sleep 300");
    const begun = await keeper.begun;
    // Printed, and taken by the keeper, while that is there.
    const first = await keeper.read(SPOOL_BEGIN, 64, new AbortController().signal);
    expect(first?.bytes.toString()).toBe("before\n");
    const reading = readAll(keeper, first!.next);
    const parent = processOf(begun!.pid)!;
    for (const pid of machine.processesWith("instep-keeper")) {
      if (pid !== parent.pid && isOf(pid, machine.home)) process.kill(pid, "SIGKILL");
    }
    const ending = keeper.ending({ manner: USUAL_STOP, mark, tell: () => {} });
    process.kill(begun!.pid, "SIGKILL");
    const why = "its keeper was killed; how it ended is not known";
    expect(await keeper.ended).toEqual({ kind: "lost", why });
    expect(await ending.over(false)).toEqual([]);
    expect((await reading).bytes.toString()).toBe("");
    await keeper.remove();
  });

  farTest("a command without its folder is lost", async ({ machine }) => {
    const { keeper } = machine.start("sleep 300");
    await keeper.begun;
    for (const id of machine.kept().filter((name) => !name.startsWith("link.")))
      rmSync(join(machine.home, ".instep", id), { recursive: true });
    const why = "its folder on 127.0.0.1 was removed";
    expect(await keeper.ended).toEqual({ kind: "lost", why });
    const pid = (await keeper.begun)!.pid;
    process.kill(pid, "SIGKILL");
    await keeper.remove();
  });

  farTest(
    "a folder that somebody removed between two commands is made again",
    async ({ machine }) => {
      for (const words of ["one", "two"]) {
        const run = machine.start(`echo ${words}`);
        expect((await readAll(run.keeper)).bytes.toString()).toBe(`${words}\n`);
        await run.keeper.remove();
        rmSync(join(machine.home, ".instep"), { recursive: true, force: true });
      }
    },
  );
});

const isOf = (pid: number, home: string): boolean => commandLineOf(pid).includes(home);
