/** A command that prints to a pseudo-terminal: what it finds there, and that it ends, is stopped and is read as any other. */
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { signalGroup } from "../../../../server/machine/signalGroup.js";
import { createEndCutter } from "../../../../server/runner/process/endCutter.js";
import { type ProcessCommand, runProcess } from "../../../../server/runner/process/process.js";
import { openTerminal } from "../../../../server/runner/process/terminal.js";
import { createRedaction } from "../../../../server/runner/secrets/redaction.js";
import { systemClock } from "../../../../shared/clock.js";

const PATH = process.env.PATH;

function start(run: string, more: Partial<ProcessCommand> = {}) {
  const controller = new AbortController();
  let text = "";
  let heard = () => {};
  const ended = runProcess(
    {
      argv: ["/bin/sh", "-c", run],
      cwd: "/tmp",
      env: { PATH, TERM: "xterm-256color" },
      tty: true,
      signal: controller.signal,
      onText: (piece) => {
        text += piece;
        heard();
      },
      ...more,
    },
    { clock: systemClock, signalGroup, onExit: () => () => {} },
  );
  const printed = async (part: string) => {
    while (!text.includes(part)) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  return { ended, cancel: () => controller.abort(), printed, text: () => text };
}

/** How it ended, and all it printed. */
async function printed(run: string, more: Partial<ProcessCommand> = {}) {
  const command = start(run, more);
  const end = await command.ended;
  return { ...end, text: command.text() };
}

describe("a command with a terminal", () => {
  test("prints to one of 80 columns and 24 lines, in colour, and has nothing on its input", async () => {
    const { text, exitCode } = await printed(
      [
        "test -t 1 && test -t 2 && echo terminal",
        "test -t 0 || echo empty",
        "stty size <&1; tput cols",
        "ls -d --color=auto /tmp",
        "cat; cat; head -c 1 | od -c | head -1",
        "python3 -c 'input()' 2>&1 | tail -1",
        "( : </dev/tty ) 2>/dev/null || echo none",
        "exit 3",
      ].join("\n"),
    );
    const lines = text.split("\n");
    expect(lines.slice(0, 4)).toEqual(["terminal", "empty", "24 80", "80"]);
    expect(lines[4]).not.toBe("/tmp");
    expect(stripVTControlCharacters(lines[4]!)).toBe("/tmp");
    expect(lines.slice(5)).toEqual(["0000000", "EOFError: EOF when reading a line", "none", ""]);
    expect(exitCode).toBe(3);
  });

  test("a command with a terminal may say how large it is", async () => {
    const env = { PATH, COLUMNS: "132", LINES: "50" };
    expect((await printed("stty size <&1", { env })).text).toBe("50 132\n");
    const strange = { PATH, COLUMNS: "$(reboot)", LINES: "-1" };
    expect((await printed("stty size <&1", { env: strange })).text).toBe("24 80\n");
  });

  test("a command with a terminal is read byte for byte, both streams in order, to the last one", async () => {
    const run = "printf 'a\\r\\nb\\tc\\n\\377é'; printf err >&2; printf '\\033[31mx'";
    const bytes: Uint8Array[] = [];
    await printed(run, { onOutput: async (some) => void bytes.push(some) });
    expect(Buffer.concat(bytes).toString("latin1")).toBe(
      `a\r\nb\tc\n\xff${Buffer.from("é").toString("latin1")}err\x1b[31mx`,
    );
    const many = await printed("seq 1 200000");
    expect(many.text.length).toBe(1_288_895);
    expect(many.text.endsWith("\n199999\n200000\n")).toBe(true);
  });

  test("a command with a terminal waits while nobody takes what it prints", async () => {
    let taken = 0;
    let most = 0;
    let waiting = 0;
    const { exitCode } = await printed("head -c 3000000 /dev/zero", {
      onOutput: async ({ length }) => {
        taken += length;
        waiting += length;
        most = Math.max(most, waiting);
        await new Promise((resolve) => setTimeout(resolve, 2));
        waiting -= length;
      },
    });
    expect(exitCode).toBe(0);
    expect(taken).toBe(3_000_000);
    expect(most).toBeLessThan(512 * 1024);
  });

  test("a command with a terminal has its secrets masked, also where one spans both streams", async () => {
    const redaction = createRedaction(["S3cret-Canary"]);
    const { text } = await printed("printf S3cret-; printf 'Canary\\n' >&2; echo S3cret-Canary", {
      redaction,
    });
    expect(text).toBe("***\n***\n");
  });

  test("a command with a terminal ends by the signal that ended it", async () => {
    expect(await printed("echo a; kill -KILL $$")).toMatchObject({
      endedBy: "SIGKILL",
      exitCode: null,
      text: "a\n",
    });
  });

  test("a command with a terminal may tidy up when it is cancelled, and is heard", async () => {
    const command = start(
      "trap 'sleep 0.2; echo tidy; exit 5' TERM; echo ready; while :; do sleep 0.05; done",
    );
    await command.printed("ready");
    command.cancel();
    expect(await command.ended).toMatchObject({ exitCode: 5 });
    expect(command.text()).toMatch(/^ready\n(Terminated\n)?tidy\n$/);
  });

  test("a command with a terminal is stopped with all it started when it takes too long", async () => {
    const end = await printed("sleep 300 & sleep 300", { timeoutMs: 500 });
    expect(end).toMatchObject({ timedOut: true, endedBy: "SIGTERM" });
  });

  test("a command with a terminal is over where a process that left its group keeps the terminal", async () => {
    const end = await printed(
      "setsid sleep 300 & until grep -q sleep /proc/$!/comm; do :; done; echo $!",
    );
    expect(end).toMatchObject({ exitCode: 0 });
    process.kill(Number(end.text), "SIGKILL");
  });

  test("a command with a terminal is told apart from one that is not there", async () => {
    const missing = await printed("", { argv: ["/nowhere/at-all"] });
    expect(missing).toMatchObject({ exitCode: 127 });
    expect(missing.text).toMatch(/^instep: .*\/nowhere\/at-all: not found\n$/);
  });

  test("a command with a terminal does not start once it is cancelled", async () => {
    const controller = new AbortController();
    controller.abort();
    expect((await printed("true", { signal: controller.signal })).notStarted).toBe("cancelled");
  });
});

describe("a machine that opens no terminal", () => {
  test.for([
    [
      "has no `script`",
      null,
      "which is not on this machine (Debian and Ubuntu have it in bsdutils)",
    ],
    ["has another one", "/bin/false", "`tty`: `script` opens no terminal: "],
    ["has one that complains", "/bin/ls", "`tty`: `script` opens no terminal: /dev/null /bin/ls: "],
  ] as const)("a machine that opens no terminal, and %s, says so", async ([, program, words]) => {
    const { problem } = await openTerminal({ PATH }, systemClock, program);
    expect(problem).toContain(words);
  });
});

test("output ends at its mark, wherever the pieces are cut, and without one at its last byte", async () => {
  const mark = "instep-123";
  const passed = async (all: string, size: number) => {
    const cutter = createEndCutter(mark);
    const got: Buffer[] = [];
    cutter.on("data", (bytes: Buffer) => got.push(bytes));
    const over = new Promise((resolve) => cutter.once("close", resolve));
    for (let at = 0; at < all.length; at += size) cutter.write(all.slice(at, at + size));
    cutter.end();
    await over;
    return Buffer.concat(got).toString();
  };
  for (let size = 1; size < 30; size++) {
    expect(await passed(`instep-12, insinstep-1${mark}rest`, size)).toBe("instep-12, insinstep-1");
    expect(await passed("to the last instep-12", size)).toBe("to the last instep-12");
  }
});
