/** A pseudo-terminal for what a command prints, by `script` of util-linux. Only output goes through it: nothing can be typed. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import type { Clock } from "../../../shared/clock.js";
import { printable } from "../../../shared/text/printable.js";
import { awakeOf } from "../../time/awake.js";
import {
  type Environment,
  NO_SCRIPT,
  scriptProgram,
  searchPath,
} from "../programs/terminalProgram.js";
import { createEndCutter } from "./endCutter.js";

export interface Terminal {
  readonly problem: null;
  /** Its name: to be opened for writing. */
  readonly path: string;
  /** Everything that is written to it. Ends behind all that had been written when `end` was called. */
  readonly output: Readable;
  /** Nothing that counts is written any more. */
  end(): void;
}

/** There is none, and why. */
export interface NoTerminal {
  readonly problem: string;
}

const OPENING_MS = 10_000;
const LONGEST_NAME = 200;
const NAME = /^(\/dev\/(?:pts\/\d+|tty\w+))\r?\n/;

/** Deaf to what a service manager sends to all at once: the command may have something to print while it tidies up. */
const START = `trap "" HUP INT QUIT TERM; exec "$1" -qfc "$2" /dev/null`;

/** `env` is the command's: of it count PATH, COLUMNS and LINES. */
export async function openTerminal(
  env: Environment,
  clock: Clock,
  program = scriptProgram(env),
): Promise<Terminal | NoTerminal> {
  if (program === null) return { problem: NO_SCRIPT };
  const mark = `instep-${randomUUID()}`;
  const child = spawn("/bin/sh", ["-c", START, "instep", program, holderOf(env, mark)], {
    cwd: "/",
    env: { PATH: searchPath(env), SHELL: "/bin/sh", LC_ALL: "C" },
    detached: true,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  if (child.pid === undefined) {
    return new Promise((tell) => child.once("error", (e) => tell({ problem: noneFor(e.message) })));
  }
  const [stdin, stdout, , ears] = child.stdio as unknown as [
    Writable,
    Readable,
    Readable,
    Writable,
  ];
  for (const one of [stdin, stdout, ears]) one.on("error", () => {});
  const opened = await nameOf(child, clock);
  if (opened.problem !== null) {
    child.kill("SIGKILL");
    return opened;
  }
  const output = createEndCutter(mark);
  output.once("close", () => {
    for (const one of [stdin, stdout]) one.destroy();
    child.kill("SIGKILL");
  });
  stdout.pipe(output);
  return { problem: null, path: opened.name, output, end: () => void ears.end("end\n") };
}

const noneFor = (why: string): string => `\`tty\`: \`script\` opens no terminal: ${why}`;

/**
 * Runs in the terminal and keeps it open: says its name, waits, and marks the end of the output. It lets `\n` be `\n`, and hears
 * this process's end as well.
 */
function holderOf({ COLUMNS, LINES }: Environment, mark: string): string {
  const size = `rows ${numberOr(LINES, 24)} cols ${numberOr(COLUMNS, 80)}`;
  return `stty ${size} -onlcr -echo; tty; IFS= read -r _ <&3; printf %s ${mark}`;
}

const numberOr = (text: string | undefined, usual: number): number =>
  text !== undefined && /^[1-9]\d{0,3}$/.test(text) ? Number(text) : usual;

async function nameOf(
  child: ChildProcess,
  clock: Clock,
): Promise<{ readonly problem: null; readonly name: string } | NoTerminal> {
  const { stdout, stderr } = child;
  let said = "";
  let complaint = "";
  stderr?.on("data", (bytes: Buffer) => {
    if (complaint.length < LONGEST_NAME) complaint += bytes.toString();
  });
  let cancel = () => {};
  const why = await new Promise<string | null>((resolve) => {
    stdout?.on("data", (bytes: Buffer) => {
      said += bytes.toString();
      if (NAME.test(said)) resolve(null);
      else if (said.length > LONGEST_NAME) resolve(said);
    });
    child.once("close", () => resolve(said + complaint));
    cancel = awakeOf(clock).after(OPENING_MS, () => resolve("it does not answer"));
  });
  cancel();
  stdout?.removeAllListeners("data").pause();
  const name = why === null ? NAME.exec(said)?.[1] : undefined;
  return name === undefined ? { problem: noneFor(printable(why ?? "")) } : { problem: null, name };
}
