/** Gives each delivery its turn: in order for each webhook and workflow, a few at once, and again after a while where one failed. */
import type { Clock } from "../../shared/clock.js";
import { restOf } from "../time/restOf.js";
import { LONGEST_DELAY_MS } from "./backoff.js";
import { type Delivery, isWaiting } from "./delivery.js";
import type { Shelf } from "./outbox.js";
import { laneOf, Ready, receiverOf } from "./ready.js";

/** A delivery, and where it stands. */
export interface Placed {
  readonly shelf: Shelf;
  readonly delivery: Delivery;
}

export interface DispatchParts {
  readonly clock: Clock;
  readonly shelves: ReadonlyMap<string, Shelf>;
  /** Whether this server is the one that tells. @default always */
  readonly mayBegin?: (() => boolean) | undefined;
  /** Tries one, and puts what became of it on its shelf. Never rejects. */
  readonly attempt: (placed: Placed) => Promise<void>;
}

/** In all, and to one webhook: one that answers slowly holds up the others little. */
const MOST_AT_ONCE = 8;
const MOST_OF_ONE = 2;
/** So much time is between two looks at all that wait which nobody asked for. */
const SELDOM_MS = 100;

export class Dispatch {
  readonly #parts: DispatchParts;
  readonly #running = new Map<string, { readonly done: Promise<void>; readonly placed: Placed }>();
  /** By id: when one that has failed is tried again, in the clock's elapsed time, and what its shelf says of that. */
  readonly #due = new Map<string, { readonly at: number; readonly next_try: number | null }>();
  readonly #ready = new Ready();
  #cancel = () => {};
  /** In the clock's elapsed time: when it looks again by itself. */
  #wakesAt = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
  }

  /** Begins all that may begin now. Called whenever something was moved, and when one that has failed falls due. */
  look(): void {
    this.#cancel();
    this.#wakesAt = Number.POSITIVE_INFINITY;
    this.#ready.clear();
    this.#lookAt(this.#heads(this.#parts.shelves.values()));
  }

  /** The same for what has come to one workflow, or has ended there: with a thousand that wait, to look at all of them would be most of what an event costs. */
  lookAtOne(workflow_id: string): void {
    this.#lookAt(this.#heads(this.#shelvesOf(workflow_id)));
  }

  #lookAt(heads: Iterable<Placed>): void {
    if (this.#isClosed || this.#parts.mayBegin?.() === false) return;
    this.#wakeAt(this.#offer(heads));
    const hasRoom = (receiver: string) => this.#isRoomFor(receiver);
    for (;;) {
      const placed = this.#running.size < MOST_AT_ONCE ? this.#ready.take(hasRoom) : null;
      if (!placed) return;
      if (placed.shelf.deliveries.includes(placed.delivery)) this.#begin(placed);
      // It fell out, or was moved, while it waited for room: another one is the first of its lane.
      else this.#wakeAt(this.#offer(this.#heads(this.#shelvesOf(placed.shelf.workflow_id))));
    }
  }

  /** Makes those ready that are due. Returns when the first of the others is, in the clock's elapsed time. */
  #offer(heads: Iterable<Placed>): number {
    const now = this.#parts.clock.elapsed();
    let next = Number.POSITIVE_INFINITY;
    for (const placed of heads) {
      const due = this.#dueOf(placed.delivery);
      if (due > now) next = Math.min(next, due);
      else this.#ready.put(placed);
    }
    return next;
  }

  #wakeAt(next: number): void {
    const { clock } = this.#parts;
    // Where many have failed, each falls due at another time, and to look costs as much as all that wait.
    const at = Math.max(next, clock.elapsed() + SELDOM_MS);
    if (at >= this.#wakesAt) return;
    this.#cancel();
    this.#wakesAt = at;
    this.#cancel = clock.after(at - clock.elapsed(), () => this.look());
  }

  isRunning(id: string): boolean {
    return this.#running.has(id);
  }

  /** Resolves once this one is not under way. */
  async untilEnded(id: string): Promise<void> {
    await this.#running.get(id)?.done;
  }

  /** Resolves once nothing of the workflow is under way, or may begin at once. */
  async untilTried(workflow_id: string): Promise<void> {
    for (;;) {
      const under = [...this.#running.values()].filter(
        ({ placed }) => placed.shelf.workflow_id === workflow_id,
      );
      if (under.length > 0) await Promise.race(under.map(({ done }) => done));
      // One that waits for room can wait only for others that run.
      else if (this.#isClosed || this.#running.size === 0 || !this.isDue(workflow_id)) return;
      else await Promise.race([...this.#running.values()].map(({ done }) => done));
    }
  }

  /** Whether one of the workflow is to be tried now that is not under way here. */
  isDue(workflow_id: string): boolean {
    const now = this.#parts.clock.elapsed();
    const heads = [...this.#heads(this.#shelvesOf(workflow_id))];
    return heads.some(({ delivery }) => this.#dueOf(delivery) <= now);
  }

  /** Resolves once none is under way; whoever tries them has to be told to stop before. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done));
  }

  #begin(placed: Placed): void {
    const { id } = placed.delivery;
    const done = this.#parts.attempt(placed).then(() => {
      this.#running.delete(id);
      this.#due.delete(id);
      this.lookAtOne(placed.shelf.workflow_id);
    });
    this.#running.set(id, { done, placed });
  }

  #isRoomFor(receiver: string): boolean {
    let ofOne = 0;
    for (const { placed } of this.#running.values())
      if (receiverOf(placed.delivery) === receiver) ofOne += 1;
    return ofOne < MOST_OF_ONE;
  }

  *#shelvesOf(workflow_id: string): Iterable<Shelf> {
    for (const shelf of this.#parts.shelves.values())
      if (shelf.workflow_id === workflow_id) yield shelf;
  }

  /** The first that waits of each lane, in the order in which they came; none that is under way. */
  *#heads(shelves: Iterable<Shelf>): Iterable<Placed> {
    const firsts = new Map<string, Placed>();
    for (const shelf of shelves)
      for (const delivery of shelf.deliveries) {
        if (!isWaiting(delivery)) continue;
        const placed = { shelf, delivery };
        const lane = laneOf(placed);
        const first = firsts.get(lane);
        // Those of one shelf are in order, whatever the clock said.
        if (!first || (first.shelf !== shelf && byAge(placed, first) < 0)) firsts.set(lane, placed);
      }
    for (const placed of [...firsts.values()].sort(byAge)) {
      const { shelf, delivery } = placed;
      // One that is not durable yet would be sent again, and its event could be one that a crash takes back from us.
      const isKept = delivery.event.revision <= shelf.kept;
      if (isKept && !this.#running.has(delivery.id)) yield placed;
    }
  }

  #dueOf(delivery: Delivery): number {
    const { id, next_try } = delivery;
    const known = this.#due.get(id);
    // Somebody may have moved it, also on another server.
    if (known?.next_try === next_try) return known.at;
    const { clock } = this.#parts;
    const at = clock.elapsed() + restOf(next_try ?? 0, delayOf(delivery), clock);
    this.#due.set(id, { at, next_try });
    return at;
  }
}

/** The time between its last try and the next, in ms: nothing waits longer than that, wherever the clock was set to meanwhile. */
function delayOf({ next_try, last }: Delivery): number {
  const planned = last === null ? 0 : (next_try ?? 0) - Date.parse(last.at);
  return Number.isNaN(planned) ? 0 : Math.min(LONGEST_DELAY_MS, Math.max(0, planned));
}

const byAge = (one: Placed, other: Placed): number =>
  one.delivery.created_at < other.delivery.created_at
    ? -1
    : one.delivery.created_at > other.delivery.created_at
      ? 1
      : one.delivery.event.revision - other.delivery.event.revision;
