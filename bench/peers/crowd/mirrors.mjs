/**
 * What watchers show, checked in full for every frame of every watcher at the cost of a comparison of bytes: watchers that show the same
 * state stand at the same node, and a frame that one of them has read leads all others who get the same bytes to the same next node. A
 * frame that is new at a node is decoded, applied, and held against what the driver did.
 */
/** Frames that lead nowhere (heartbeats) differ each time: not many of them are worth remembering. */
const MOST_EDGES = 64;

export class Mirrors {
  #speech;
  #byNumber = new Map();
  root;

  constructor(speech) {
    this.#speech = speech;
    this.root = { number: -1, mirror: null, edges: [] };
  }

  /** Where a watcher at `node` is led by a frame: an edge with `to`, and `reply` where the server is waiting for a word. */
  follow(node, buffer, start, end, isText) {
    const length = end - start;
    for (const edge of node.edges) {
      if (edge.bytes.length === length && buffer.compare(edge.bytes, 0, length, start, end) === 0)
        return edge;
    }
    return this.#learn(node, Buffer.from(buffer.subarray(start, end)), isText);
  }

  #learn(node, bytes, isText) {
    const { mirror = node.mirror, reply } =
      this.#speech.read(node.mirror, isText ? bytes.toString() : bytes) ?? {};
    const edge = { bytes, reply, to: mirror === node.mirror ? node : this.#nodeOf(mirror, node) };
    if (node.edges.length < MOST_EDGES || edge.to !== node) node.edges.push(edge);
    return edge;
  }

  #nodeOf(mirror, before) {
    const number = this.#speech.number(mirror);
    if (number < before.number)
      throw new Error(`a watcher fell back from ${before.number} to ${number}`);
    const known = this.#byNumber.get(number);
    if (known && this.#speech.isSame(known.mirror, mirror)) return known;
    const node = { number, mirror, edges: [] };
    this.#byNumber.set(number, node);
    return node;
  }

  /** Nobody stands before this number any more. */
  forgetBefore(number) {
    for (const key of this.#byNumber.keys()) if (key < number) this.#byNumber.delete(key);
    this.root.edges.length = 0;
  }
}
