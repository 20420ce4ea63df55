/** What both streams of a real command print comes in the order written, its lines and secrets whole. */
import { expect, test } from "vitest";
import { signalGroup } from "../../../../server/machine/signalGroup.js";
import { type ProcessCommand, runProcess } from "../../../../server/runner/process/process.js";
import { createRedaction } from "../../../../server/runner/secrets/redaction.js";
import { lastLines } from "../../../../server/runner/step/reading/lastLines.js";
import { systemClock } from "../../../../shared/clock.js";
import { NewestRows } from "../../../../shared/terminal/newestRows.js";

const SECRET = "S3cret-Canary-value";

/** How a shell's script ended, and all of its output. */
async function printed(run: string, more: Partial<ProcessCommand> = {}) {
  const chunks: Uint8Array[] = [];
  const newest = new NewestRows(4_096);
  const end = await runProcess(
    {
      argv: ["/bin/sh", "-c", run],
      cwd: "/tmp",
      env: { PATH: process.env.PATH },
      signal: new AbortController().signal,
      onText: (text) => void newest.add(text),
      onOutput: async (bytes) => void chunks.push(bytes),
      ...more,
    },
    { clock: systemClock, signalGroup, onExit: () => () => {} },
  );
  return { end, text: Buffer.concat(chunks).toString(), last: lastLines(newest, 10_000) };
}

const TEN = Array.from({ length: 10 }, (_, run) => run + 1);

test.for(TEN)("600 lines of both streams stand in the order written, run %i of 10", async () => {
  const mix =
    'i=0; while [ $i -lt 300 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done; exit 3';
  const { end, text, last } = await printed(mix, { redaction: createRedaction([SECRET]) });
  const inOrder = Array.from({ length: 300 }, (_, n) => `out ${n}\nerr ${n}\n`).join("");
  expect(text).toBe(inOrder);
  expect(end).toMatchObject({ exitCode: 3 });
  expect(last.slice(-4)).toEqual(["out 298", "err 298", "out 299", "err 299"]);
});

test("both streams can be opened again by their names", async () => {
  const { end, text } = await printed(
    "echo 1 >/dev/stderr; echo 2 | tee /dev/stderr >/dev/null; echo 3 >/dev/stdout; echo 4 >/proc/self/fd/2; cat </dev/stdin",
  );
  expect(text).toBe("1\n2\n3\n4\n");
  expect(end.exitCode).toBe(0);
});

test("a program that makes one of the two non-blocking does so to that one alone", async () => {
  const program = `
import fcntl, os
fcntl.fcntl(2, fcntl.F_SETFL, fcntl.fcntl(2, fcntl.F_GETFL) | os.O_NONBLOCK)
print(bool(fcntl.fcntl(1, fcntl.F_GETFL) & os.O_NONBLOCK))`;
  const { text } = await printed("", { argv: ["python3", "-c", program] });
  expect(text).toBe("False\n");
});

test("what shells say stands among what commands print: theirs, and the one before the command", async () => {
  const { text } = await printed("echo a; nosuchcommand; echo b; eval 'if'");
  expect(text).toMatch(/^a\n.*nosuchcommand: not found\nb\n.*[Ss]yntax error.*\n$/);
  const { end, text: why } = await printed("", { argv: ["/nowhere/at-all"] });
  expect(why).toMatch(/^instep: .*\/nowhere\/at-all: not found\n$/);
  expect(end.exitCode).toBe(127);
});

test("a secret that begins on one stream and ends on the other is masked", async () => {
  const [head, tail] = [SECRET.slice(0, 9), SECRET.slice(9)];
  const run = `printf 'a ${head}'; sleep 0.1; printf '${tail} b' >&2; sleep 0.1; echo ' c ${SECRET}'`;
  const { text } = await printed(run, { redaction: createRedaction([SECRET]) });
  expect(text).toBe("a *** b c ***\n");
});

test("lines of eight processes at full speed come out whole, on both streams, at up to 4 KiB each", async () => {
  const writer = `
import os, sys
name = sys.argv[1]
for n in range(2000):
    os.write(1 + n % 2, (name * (1 + n * 37 % 4090) + ".\\n").encode())`;
  const all = [..."abcdefgh"].map((name) => `python3 -c "$WRITER" ${name} &`).join(" ");
  const { text } = await printed(`${all} wait`, {
    env: { PATH: process.env.PATH, WRITER: writer },
  });
  const lines = text.split("\n");
  expect(lines.pop()).toBe("");
  expect(lines).toHaveLength(16_000);
  expect(lines.filter((line) => !/^(a+|b+|c+|d+|e+|f+|g+|h+)\.$/.test(line))).toEqual([]);
});

test("captured stdout is read by itself, and is in the output as well, with its characters whole", async () => {
  let captured = "";
  const writer = `
import os
for at in range(0, 20000):
    os.write(1, "é😀漢".encode())
    os.write(2, "ø🚀字".encode())`;
  const { text } = await printed("", {
    argv: ["python3", "-c", writer],
    captureStdout: (more) => {
      captured += more;
    },
  });
  expect(captured).toBe("é😀漢".repeat(20_000));
  expect(text).not.toContain("\ufffd");
  expect([...text].filter((one) => "é😀漢".includes(one)).join("")).toBe(captured);
  expect([...text].filter((one) => "ø🚀字".includes(one)).join("")).toBe("ø🚀字".repeat(20_000));
});
