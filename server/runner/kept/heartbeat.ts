/** Tells the guards of this node's commands, in a file, until when the node surely counts as there. Of a server alone nobody asks that. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Clock } from "../../../shared/clock.js";
import type { Nodes } from "../../cluster/cluster.js";
import { bootIdOrNull } from "../../machine/processes.js";

/** Beside the folders of its commands. */
export const HEARTBEAT = ".node";
/** A deadline is eight seconds away when it is new, and there is a new one every two seconds. */
const LOOK_MS = 1_000;
const LINE = /^(\S+) (\S+) \d+ \.\n$/;

export interface HeartbeatParts {
  readonly file: string;
  readonly nodes: Pick<Nodes, "stay">;
  readonly clock: Pick<Clock, "after">;
  /** Another one each time, of letters and digits: it names a stay. */
  readonly newWord: () => string;
  /** The disk refuses; told once until it does not any more. */
  readonly onRefused: (error: unknown) => void;
}

export class Heartbeat {
  readonly #parts: HeartbeatParts;
  readonly #boot = bootIdOrNull();
  #word: string;
  #count = 0;
  #written = "";
  #isRefused = false;
  #cancel = () => {};

  /** Goes on with the stay that the server before has told of, where that is the same one. Writes at once. */
  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
    const { nodes, newWord } = parts;
    this.#word = (nodes.stay?.isContinued && this.#before()) || newWord();
    this.#count = nodes.stay?.count ?? 0;
    this.#beat();
  }

  /** Names the stay that a command belongs to whose step begins from now on: it runs in no other. */
  stay(): string {
    this.#write();
    return this.#word;
  }

  /** The file stays: until its deadline the commands do. */
  close(): void {
    this.#cancel();
  }

  #beat(): void {
    this.#write();
    this.#cancel = this.#parts.clock.after(LOOK_MS, () => this.#beat());
  }

  #write(): void {
    const { file, nodes, newWord, onRefused } = this.#parts;
    const { stay } = nodes;
    if (stay !== null && stay.count !== this.#count) {
      this.#count = stay.count;
      this.#word = newWord();
    }
    if (stay === null || this.#boot === null) return;
    const line = `${this.#boot} ${this.#word} ${Math.floor(stay.until)} .\n`;
    if (line === this.#written) return;
    try {
      writeFileSync(`${file}.new`, line, { mode: 0o600 });
      renameSync(`${file}.new`, file);
      this.#written = line;
      this.#isRefused = false;
    } catch (error) {
      if (!this.#isRefused) onRefused(error);
      this.#isRefused = true;
    }
  }

  /** The word of the server before, of this boot of the machine; null where there is none. */
  #before(): string | null {
    try {
      const [, boot, word = null] = LINE.exec(readFileSync(this.#parts.file, "utf8")) ?? [];
      return boot === this.#boot ? word : null;
    } catch {
      return null;
    }
  }
}
