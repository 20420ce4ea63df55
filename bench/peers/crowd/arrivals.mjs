/** How long each update took from the driver's send to the last of so many watchers. */

export class Arrivals {
  /** In milliseconds, of the updates that all have. */
  latencies = [];
  #watchers;
  #first;
  #sentAt = [];
  #having = [];

  /** `first` is the number of the first update. */
  constructor(watchers, first) {
    this.#watchers = watchers;
    this.#first = first;
  }

  sent() {
    this.#sentAt.push(performance.now());
    this.#having.push(0);
  }

  /** Those of all updates: of one that not all have yet, how long it has been on its way. */
  soFar() {
    const now = performance.now();
    const onTheWay = this.#sentAt.filter((_, at) => this.#having[at] < this.#watchers);
    return [...this.latencies, ...onTheWay.map((sentAt) => now - sentAt)];
  }

  /** A watcher went from one update to another: it has those between them, too. */
  note(from, to) {
    const end = Math.min(to - this.#first, this.#sentAt.length - 1);
    for (let at = Math.max(0, from + 1 - this.#first); at <= end; at++) {
      if (++this.#having[at] === this.#watchers)
        this.latencies.push(performance.now() - this.#sentAt[at]);
    }
  }
}
