import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SPOOL_BEGIN } from "../../../../../server/runner/keeper/keeper.js";
import { runProcess } from "../../../../../server/runner/process/process.js";
import { keep, kill, TOOLS } from "./keeping.js";
import { machines } from "./machines.js";

/** All that a command can see of how it was started. */
const LOOK = `tr '\\0' '\\n' </proc/self/environ | sort
umask; pwd; echo /proc/$$/fd/*; tr '\\0' ' ' </proc/$$/cmdline
grep -E 'Sig(Ign|Blk|Cgt)' /proc/self/status
(: </dev/tty) 2>/dev/null && echo a terminal
read -r line || echo no input`;

const ODD = {
  PATH: process.env.PATH,
  HOME: "/root",
  _: "before",
  IFS: "x",
  ENV: "/nonexistent",
  PS4: "+",
  SHLVL: "3",
  status: "mine",
  n: "1",
  line: "",
  LD_PRELOAD: "/nonexistent.so",
  LC_ALL: "xx_YY",
  WITH_LINES: "a\nb'\"$x`y`\\",
  EMPTY: "",
};

describe.each(machines())("on a machine with $title", ({ programs }) => {
  test("a command is told with its output in order and its exit code", async () => {
    const { keeper, output, folder } = keep("echo out; echo err >&2; echo again; exit 7", {
      programs,
    });
    expect((await keeper.begun)?.pid).toBeGreaterThan(1);
    expect(await output()).toBe("out\nerr\nagain\n");
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 7, endedBy: null });
    await keeper.remove();
    expect(existsSync(folder)).toBe(false);
  });

  test("a command has the exit code that it gives, also where that is above 128", async () => {
    const { keeper } = keep("exit 143", { programs });
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 143, endedBy: null });
  });

  test.each(["TERM", "INT", "QUIT", "PIPE", "KILL", "HUP"])(
    "a command is ended by SIG%s, and says so where the machine can tell",
    async (name) => {
      const { keeper } = keep(`ulimit -c 0; kill -${name} $$; sleep 60`, { programs });
      const number = { TERM: 15, INT: 2, QUIT: 3, PIPE: 13, KILL: 9, HUP: 1 }[name]!;
      const told = programs.waits
        ? { exitCode: null, endedBy: `SIG${name}` }
        : { exitCode: 128 + number, endedBy: null };
      expect(await keeper.ended).toMatchObject({ kind: "ended", ...told });
    },
  );

  test("a command hears SIGINT and every other signal that is sent to its group", async () => {
    const run = `for name in INT QUIT TERM HUP USR1; do trap "echo $name; n=x\\$n" $name; done; echo ready
      until [ "$n" = xxxxx ]; do sleep 0.05; done; exit 0`;
    const { keeper, output } = keep(run, { programs });
    const { pid } = (await keeper.begun)!;
    const never = new AbortController().signal;
    expect((await keeper.read(SPOOL_BEGIN, 64, never))?.bytes.toString()).toBe("ready\n");
    for (const name of ["INT", "QUIT", "TERM", "HUP", "USR1"] as const) kill(-pid, `SIG${name}`);
    const heard = (await output()).match(/^(?:INT|QUIT|TERM|HUP|USR1)$/gm);
    expect(heard?.sort()).toEqual(["HUP", "INT", "QUIT", "TERM", "USR1"]);
    expect(await keeper.ended).toMatchObject({ exitCode: 0 });
  });

  test("a command may open its output again by name and loses none of it", async () => {
    const run =
      "echo 1; echo 2 >/dev/stderr; echo 3 | tee /dev/stderr /dev/stdout; echo 4 >/proc/self/fd/1; echo 5";
    const lines = (await keep(run, { programs }).output()).trim().split("\n");
    expect(lines).toEqual(["1", "2", "3", "3", "3", "4", "5"]);
  });

  test("a command sees its surroundings as one that is started without a keeper", async () => {
    const name = "INSTEP_TEST_MARK";
    const mark = `${name}=${randomBytes(8).toString("hex")}`;
    const argv = [programs.shell, "-c", LOOK, "a name", "", "two words", "*"];
    const direct = await directOutput(argv, { ...ODD, [name]: mark.slice(name.length + 1) });
    const kept = await keep("", { programs, argv, env: ODD, mark }).output();
    const numberless = (text: string) => text.replace(/\/proc\/\d+/g, "/proc/N");
    expect(numberless(kept)).toBe(numberless(direct).replace(/^IFS=.*\n(?:\t?\n)?/m, "IFS=x\n"));
  });

  test("a command is not found says so in the words of the shell", async () => {
    const { keeper, output } = keep("", { programs, argv: ["instep-no-such-program", "-x"] });
    expect(await output()).toMatch(
      /^instep: (?:exec: )?(?:line )?\d+: (?:exec: )?instep-no-such-program: not found\n$/,
    );
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 127 });
  });
});

async function directOutput(argv: readonly string[], env: Record<string, string | undefined>) {
  let text = "";
  await runProcess(
    {
      argv,
      cwd: "/tmp",
      env,
      signal: new AbortController().signal,
      onText: (more) => {
        text += more;
      },
    },
    TOOLS,
  );
  return text;
}
