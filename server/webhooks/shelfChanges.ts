/** The changes that a shelf goes through: an event is taken, a delivery was tried, somebody wants it once more, it falls out. Pure. */
import { dropped } from "./bounds.js";
import { type Delivery, isWaiting } from "./delivery.js";
import type { ShelfChange } from "./outbox.js";

/** Deliveries with the revision of the event that they tell. */
export interface TakenEvent {
  readonly revision: number;
  readonly deliveries: readonly Delivery[];
}

/** The events are on the shelf, in this order. One that was taken before, by whoever, is not taken again. */
export const taking =
  (events: readonly TakenEvent[]): ShelfChange =>
  (content) =>
    events.reduce(
      (now, { revision, deliveries }) =>
        revision <= now.taken
          ? now
          : { taken: revision, deliveries: [...now.deliveries, ...deliveries] },
      content,
    );

/** `before` was tried, and is `after`. Where another server has tried it meanwhile, only that it was delivered counts. */
export const tried = (before: Delivery, after: Delivery): ShelfChange =>
  on(after.id, (now) => {
    if (now === before) return after;
    if (!isWaiting(now)) return now;
    return now.tries === before.tries || after.status === "delivered" ? after : now;
  });

/** It is to be sent again, whatever became of it, at `at` (ms since the Unix epoch), and tried for a day from then on. */
export const wished = (id: string, at: number): ShelfChange =>
  on(id, (now) => (isWish(now, at) ? now : { ...now, status: "waiting", waited: 0, next_try: at }));

/** That wish was refused: the delivery is as it was, unless it was tried meanwhile. */
export const unwished = (before: Delivery, at: number): ShelfChange =>
  on(before.id, (now) => (isWish(now, at) && now.tries === before.tries ? before : now));

/** It fell out, unless that is over. */
export const fallenOut = (id: string): ShelfChange =>
  on(id, (now) => (isWaiting(now) ? dropped(now) : now));

const isWish = ({ status, waited, next_try }: Delivery, at: number): boolean =>
  status === "waiting" && waited === 0 && next_try === at;

function on(id: string, change: (now: Delivery) => Delivery): ShelfChange {
  return (content) => {
    const now = content.deliveries.find((one) => one.id === id);
    const next = now && change(now);
    if (!next || next === now) return content;
    const { taken, deliveries } = content;
    return { taken, deliveries: deliveries.map((one) => (one === now ? next : one)) };
  };
}
