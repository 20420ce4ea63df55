/** Many insertions and removals in one array: neighbours cost what lies between them, not what lies behind them. */

/** So many are made the plain way, which moves what lies behind at once. */
const FEW = 8;

export class Splicing {
  /** Up to the place of the last change. */
  readonly #head: unknown[];
  /** The rest behind the head, backwards. */
  readonly #tail: unknown[] = [];
  #count = 0;

  /** Changes `array` itself, which is whole again after `finish`. */
  constructor(array: unknown[]) {
    this.#head = array;
  }

  get length(): number {
    return this.#head.length + this.#tail.length;
  }

  /** `at` is at most the length. */
  insert(at: number, value: unknown): void {
    if (this.#isOneOfFew) return void this.#head.splice(at, 0, value);
    this.#moveTo(at);
    this.#head.push(value);
  }

  /** `at` is less than the length. */
  remove(at: number): void {
    if (this.#isOneOfFew) return void this.#head.splice(at, 1);
    this.#moveTo(at + 1);
    this.#head.pop();
  }

  finish(): void {
    this.#moveTo(this.length);
  }

  get #isOneOfFew(): boolean {
    this.#count += 1;
    return this.#count <= FEW;
  }

  #moveTo(at: number): void {
    while (this.#head.length > at) this.#tail.push(this.#head.pop());
    while (this.#head.length < at) this.#head.push(this.#tail.pop());
  }
}
