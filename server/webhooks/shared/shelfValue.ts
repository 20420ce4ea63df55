/** A shelf as a value in etcd: the content of its file, packed where it is long, and never more than etcd takes. */
import { gunzipSync, gzipSync } from "node:zlib";
import { type Delivery, isWaiting, readShelf, type ShelfFile } from "../delivery.js";
import { type Shelf, type ShelfContent, shelfFileOf, trimmed } from "../outbox.js";

/** The keys of shelves, below the prefix: by epoch. */
export const SHELVES = "webhook/";

/** Of one workflow: etcd takes 1.5 MiB in a request. */
const MOST_BYTES = 2 ** 20 - 4_096;
/** Below this, packing costs more than it saves. */
const PACKED_FROM_BYTES = 2_048;
/** Far above what is written. A value that is longer than that is none of ours. */
const LONGEST_BYTES = 8 * 2 ** 20;
const GZIP = 0x1f;

/** The content as it is kept, with its value. */
export interface PackedShelf {
  readonly content: ShelfContent;
  readonly value: Buffer;
  /** Those that had to fall out, as the workflow has too much to tell. */
  readonly fallen: readonly Delivery[];
}

/** Where it would be too large the oldest of those that are over go, and then the oldest of those that wait. */
export function packShelf(
  shelf: Pick<Shelf, "workflow_id" | "epoch">,
  { taken, deliveries: given }: ShelfContent,
): PackedShelf {
  const { deliveries, fallen } = fitting(trimmed(given));
  const content = { taken, deliveries };
  const text = Buffer.from(JSON.stringify(shelfFileOf(shelf, content)));
  const value = text.length < PACKED_FROM_BYTES ? text : gzipSync(text, { level: 1 });
  return { content, value, fallen };
}

/** The same for a shelf as it was kept. */
export const packShelfFile = (file: ShelfFile): PackedShelf =>
  packShelf(file, { taken: file.kept, deliveries: file.deliveries });

function fitting(deliveries: readonly Delivery[]) {
  const lengths = new Map(deliveries.map((one) => [one, lengthOf(one)]));
  let left = [...lengths.values()].reduce((sum, length) => sum + length, 0);
  const gone = new Set<Delivery>();
  const over = deliveries.filter((one) => !isWaiting(one));
  for (const one of [...over, ...deliveries.filter(isWaiting)]) {
    if (left <= MOST_BYTES) break;
    left -= lengths.get(one) ?? 0;
    gone.add(one);
  }
  if (gone.size === 0) return { deliveries, fallen: [] };
  return {
    deliveries: deliveries.filter((one) => !gone.has(one)),
    fallen: [...gone].filter(isWaiting),
  };
}

/** As UTF-8, with a comma. A delivery that is changed is another object. */
const known = new WeakMap<Delivery, number>();
function lengthOf(delivery: Delivery): number {
  const length = known.get(delivery) ?? Buffer.byteLength(JSON.stringify(delivery)) + 1;
  known.set(delivery, length);
  return length;
}

/** Throws, saying what is wrong, on anything but what was written. */
export function unpackShelf(value: Buffer): ShelfFile {
  const text = value[0] === GZIP ? gunzipSync(value, { maxOutputLength: LONGEST_BYTES }) : value;
  return readShelf(text.toString());
}
