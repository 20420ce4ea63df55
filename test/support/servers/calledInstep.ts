/** One call of `instep` as a test sees it, a process of its own or not: what it said so far, and what it came to. */

export interface CalledInstep {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** What came on stdout, as it came. */
  bytes(): Buffer;
  /** Resolves with the first match in what either stream said so far or says later. Rejects when the call ends without it. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  /** On its standard input, which ends with it. */
  type(text: string): void;
  readonly exitCode: Promise<number | null>;
}

export interface Served<Call extends CalledInstep = CalledInstep> {
  readonly url: string;
  readonly process: Call;
}

/** Where `instep serve` says in its greeting that it listens. */
export const PAGE = /Page +(http:\S+)\//;

/** Gathers what a call writes to its two streams, and tells whoever waits for a part of it. */
export class Said {
  readonly #printed: Buffer[] = [];
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  readonly #text = { stdout: "", stderr: "" };
  #listeners: (() => void)[] = [];
  #isOver = false;

  add(stream: "stdout" | "stderr", bytes: Uint8Array): void {
    if (stream === "stdout") this.#printed.push(Buffer.from(bytes));
    this.#text[stream] += this.#decoders[stream].decode(bytes, { stream: true });
    this.#tell();
  }

  end(): void {
    this.#isOver = true;
    this.#tell();
  }

  get stdout(): string {
    return this.#text.stdout;
  }

  get stderr(): string {
    return this.#text.stderr;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#printed);
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (found) return found;
      if (this.#isOver)
        throw new Error(`ended without ${pattern}:\n${this.stdout}\n${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.#listeners.push(resolve);
      });
    }
  }

  #tell(): void {
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
