/** The deliveries that wait for nothing but room: one of each lane, and each webhook in its turn, so that a flood to one holds up no other. */
import type { Delivery } from "./delivery.js";
import type { Placed } from "./dispatch.js";

/** The name of a webhook as such: one of a definition may be called as one of the settings is. */
export const receiverOf = ({ webhook, own }: Delivery): string => `${own === null} ${webhook}`;

/** Deliveries of one lane go in order: one webhook, and one workflow. No id has a space. */
export const laneOf = ({ shelf, delivery }: Placed): string =>
  `${shelf.workflow_id} ${receiverOf(delivery)}`;

/** Those that are due. Whoever takes one has to see whether it still waits: meanwhile it may have fallen out. */
export class Ready {
  /** By receiver, the one whose turn is the longest ago first; then by lane, in the order in which they came. */
  readonly #receivers = new Map<string, Map<string, Placed>>();

  /** From now on this one is the first of its lane; it keeps the place of the one before. */
  put(placed: Placed): void {
    const receiver = receiverOf(placed.delivery);
    const lanes = this.#receivers.get(receiver) ?? new Map<string, Placed>();
    this.#receivers.set(receiver, lanes.set(laneOf(placed), placed));
  }

  /** Takes out the next one to a receiver that `hasRoom`; null where there is none. */
  take(hasRoom: (receiver: string) => boolean): Placed | null {
    for (const [receiver, lanes] of this.#receivers) {
      if (!hasRoom(receiver)) continue;
      const [first] = lanes;
      this.#receivers.delete(receiver);
      if (!first) continue;
      lanes.delete(first[0]);
      if (lanes.size > 0) this.#receivers.set(receiver, lanes);
      return first[1];
    }
    return null;
  }

  clear(): void {
    this.#receivers.clear();
  }
}
