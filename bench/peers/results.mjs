/** The figures of a run, asked for by part, number of watchers, side and name. */
import { median, ratiosOf } from "./figures.mjs";

export class Results {
  #results;
  #builds;

  constructor(results, builds) {
    this.#results = results;
    this.#builds = builds;
  }

  /** Of all rounds; undefined where it was not measured. */
  values({ name, watchers, figure }, side) {
    return this.#gathered(name, watchers)[side]?.[figure];
  }

  /** One side against another, round by round. */
  ratios(part, ours, theirs) {
    return ratiosOf(this.values(part, ours) ?? [], this.values(part, theirs) ?? []);
  }

  median(part, side) {
    const values = this.values(part, side);
    return values ? median(values) : Number.NaN;
  }

  watchersOf(name) {
    return this.#results.filter((one) => one.name === name).map(({ watchers }) => watchers);
  }

  /** Everybody but the builds of Instep. */
  peersOf({ name, watchers }) {
    return Object.keys(this.#gathered(name, watchers)).filter(
      (side) => !this.#builds.some((build) => side.startsWith(build)),
    );
  }

  /** The peer with the `most` or the `least` of a figure; undefined where there is none. */
  best(part, which) {
    const sign = which === "most" ? -1 : 1;
    return this.peersOf(part).toSorted(
      (a, b) => sign * (this.median(part, a) - this.median(part, b)),
    )[0];
  }

  #gathered(name, watchers) {
    const found = this.#results.find((one) => one.name === name && one.watchers === watchers);
    return found?.gathered ?? {};
  }
}
