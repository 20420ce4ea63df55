/** Tells when something in a folder may have changed: by the system's word where it gives one, and by a look now and then in any case. */
import { type FSWatcher, watch } from "node:fs";
import type { Clock } from "../../../../shared/clock.js";

const LOOK_EVERY_MS = 1_000;
/** Where the system gives no word: it has no watches left, or the folder is of another machine. */
const UNWATCHED_MS = 200;

/** Hears of a file, or of null: anything may have changed. `rename`: it came, or went, or has another name. */
export type FolderListener = (file: string | null, event: "change" | "rename") => void;

export class FolderNews {
  readonly #clock: Clock;
  readonly #tell: FolderListener;
  #watcher: FSWatcher | null = null;
  #cancelLook = () => {};
  #isOver = false;

  constructor(folder: string, clock: Clock, tell: FolderListener) {
    this.#clock = clock;
    this.#tell = tell;
    try {
      this.#watcher = watch(folder, { persistent: false }, (event, file) => tell(file, event));
      this.#watcher.on("error", () => this.#unwatch());
    } catch {
      this.#watcher = null;
    }
    this.#lookSoon();
  }

  stop(): void {
    this.#isOver = true;
    this.#cancelLook();
    this.#unwatch();
  }

  #lookSoon(): void {
    const ms = this.#watcher === null ? UNWATCHED_MS : LOOK_EVERY_MS;
    this.#cancelLook = this.#clock.after(ms, () => {
      if (this.#isOver) return;
      this.#lookSoon();
      this.#tell(null, "rename");
    });
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }
}
