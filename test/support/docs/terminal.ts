/** A terminal as somebody who reads a document has it: one bash, in which commands are typed one after the other. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { until, within } from "../deadline.js";

/** Reads commands from 3, each with the file for what it prints, and says its exit code on 4: its own streams are the commands'. */
const READ_COMMANDS = `
shopt -s expand_aliases
code=0
while IFS= read -r -d '' output <&3 && IFS= read -r -d '' command <&3; do
  (exit "$code"); eval "$command" > "$output" 2>&1 < /dev/null 3<&- 4>&-
  code=$?
  echo "$code" >&4
done`;

export interface Ran {
  readonly code: number;
  /** Both streams, as they came. */
  readonly printed: string;
}

export interface Running {
  printed(): string;
  /** Null as long as it runs. */
  code(): number | null;
}

export interface TerminalOptions {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where what commands print is kept. */
  readonly outputs: string;
}

export class Terminal {
  readonly #shell: ChildProcess;
  readonly #options: TerminalOptions;
  #count = 0;
  #others: ChildProcess[] = [];

  constructor(options: TerminalOptions) {
    const { folder, env } = options;
    this.#options = options;
    // A process group of its own: what it leaves in the background goes with it.
    this.#shell = spawn("bash", ["--noprofile", "--norc", "-c", READ_COMMANDS], {
      cwd: folder,
      env,
      detached: true,
      stdio: ["ignore", "ignore", "inherit", "pipe", "pipe"],
    });
  }

  /** Types a command and waits for its end. */
  async run(command: string): Promise<Ran> {
    const output = this.#nextOutput();
    const said = once(this.#shell.stdio[4] as Readable, "data");
    (this.#shell.stdio[3] as Writable).write(`${output}\0${command}\0`);
    const printed = () => readFileSync(output, "utf8");
    const [code] = await within(
      said,
      () => `the end of \`${command}\`, which printed\n${printed()}`,
    );
    return { code: Number(String(code)), printed: printed() };
  }

  /** Types a command into another terminal, in the folder in which this one is, and leaves it there. */
  async leaveRunning(command: string): Promise<Running> {
    const { printed: folder } = await this.run("pwd");
    const output = this.#nextOutput();
    const file = openSync(output, "w");
    const other = spawn("bash", ["--noprofile", "--norc", "-c", command], {
      cwd: folder.trim(),
      env: this.#options.env,
      detached: true,
      stdio: ["ignore", file, file],
    });
    this.#others.push(other);
    return { printed: () => readFileSync(output, "utf8"), code: () => other.exitCode };
  }

  /** Ctrl-C in each of the others, then nothing of it is left. */
  async close(): Promise<void> {
    for (const other of this.#others) signalGroup(other, "SIGINT");
    await until(
      () => this.#others.every(({ exitCode, signalCode }) => exitCode !== null || signalCode),
      "what was left running has ended on Ctrl-C",
    ).finally(() => {
      for (const shell of [this.#shell, ...this.#others]) signalGroup(shell, "SIGKILL");
    });
  }

  #nextOutput(): string {
    this.#count += 1;
    return path.join(this.#options.outputs, `${this.#count}.txt`);
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid!, signal);
  } catch {
    // All of it has ended.
  }
}
