/** One transaction of this server: sent until it is known whether it was done. A compare-and-set that was done once cannot be done again. */
import type { Clock } from "../../shared/clock.js";
import {
  type EtcdClient,
  EtcdRefused,
  EtcdUnreachable,
  type KeyEvent,
  type Transaction,
  type TransactionResult,
} from "../etcd/etcd.js";
import { inDoubt, refusalOf } from "./etcdRefusal.js";
import type { MirroredTransaction } from "./keyMirror.js";

export type OwnResult =
  | { readonly kind: "done"; readonly revision: number }
  /** An earlier try had been done, at `mod` or before; everything up to `revision` says so. */
  | { readonly kind: "found"; readonly mod: number; readonly revision: number }
  /** A condition did not hold at `revision`. */
  | { readonly kind: "refuted"; readonly revision: number };

interface OwnTransactionParts {
  readonly client: EtcdClient;
  readonly prefix: string;
  readonly clock: Clock;
  /** In elapsed time. */
  readonly until: number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

export class OwnTransaction {
  readonly #parts: OwnTransactionParts;
  #isInDoubt = false;

  constructor(parts: OwnTransactionParts) {
    this.#parts = parts;
  }

  /** Rejects with SyncError as `KeyMirror.transact`. */
  async run(transaction: MirroredTransaction): Promise<OwnResult> {
    const { clock, until } = this.#parts;
    const asked = this.#asked(transaction);
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return this.#read(await this.#parts.client.transact(asked), transaction);
      } catch (error) {
        if (error instanceof EtcdRefused && !this.#isInDoubt) throw refusalOf(error);
        if (!(error instanceof EtcdUnreachable) && !(error instanceof EtcdRefused)) throw error;
        this.#isInDoubt = true;
        if (clock.elapsed() + pause >= until) throw inDoubt(error);
        await new Promise<void>((resume) => void clock.after(pause, resume));
      }
    }
  }

  /** As the watch will tell them, but that `create` is 0: when the key was made, only its copy knows. */
  eventsAt({ writes }: MirroredTransaction, revision: number): KeyEvent[] {
    return writes.map((operation): KeyEvent => {
      if ("delete" in operation) return { kind: "delete", key: operation.delete, mod: revision };
      const { put: key, value, lease = null } = operation;
      return { kind: "put", kv: { key, value, lease, mod: revision, create: 0 } };
    });
  }

  #asked({ compare, writes, witness }: MirroredTransaction): Transaction {
    const { prefix } = this.#parts;
    return {
      compare: compare.map((one) => ({ ...one, key: prefix + one.key })),
      writes: writes.map((one) =>
        "delete" in one ? { delete: prefix + one.delete } : { ...one, put: prefix + one.put },
      ),
      orElseGet: witness ? [prefix + witness.key] : [],
    };
  }

  #read(
    { succeeded, revision, found }: TransactionResult,
    { witness }: MirroredTransaction,
  ): OwnResult {
    if (succeeded) return { kind: "done", revision };
    const kept = found[0] ?? null;
    if (this.#isInDoubt && witness?.isOurs(kept?.value ?? null))
      return { kind: "found", mod: kept?.mod ?? revision, revision };
    return { kind: "refuted", revision };
  }
}
