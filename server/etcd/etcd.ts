/** The port to etcd: as much of its API (v3, https://etcd.io/docs/v3.4/learning/api/) as Instep uses. Knows nothing of workflows. */

/** A key as etcd has it. Revisions are counters of the whole cluster, far below 2^53 in practice. */
export interface KeyValue {
  readonly key: string;
  readonly value: Buffer;
  /** The revision of its last change: the token for compare-and-set. */
  readonly mod: number;
  /** The revision at which it was made. */
  readonly create: number;
  /** The lease it is bound to; null where it stays until somebody deletes it. */
  readonly lease: LeaseId | null;
}

/** A 64-bit number in decimal. */
export type LeaseId = string;

/** A condition of a transaction. A key that is not there has `create` and `mod` 0. */
export interface Compare {
  readonly key: string;
  readonly target: "create" | "mod";
  readonly is: "equal" | "less" | "greater";
  readonly than: number;
}

export type Operation =
  | { readonly put: string; readonly value: Buffer; readonly lease?: LeaseId | undefined }
  | { readonly delete: string };

export interface Transaction {
  readonly compare: readonly Compare[];
  /** Done all together where every condition holds. */
  readonly writes: readonly Operation[];
  /** Keys that are read where one does not. */
  readonly orElseGet?: readonly string[];
}

export interface TransactionResult {
  readonly succeeded: boolean;
  /** Of what was done; where nothing was, the newest there is. */
  readonly revision: number;
  /** As asked in `orElseGet`, in that order: null for a key that is not there. Empty where it succeeded. */
  readonly found: readonly (KeyValue | null)[];
}

export interface Listing {
  readonly keys: readonly KeyValue[];
  /** At which all of it was so. */
  readonly revision: number;
}

/** A change of one key. */
export type KeyEvent =
  | { readonly kind: "put"; readonly kv: KeyValue }
  /** Deleted, or its lease has ended. */
  | { readonly kind: "delete"; readonly key: string; readonly mod: number };

export interface WatchHandlers {
  /** The watch is on: from here on every event comes. Told again after each reconnection. */
  opened?(): void;
  /** Events up to `revision`, in order, none left out; none where it only tells how far the watch is. */
  events(events: readonly KeyEvent[], revision: number): void;
  /**
   * The events from the wanted revision on cannot be had any more (compacted), or etcd ended the watch: the caller lists again. Nothing follows. A
   * connection that breaks is not told: it is made again, to another member, from the next revision on.
   */
  lost(why: string): void;
}

export interface Watch {
  /** Begins anew on another member, from the revision after the last told one: for a watch that is silent. */
  restart(): void;
  close(): void;
}

export interface EtcdStatus {
  readonly version: string;
  /** Bytes of its database on disk, and of them in use. */
  readonly dbSize: number;
  readonly dbSizeInUse: number;
  /** "NOSPACE" and "CORRUPT", where raised. */
  readonly alarms: readonly string[];
}

/**
 * One cluster of etcd. A call goes to one member, and where that does not answer, to the next: only where asking twice does no harm. Each call has a
 * deadline. Rejects with EtcdUnreachable or EtcdRefused.
 */
export interface EtcdClient {
  /** Linearizable: what was acknowledged before the call is in it. */
  get(key: string): Promise<KeyValue | null>;
  /** Everything whose key begins so, as of one revision, in pages below. */
  list(prefix: string): Promise<Listing>;
  /** Never sent a second time by itself. EtcdUnreachable: it is unknown whether it was done, or still will be. */
  transact(transaction: Transaction): Promise<TransactionResult>;
  grantLease(ttlSeconds: number): Promise<LeaseId>;
  /** Gives it its full time again. How many seconds it has now: 0 where it has ended. */
  keepAlive(lease: LeaseId): Promise<number>;
  /** Its keys are deleted. One that has ended is no error. */
  revokeLease(lease: LeaseId): Promise<void>;
  /** The changes of everything whose key begins so, from `from` on, on a connection of its own. */
  watch(prefix: string, from: number, handlers: WatchHandlers): Watch;
  status(): Promise<EtcdStatus>;
  /** Ends every call and watch; leaves nothing open. */
  close(): Promise<void>;
}

/** No member gave an answer in time. Whether a write was done is unknown. */
export class EtcdUnreachable extends Error {
  override readonly name = "EtcdUnreachable";
}

/** An answer that says no: nothing was done. */
export class EtcdRefused extends Error {
  override readonly name = "EtcdRefused";
  readonly why: RefusalReason;

  constructor(why: RefusalReason, message: string) {
    super(message);
    this.why = why;
  }
}

/** `full`: its quota (NOSPACE); `too_large`: more than it takes in one request; `not_allowed`: user, password or certificate; `compacted`: that revision is gone. */
export type RefusalReason =
  | "full"
  | "too_large"
  | "not_allowed"
  | "compacted"
  | "no_lease"
  | "other";
