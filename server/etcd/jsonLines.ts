/** A stream of bytes cut into lines, of which each is bounded. */

/** Takes pieces as they come. */
export class JsonLines {
  readonly #mostBytes: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The lines that end in this piece, without empty ones; null where one is too long, and nothing more is taken then. */
  take(piece: Buffer): string[] | null {
    const lines: string[] = [];
    let rest = piece;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      this.#keep(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      if (this.#waitingBytes > this.#mostBytes) return null;
      const line = Buffer.concat(this.#waiting).toString().trim();
      this.#waiting = [];
      this.#waitingBytes = 0;
      if (line !== "") lines.push(line);
    }
    this.#keep(rest);
    return this.#waitingBytes > this.#mostBytes ? null : lines;
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }
}
