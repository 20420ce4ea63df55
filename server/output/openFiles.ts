/** Open files, a bounded number of them: where one more is needed, the one idle longest is closed. */
import type { FileHandle } from "node:fs/promises";

type Open = (path: string, create: boolean) => Promise<FileHandle>;

interface OpenFile {
  readonly handle: Promise<FileHandle>;
  users: number;
  /** Closed as soon as nobody uses it any more. */
  isForgotten: boolean;
}

export class OpenFiles {
  readonly #open: Open;
  readonly #most: number;
  /** In order of their last use. */
  readonly #files = new Map<string, OpenFile>();
  readonly #closing = new Set<Promise<void>>();
  #waiting: (() => void)[] = [];

  constructor(open: Open, most: number) {
    this.#open = open;
    this.#most = most;
  }

  get count(): number {
    return this.#files.size;
  }

  /** Do not ask for another file inside `run`: with all of them in use, both would wait for ever. */
  async use<T>(path: string, create: boolean, run: (handle: FileHandle) => Promise<T>): Promise<T> {
    const file = await this.#take(path, create);
    try {
      return await run(await file.handle);
    } finally {
      this.#giveBack(file);
    }
  }

  /** The file is about to be removed. Calls that have it open may finish. */
  forget(path: string): void {
    const file = this.#files.get(path);
    if (!file) return;
    this.#files.delete(path);
    file.isForgotten = true;
    if (file.users === 0) this.#close(file);
    this.#wakeOne();
  }

  /** Only once nobody uses any of them. */
  async close(): Promise<void> {
    for (const path of [...this.#files.keys()]) this.forget(path);
    while (this.#closing.size > 0) await Promise.all(this.#closing);
  }

  async #take(path: string, create: boolean): Promise<OpenFile> {
    for (;;) {
      const file = this.#files.get(path) ?? this.#opened(path, create);
      if (!file) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
        continue;
      }
      this.#files.delete(path);
      this.#files.set(path, file);
      file.users += 1;
      return file;
    }
  }

  /** Null where as many as there may be are in use. */
  #opened(path: string, create: boolean): OpenFile | null {
    if (this.#files.size >= this.#most) {
      const idle = [...this.#files].find(([, { users }]) => users === 0);
      if (!idle) return null;
      this.forget(idle[0]);
    }
    const file: OpenFile = { handle: this.#open(path, create), users: 0, isForgotten: false };
    // A file that could not be opened is opened anew the next time.
    file.handle.catch(() => {
      if (this.#files.get(path) === file) this.#files.delete(path);
      file.isForgotten = true;
      this.#wakeOne();
    });
    this.#files.set(path, file);
    return file;
  }

  #giveBack(file: OpenFile): void {
    file.users -= 1;
    if (file.users > 0) return;
    if (file.isForgotten) this.#close(file);
    this.#wakeOne();
  }

  #close(file: OpenFile): void {
    const closing = file.handle
      .then((handle) => handle.close())
      // Every write was awaited before; an error of close has nobody left to hear it.
      .catch(() => {})
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #wakeOne(): void {
    this.#waiting.shift()?.();
  }
}
