/** Keeps the outbox within its bounds: where too many deliveries wait, the oldest fall out, and say so. */
import type { WorkflowEvent } from "../../shared/state/workflowEvent.js";
import { type Delivery, isWaiting } from "./delivery.js";
import type { Placed } from "./dispatch.js";
import type { Shelf } from "./outbox.js";

/** So many wait in all, and so many bytes of them. */
export const MOST_WAITING = 1_000;
const MOST_WAITING_MIB = 8;
const MOST_WAITING_BYTES = MOST_WAITING_MIB * 2 ** 20;

/** The oldest of those that wait, as many as are too many; none that is under way. */
export function tooMany(
  shelves: ReadonlyMap<string, Shelf>,
  isRunning: (id: string) => boolean,
): readonly Placed[] {
  const waiting = [...shelves.values()].flatMap((shelf) =>
    shelf.deliveries.filter(isWaiting).map((delivery) => ({ shelf, delivery })),
  );
  let bytes = waiting.reduce((sum, { delivery }) => sum + bytesOf(delivery), 0);
  let count = waiting.length;
  const found: Placed[] = [];
  const isTooMuch = () => count > MOST_WAITING || bytes > MOST_WAITING_BYTES;
  if (!isTooMuch()) return found;
  waiting.sort((one, other) => (one.delivery.created_at < other.delivery.created_at ? -1 : 1));
  for (const placed of waiting) {
    if (!isTooMuch()) break;
    if (isRunning(placed.delivery.id)) continue;
    count -= 1;
    bytes -= bytesOf(placed.delivery);
    found.push(placed);
  }
  return found;
}

/** The delivery as one that fell out. */
export const dropped = (delivery: Delivery): Delivery => ({
  ...delivery,
  status: "dropped",
  next_try: null,
  last: {
    ...(delivery.last ?? { at: delivery.created_at, code: null, answer: null }),
    error: `more than ${MOST_WAITING} deliveries, or more than ${MOST_WAITING_MIB} MiB of them, waited`,
  },
});

const sizes = new WeakMap<WorkflowEvent, number>();

/** About as long as it stands in its file. */
function bytesOf({ event, own }: Delivery): number {
  let bytes = sizes.get(event);
  if (bytes === undefined) {
    bytes = JSON.stringify(event).length + (own === null ? 0 : JSON.stringify(own).length) + 500;
    sizes.set(event, bytes);
  }
  return bytes;
}
