/** The port to what webhooks are still to be told, and the last that each was: in files of a data folder, or in etcd where servers share their workflows. */
import { type Delivery, isWaiting, type ShelfFile } from "./delivery.js";

/** As much of a shelf as its owner changes. */
export interface ShelfContent {
  /** Events up to this revision were taken from the record. */
  readonly taken: number;
  /** Oldest first. */
  readonly deliveries: readonly Delivery[];
}

/** The deliveries of one epoch of a workflow. Only its outbox writes to it. */
export interface Shelf {
  readonly workflow_id: string;
  readonly epoch: string;
  taken: number;
  /** The same, as far as it is durable. */
  kept: number;
  deliveries: readonly Delivery[];
  /** The same, as far as it is durable: what people are told of. */
  keptDeliveries: readonly Delivery[];
}

/**
 * Makes a content of the one before; gives that one itself where there is nothing to change. It is made again from what is there by then where another server
 * was quicker, so once more of its own result it changes nothing. Pure.
 */
export type ShelfChange = (content: ShelfContent) => ShelfContent;

export interface Outbox {
  /** By epoch, with the changes that are not durable yet. */
  readonly shelves: ReadonlyMap<string, Shelf>;
  /** That of the epoch, or a new one. */
  shelfOf(workflow_id: string, epoch: string): Shelf;
  /** The shelf is so at once. Resolves once that is durable. Rejects where it is refused; it is tried again, until `close`. */
  change(shelf: Shelf, by: ShelfChange): Promise<void>;
  /** The same for a shelf that was refused a moment ago: it is kept with the next try. */
  amend(shelf: Shelf, by: ShelfChange): void;
  /** Takes the epoch out, for good. Never rejects: what is refused is left for the next look. */
  remove(epoch: string): Promise<void>;
  /** Resolves once this server knows what another one had kept of the epoch when it was asked; missing where there is no other. Never rejects. */
  hear?(epoch: string): Promise<void>;
  /** `run` hears of each shelf that has become durable after a refusal, or that another server has changed. */
  whenMoved(run: (shelf: Shelf) => void): void;
  /** Resolves when nothing is being kept any more. */
  close(): Promise<void>;
}

/** That content of the shelf as it is kept. */
export const shelfFileOf = (
  { workflow_id, epoch }: Pick<Shelf, "workflow_id" | "epoch">,
  { taken, deliveries }: ShelfContent,
): ShelfFile => ({ format: 1, workflow_id, epoch, kept: taken, deliveries: [...deliveries] });

/** Of one epoch: those that are over, for people to look at. */
const MOST_OVER = 20;

/** All that wait, and the newest of those that are over. */
export function trimmed(deliveries: readonly Delivery[]): readonly Delivery[] {
  const over = deliveries.filter((one) => !isWaiting(one));
  if (over.length <= MOST_OVER) return deliveries;
  const gone = new Set(over.slice(0, over.length - MOST_OVER));
  return deliveries.filter((one) => !gone.has(one));
}
