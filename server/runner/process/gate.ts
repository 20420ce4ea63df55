/** Starts a command behind a gate: before anything of it runs, its group is known, and what it prints has one kernel pipe. */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { Terminal } from "./terminal.js";

export interface GatedCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where stdout is read by itself, and not in its order with stderr. */
  readonly isStdoutApart: boolean;
  /** To which it prints instead. It never reads from it. */
  readonly terminal?: Pick<Terminal, "path" | "output"> | undefined;
}

/** How a process ended: one of the two is null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Gate {
  /** The process group that the command will be; it leads it. */
  readonly group: number;
  readonly exited: Promise<Exit>;
  /** The command's output: one stream in the order written; where stdout is apart, stdout and stderr. To be asked for once. */
  output(): Promise<readonly Readable[]>;
  /** Lets the command start. Without this it never does, also where this process dies. */
  open(): void;
}

/** Where its shell cannot be started: why, in the system's words. */
export interface NoGate {
  readonly group: null;
  readonly why: Promise<string>;
}

/** The shell's numbers, while it waits: of a document that comes through a pipe. */
const STDOUT = 3;
const STDERR = 4;

/**
 * Node gives its children sockets. They cannot be opened again by name (`tee /dev/stderr`), so the shell brings a pipe of the
 * kernel: dash, bash and busybox put a short document into one. Where there is none the socket has to do. What is said to it: a
 * line to go, and another where its pipe is read. `read` keeps to `_`, which no command's environment relies on.
 */
const gateOf = (isStdoutApart: boolean): string => {
  const documents = isStdoutApart ? [STDOUT, STDERR] : [STDOUT];
  const bring = documents.map((fd) => `command exec ${fd}<<END\n.\nEND\nIFS= read -r _ <&${fd}`);
  const end = (fd: number) => `/proc/self/fd/${fd}`;
  // Each its own opening: a program that makes one of the two non-blocking does so to that one alone.
  const open = `command exec 5>${end(STDOUT)} 6>${end(isStdoutApart ? STDERR : STDOUT)}`;
  return `${bring.join("\n")}
${open} || exec 3<&-
${isStdoutApart ? "" : "exec 2>&1"}
echo
IFS= read -r _ || exit
IFS= read -r _ && exec >&5 2>&6
exec 3<&- 4<&- 5>&- 6>&- </dev/null "$@"`;
};

const TOGETHER = gateOf(false);
const APART = gateOf(true);
const TO_TERMINAL = 'IFS= read -r _ || exit; exec >"$1" 2>"$1" </dev/null; shift; exec "$@"';

/** Starts the shell that becomes the command, in its own group, so that a signal reaches what the command started as well. */
export function startGate(command: GatedCommand): Gate | NoGate {
  const { argv, cwd, env, isStdoutApart, terminal } = command;
  const started = terminal
    ? ["-c", TO_TERMINAL, "instep", terminal.path, ...argv]
    : ["-c", isStdoutApart ? APART : TOGETHER, "instep", ...argv];
  const stdio: StdioOptions = terminal
    ? ["pipe", "ignore", "ignore"]
    : ["pipe", "pipe", isStdoutApart ? "pipe" : "ignore"];
  let child: ChildProcess;
  try {
    child = spawn("/bin/sh", started, { cwd, env, detached: true, stdio });
  } catch (error) {
    // Node throws for some reasons, such as too long a list of arguments.
    return { group: null, why: Promise.resolve(wordsOf(error)) };
  }
  const group = child.pid;
  if (group === undefined) {
    return { group: null, why: new Promise((tell) => child.once("error", (e) => tell(e.message))) };
  }
  const { stdin, stdout, stderr } = child as ChildProcess & { stdin: Socket; stdout: Socket };
  // It may have been ended by somebody before it read the word.
  stdin.on("error", () => {});
  const exited = new Promise<Exit>((resolve) =>
    child.once("exit", (code, signal) => resolve({ code, signal })),
  );
  let isPipeRead = false;

  return {
    group,
    exited,
    async output() {
      if (terminal) return [terminal.output];
      await firstWord(stdout);
      const pipes = openPipes(group, isStdoutApart ? [STDOUT, STDERR] : [STDOUT]);
      if (pipes === null) return stderr === null ? [stdout] : [stdout, stderr];
      isPipeRead = true;
      stdout.destroy();
      stderr?.destroy();
      return pipes;
    },
    open: () => void stdin.end(isPipeRead ? "go\npipe\n" : "go\n"),
  };
}

/** Resolves when the shell waits at the gate, or has ended. */
function firstWord(stdout: Readable): Promise<void> {
  return new Promise((resolve) => {
    const onWord = () => {
      stdout.pause();
      resolve();
    };
    stdout.once("data", onWord);
    stdout.once("close", resolve);
  });
}

/** The pipes behind these of a process's numbers, to be read; null where one is none. */
function openPipes(pid: number, numbers: readonly number[]): readonly Readable[] | null {
  const opened: number[] = [];
  try {
    for (const number of numbers) {
      const fd = openSync(`/proc/${pid}/fd/${number}`, constants.O_RDONLY | constants.O_NONBLOCK);
      opened.push(fd);
      if (!fstatSync(fd).isFIFO()) throw new Error("not a pipe");
    }
    return opened.map((fd) => new Socket({ fd, readable: true, writable: false }));
  } catch {
    for (const fd of opened) closeSync(fd);
    return null;
  }
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
