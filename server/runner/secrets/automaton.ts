/** Many byte strings looked for at once (Aho and Corasick): each byte of the text costs the same, however many and long they are. */

const ROOT = 0;

export class Automaton {
  /** How many bytes of a needle are behind a state. */
  readonly depth: Int32Array;
  /** The longest needle that ends at a state; 0 where none does. */
  readonly matched: Int32Array;
  /** The longest needle that a state may lead to. */
  readonly reach: Int32Array;
  readonly longest: number;
  readonly #root = new Int32Array(256);
  readonly #fail: Int32Array;
  /** Edges beyond the root, by state and byte: a table with open addresses. */
  readonly #keys: Int32Array;
  readonly #targets: Int32Array;
  readonly #shift: number;
  #states = 1;

  constructor(needles: readonly Uint8Array[]) {
    const most = needles.reduce((sum, { length }) => sum + length, 0) + 1;
    this.depth = new Int32Array(most);
    this.matched = new Int32Array(most);
    this.reach = new Int32Array(most);
    this.longest = Math.max(0, ...needles.map(({ length }) => length));
    this.#fail = new Int32Array(most);
    const bits = Math.ceil(Math.log2(most * 2 + 16));
    this.#shift = 32 - bits;
    this.#keys = new Int32Array(2 ** bits).fill(-1);
    this.#targets = new Int32Array(2 ** bits);
    const edges = needles.flatMap((needle) => this.#plant(needle));
    this.#link(edges);
  }

  /** Whether a needle begins with this byte. */
  begins(byte: number): boolean {
    return this.#root[byte] !== ROOT;
  }

  step(state: number, byte: number): number {
    let from = state;
    while (from !== ROOT) {
      const next = this.#edge(from, byte);
      if (next !== ROOT) return next;
      from = this.#fail[from]!;
    }
    return this.#root[byte]!;
  }

  #edge(state: number, byte: number): number {
    if (state === ROOT) return this.#root[byte]!;
    const key = state * 256 + byte;
    const mask = this.#keys.length - 1;
    for (let at = Math.imul(key, 0x9e3779b1) >>> this.#shift; ; at = (at + 1) & mask) {
      const found = this.#keys[at]!;
      if (found === key) return this.#targets[at]!;
      if (found === -1) return ROOT;
    }
  }

  /** The edges that are new, from the root on. */
  #plant(needle: Uint8Array): Edge[] {
    const edges: Edge[] = [];
    let state = ROOT;
    for (const byte of needle) {
      this.reach[state] = Math.max(this.reach[state]!, needle.length);
      let next = this.#edge(state, byte);
      if (next === ROOT) {
        next = this.#states++;
        this.depth[next] = this.depth[state]! + 1;
        this.#setEdge(state, byte, next);
        edges.push({ from: state, byte, to: next });
      }
      state = next;
    }
    this.reach[state] = Math.max(this.reach[state]!, needle.length);
    this.matched[state] = needle.length;
    return edges;
  }

  #setEdge(state: number, byte: number, to: number): void {
    if (state === ROOT) {
      this.#root[byte] = to;
      return;
    }
    const key = state * 256 + byte;
    const mask = this.#keys.length - 1;
    let at = Math.imul(key, 0x9e3779b1) >>> this.#shift;
    while (this.#keys[at] !== -1) at = (at + 1) & mask;
    this.#keys[at] = key;
    this.#targets[at] = to;
  }

  /** From the shallow states to the deep ones: each falls back to the longest end of it that also begins a needle. */
  #link(edges: Edge[]): void {
    edges.sort((one, other) => this.depth[one.to]! - this.depth[other.to]!);
    for (const { from, byte, to } of edges) {
      const fail = from === ROOT ? ROOT : this.step(this.#fail[from]!, byte);
      this.#fail[to] = fail;
      this.matched[to] = Math.max(this.matched[to]!, this.matched[fail]!);
    }
  }
}

interface Edge {
  readonly from: number;
  readonly byte: number;
  readonly to: number;
}
