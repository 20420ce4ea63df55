/** Gives starts their numbers over all servers: one after the other here, and by compare-and-set against the others. */
import type { FamilyEvent, KeyMirror } from "../../../cluster/keyMirror.js";
import type { Compare, Operation } from "../../../etcd/etcd.js";
import type { Contention } from "./contention.js";
import { ORDER } from "./etcdKeys.js";

/** The part of a start's transaction that is about its number. */
interface Numbering {
  readonly compare: readonly Compare[];
  readonly writes: readonly Operation[];
}

const MOST_TRIES = 16;

export class Starts {
  readonly #mirror: Pick<KeyMirror, "follow" | "modOf">;
  readonly #contention: Pick<Contention, "standAside" | "lost" | "thanks" | "won">;
  readonly #stop: () => void;
  #highest = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    mirror: Pick<KeyMirror, "follow" | "modOf">,
    contention: Pick<Contention, "standAside" | "lost" | "thanks" | "won">,
  ) {
    this.#mirror = mirror;
    this.#contention = contention;
    this.#stop = mirror.follow(ORDER, (event) => this.#hear(event));
  }

  /** The highest number that was given out. */
  get highest(): number {
    return this.#highest;
  }

  /**
   * Runs the start with this number in its turn; `transact` says whether it was done. False where the number was given to another start meanwhile, or where
   * something else of the transaction did not hold.
   */
  inTurn(order: number, transact: (own: Numbering) => Promise<boolean>): Promise<boolean> {
    const turn = this.#last.then(() => this.#try(order, transact));
    this.#last = turn.catch(() => {});
    return turn;
  }

  close(): void {
    this.#stop();
  }

  async #try(order: number, transact: (own: Numbering) => Promise<boolean>): Promise<boolean> {
    const contention = this.#contention;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const aside = contention.standAside(ORDER);
      if (aside) await aside;
      if (order <= this.#highest) return false;
      const mod = this.#mirror.modOf(ORDER);
      const isDone = await transact({
        compare: [{ key: ORDER, target: "mod", is: "equal", than: mod }],
        writes: [{ put: ORDER, value: Buffer.from(String(order)) }, ...contention.thanks(ORDER)],
      });
      if (isDone) contention.won(ORDER);
      // Refused for another reason: that is the caller's to find out.
      if (isDone || this.#mirror.modOf(ORDER) === mod) return isDone;
      await contention.lost(ORDER);
    }
    return false;
  }

  #hear(event: FamilyEvent): void {
    if (event.kind !== "put" || event.key !== "") return;
    const order = Number(event.value.toString());
    if (Number.isSafeInteger(order)) this.#highest = Math.max(this.#highest, order);
  }
}
