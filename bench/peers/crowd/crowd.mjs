/** All watchers of one peer, and how far each of them is. */
import { isPlainReport } from "../scene.mjs";
import { FrameSocket } from "./frameSocket.mjs";
import { Mirrors } from "./mirrors.mjs";
import { within } from "./within.mjs";

export class Crowd {
  members = [];
  #peer;
  #mirrors;
  /** Frames that brought exactly one update, a report of two fields, and their bytes. */
  reports = { bytes: 0, frames: 0 };
  #failure = null;
  #aim = null;
  /** Counts who has which update, where latencies are wanted. */
  #arrivals = null;

  constructor(peer) {
    this.#peer = peer;
    this.#mirrors = new Mirrors(peer.speech);
  }

  /** Resolves once so many more watchers show a state. */
  async join(count, { atOnce = 100 } = {}) {
    for (let done = 0; done < count; done += atOnce) {
      const some = Array.from({ length: Math.min(atOnce, count - done) }, () => this.#enter());
      this.members.push(...some);
      await within(
        60,
        `${this.#peer.name}: watchers join`,
        Promise.all(some.map((one) => one.joined)),
      );
    }
  }

  #enter() {
    const member = { node: this.#mirrors.root, socket: null };
    let tell;
    member.joined = new Promise((resolve, reject) => {
      tell = { resolve, reject };
    });
    member.tell = tell;
    this.#open(member).catch(tell.reject);
    return member;
  }

  async #open(member) {
    const { speech, port } = this.#peer;
    const address = await speech.address(port);
    member.socket = new FrameSocket(
      { port, ...address },
      (buffer, start, end, isText) => this.#receive(member, buffer, start, end, isText),
      (reason) => this.#fail(new Error(`a watcher lost its socket: ${reason}`)),
    );
    await member.socket.opened;
    for (const first of speech.greeting ?? []) member.socket.send(first);
  }

  #receive(member, buffer, start, end, isText) {
    const { node } = member;
    let edge;
    try {
      edge = this.#mirrors.follow(node, buffer, start, end, isText);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (edge.reply !== undefined) member.socket.send(edge.reply);
    if (edge.to === node) return;
    member.node = edge.to;
    const { number } = edge.to;
    if (number === node.number) return;
    if (node.number < 0) member.tell.resolve();
    else this.#arrivals?.note(node.number, number);
    if (number === node.number + 1 && isPlainReport(number)) {
      this.reports.bytes += end - start + headerOf(end - start);
      this.reports.frames++;
    }
    if (this.#aim && node.number < this.#aim.number && number >= this.#aim.number) this.#nearer();
  }

  #fail(error) {
    this.#failure ??= new Error(`${this.#peer.name}: ${error.message}`, { cause: error });
    this.#aim?.reject(this.#failure);
    for (const { tell } of this.members) tell.reject(this.#failure);
  }

  #nearer() {
    if (--this.#aim.missing === 0) this.#aim.resolve(performance.now());
  }

  /** Resolves with the moment at which every watcher has update `number`. */
  async reach(number, seconds = 60) {
    if (this.#failure) throw this.#failure;
    const missing = this.members.filter(({ node }) => node.number < number).length;
    if (missing > 0) {
      const arrived = new Promise((resolve, reject) => {
        this.#aim = { number, missing, resolve, reject };
      });
      const what = `${this.#peer.name}: every watcher gets update ${number}`;
      await within(seconds, what, arrived).finally(() => {
        this.#aim = null;
      });
    }
    this.#mirrors.forgetBefore(number);
    return performance.now();
  }

  /** From here on it is noted when the last watcher has an update; `null` ends it. */
  track(arrivals) {
    this.#arrivals = arrivals;
  }

  /** Every mirror that some watcher shows at the moment. */
  shown() {
    return new Set(this.members.map(({ node }) => node.mirror));
  }

  get received() {
    let bytes = 0;
    let frames = 0;
    for (const { socket } of this.members) {
      bytes += socket.bytes;
      frames += socket.frames;
    }
    return { bytes, frames };
  }

  /** Fails where a watcher was ever shown what is not so, or lost its socket. */
  check() {
    if (this.#failure) throw this.#failure;
  }

  /** Takes nothing more from its sockets, as a tab that stands still. */
  freeze() {
    for (const { socket } of this.members) socket.pause();
  }

  leave() {
    for (const { socket, joined } of this.members) {
      joined.catch(() => {});
      socket?.destroy();
    }
    this.members = [];
    this.check();
  }
}

/** Of a frame from a server. */
const headerOf = (length) => (length < 126 ? 2 : length < 65_536 ? 4 : 10);
