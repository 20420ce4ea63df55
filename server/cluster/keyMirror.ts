/** The port to this server's copy of what the cluster keeps in etcd: one list and one watch for everything, told by families of keys. */
import type { Compare, Operation } from "../etcd/etcd.js";

/** Hears of the keys that begin with its family's name: of each in the order of its revisions, and of none that is older than one it has heard of. */
export type FamilyListener = (event: FamilyEvent) => void;

/** `key` is what follows the family's name. */
export type FamilyEvent =
  | {
      readonly kind: "put";
      readonly key: string;
      readonly value: Buffer;
      readonly mod: number;
      readonly create: number;
    }
  | { readonly kind: "delete"; readonly key: string; readonly mod: number };

/** Conditions and operations name keys below the prefix: `doc/ab/deploy`. */
export interface MirroredTransaction {
  readonly compare: readonly Compare[];
  readonly writes: readonly Operation[];
  /** Where it is unknown whether it was done: the key that says so, and how its value (null: not there) is read. Where missing, a condition that does not hold counts as not done. */
  readonly witness?: { readonly key: string; readonly isOurs: (found: Buffer | null) => boolean };
}

export interface KeyMirror {
  /** Everything up to this revision has been told. */
  readonly revision: number;
  /** The newest revision of a key that was told, or that we wrote; 0 for one that is not there. */
  modOf(key: string): number;
  /** The whole family is told at once, then every change. The returned function ends it. */
  follow(family: string, listener: FamilyListener): () => void;
  /**
   * Carries out a transaction exactly once: one whose outcome is unknown is sent again until it is known. What it did is told before this resolves with its
   * revision; with null where a condition did not hold: by then all is told that made it so. Rejects with SyncError `unavailable` where the outcome stays
   * unknown, `storage_full` or `too_large` where etcd refuses: then nothing was done.
   */
  transact(transaction: MirroredTransaction): Promise<number | null>;
  /** Resolves once all is told that etcd had of this key when it was asked. Never rejects: after two seconds it is as it is. */
  hear(key: string): Promise<void>;
}
