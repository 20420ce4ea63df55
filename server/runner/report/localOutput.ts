/** An attempt's output on its way into the store beside us: one append at a time, what comes meanwhile goes with the next one. */
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import { pauseFor } from "../../../shared/pause.js";
import type { OutputName, OutputStore } from "../../output/outputStore.js";
import type { OutputSink } from "./reporter.js";

/** Above this whoever prints has to wait. */
const ROOM_BYTES = 1024 * 1024;
const RETRY_MS = 1_000;

export interface LocalOutputParts {
  readonly clock: Clock;
  readonly outputs: Pick<OutputStore, "append" | "next">;
  readonly name: OutputName;
  /** Once aborted, what the disk does not take is left out. */
  readonly over: AbortSignal;
  /** Told once, where output was left out. */
  readonly lost: (error: unknown) => void;
}

export class LocalOutput implements OutputSink {
  readonly begin: number;
  readonly #parts: LocalOutputParts;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #appending: Promise<void> | null = null;
  #isRefused = false;
  readonly #waitingForRoom: (() => void)[] = [];
  #keptTo: number;

  constructor(parts: LocalOutputParts) {
    this.#parts = parts;
    this.begin = parts.outputs.next(parts.name);
    this.#keptTo = this.begin;
  }

  get keptTo(): number {
    return this.#keptTo;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#isRefused || bytes.length === 0) return Promise.resolve();
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    this.#appending ??= this.#appendAll();
    if (this.#bytes < ROOM_BYTES) return Promise.resolve();
    return new Promise((resolve) => this.#waitingForRoom.push(resolve));
  }

  async finish(): Promise<void> {
    await this.#appending;
  }

  async #appendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const bytes = Buffer.concat(this.#waiting.splice(0));
      await this.#append(bytes);
      this.#bytes = this.#isRefused ? 0 : this.#bytes - bytes.length;
      if (this.#bytes < ROOM_BYTES) for (const go of this.#waitingForRoom.splice(0)) go();
    }
    this.#appending = null;
  }

  /** A full disk may get room again: until then the command waits with us. */
  async #append(bytes: Uint8Array): Promise<void> {
    const { outputs, name, over, clock, lost } = this.#parts;
    while (!this.#isRefused) {
      try {
        const { next } = await outputs.append(name, bytes);
        this.#keptTo = next;
        return;
      } catch (error) {
        const mayPass = error instanceof SyncError && error.canRetry;
        if (!mayPass || over.aborted) {
          this.#isRefused = true;
          this.#waiting = [];
          lost(error);
          return;
        }
        await pauseFor(clock, RETRY_MS, over);
      }
    }
  }
}
