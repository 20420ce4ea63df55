/** The first few of many in some order, kept while the many go by. */
import type { ListPlace } from "../../../shared/state/listQuery.js";

export class Best<Item> {
  readonly places: ListPlace[] = [];
  readonly items: Item[] = [];
  readonly #most: number;
  readonly #compare: (one: ListPlace, other: ListPlace) => number;

  constructor(most: number, compare: (one: ListPlace, other: ListPlace) => number) {
    this.#most = most;
    this.#compare = compare;
  }

  /** Keeps it where it is among the first of all that came so far. */
  add(place: ListPlace, item: Item): void {
    const { places, items } = this;
    const last = places.at(-1);
    if (places.length === this.#most && last && this.#compare(place, last) >= 0) return;
    let [from, to] = [0, places.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#compare(places[middle]!, place) < 0) from = middle + 1;
      else to = middle;
    }
    places.splice(from, 0, place);
    items.splice(from, 0, item);
    if (places.length <= this.#most) return;
    places.pop();
    items.pop();
  }
}
