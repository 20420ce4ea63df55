/** Lets 40 s pass for every process of a reader without waiting for them: what runs gets done, then the clocks are moved on. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { until } from "../deadline.js";

/** Longer than anything that ended stays in view, and than the pauses in the examples. */
export const PAUSE_MS = 40_000;

/** A pause that would be over by then is over at once; a longer one is real, and is written down as long as it lasts. */
const SLEEP = (sleepers: string) => `#!/bin/bash
case "$1" in
  *[!0-9.]*|"") exec /bin/sleep "$@" ;;
esac
if awk "BEGIN { exit !($1 <= ${PAUSE_MS / 1_000}) }"; then exit 0; fi
touch "${sleepers}/$$"
exec /bin/sleep "$@"
`;

export class PassingTime {
  readonly #folder: string;
  #ahead = 0;

  /** In a folder of the test's own, which processes find in the variable DOCS_CLOCK. */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    writeFileSync(this.#told, "0");
  }

  get #told(): string {
    return path.join(this.#folder, "ahead");
  }

  /** Puts a `sleep` that knows of passing time in front of the real one. */
  hurrySleep(bin: string): void {
    mkdirSync(this.#sleepers, { recursive: true });
    writeFileSync(path.join(bin, "sleep"), SLEEP(this.#sleepers));
    chmodSync(path.join(bin, "sleep"), 0o755);
  }

  /** `ports`: where servers may be. */
  async pass(ports: readonly number[]): Promise<void> {
    await until(
      async () => {
        const counts = await Promise.all(ports.map(runningIn));
        return counts.reduce((sum, count) => sum + count, 0) <= this.#sleeping();
      },
      `all that ends within ${PAUSE_MS / 1_000} s has ended: ${ports.join(", ")}`,
    );
    this.#ahead += PAUSE_MS;
    writeFileSync(this.#told, String(this.#ahead));
    const processes = readdirSync(this.#folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
    await until(
      () => {
        const late = processes.filter((pid) => isAlive(pid) && this.#isBehind(pid));
        // Again and again: one that was just beginning did not listen yet.
        for (const pid of late) signal(pid, "SIGUSR2");
        return late.length === 0;
      },
      () => `the clocks of ${processes.join(", ")} are moved on`,
    );
  }

  get #sleepers(): string {
    return path.join(this.#folder, "sleepers");
  }

  #sleeping(): number {
    return readdirSync(this.#sleepers).filter((pid) => isAlive(Number(pid))).length;
  }

  #isBehind(pid: number): boolean {
    try {
      return Number(readFileSync(path.join(this.#folder, String(pid)), "utf8")) < this.#ahead;
    } catch {
      return false;
    }
  }
}

/** How many workflows a server runs itself at this moment; none where there is no server, or it tells strangers nothing. */
async function runningIn(port: number): Promise<number> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/workflows?status=running`);
    const { workflows } = (await answer.json()) as { workflows: { definition: string | null }[] };
    return workflows.filter(({ definition }) => definition !== null).length;
  } catch {
    return 0;
  }
}

const isAlive = (pid: number) => signal(pid, 0);

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
