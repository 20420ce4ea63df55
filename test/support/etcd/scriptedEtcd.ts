/** A client of etcd in memory, whose answers a test can hold back, lose or replace: for what real members do only seldom. */
import {
  type EtcdClient,
  EtcdUnreachable,
  type KeyEvent,
  type KeyValue,
  type Operation,
  type Transaction,
  type TransactionResult,
  type WatchHandlers,
} from "../../../server/etcd/etcd.js";
import { holdsAmong } from "./fakeEtcd.js";

/** The fate of one transaction: `lost answer` is done, and nobody hears of it. */
export type Fate = "as usual" | "lost answer" | "never came";

export class ScriptedEtcd implements EtcdClient {
  readonly keys = new Map<string, KeyValue>();
  revision = 1;
  /** Of the transactions to come; "as usual" after that. */
  fates: Fate[] = [];
  /** How many came. */
  transactions = 0;
  /** How often a watch was begun anew on another member. */
  restarts = 0;
  /** While it is false, the watch is silent and what happens is remembered. */
  isWatchHeard = true;
  #watcher: { handlers: WatchHandlers; prefix: string } | null = null;
  #unheard: { events: KeyEvent[]; revision: number }[] = [];

  async get(key: string): Promise<KeyValue | null> {
    return this.keys.get(key) ?? null;
  }

  async list(prefix: string) {
    const keys = [...this.keys.values()].filter(({ key }) => key.startsWith(prefix));
    return { keys, revision: this.revision };
  }

  async transact(transaction: Transaction): Promise<TransactionResult> {
    this.transactions += 1;
    const fate = this.fates.shift() ?? "as usual";
    if (fate === "never came") throw new EtcdUnreachable("no answer");
    const result = this.#carryOut(transaction);
    if (fate === "lost answer") throw new EtcdUnreachable("no answer");
    return result;
  }

  /** As another server would. */
  put(key: string, value: string): void {
    this.#carryOut({ compare: [], writes: [{ put: key, value: Buffer.from(value) }] });
  }

  delete(key: string): void {
    this.#carryOut({ compare: [], writes: [{ delete: key }] });
  }

  /** Tells what the watch did not. */
  hear(): void {
    this.isWatchHeard = true;
    for (const { events, revision } of this.#unheard.splice(0))
      this.#watcher?.handlers.events(events, revision);
  }

  /** What happened since is compacted. */
  loseWatch(): void {
    this.#unheard = [];
    const watcher = this.#watcher;
    this.#watcher = null;
    watcher?.handlers.lost("compacted");
  }

  watch(prefix: string, _from: number, handlers: WatchHandlers) {
    this.#watcher = { handlers, prefix };
    return {
      restart: () => {
        this.restarts += 1;
      },
      close: () => {
        this.#watcher = null;
      },
    };
  }

  async grantLease() {
    return "7";
  }
  async keepAlive() {
    return 10;
  }
  async revokeLease() {}
  async status() {
    return { version: "3.4.23", dbSize: 0, dbSizeInUse: 0, alarms: [] };
  }
  async close() {}

  #carryOut({ compare, writes, orElseGet = [] }: Transaction): TransactionResult {
    if (!compare.every((one) => holdsAmong(this.keys, one))) {
      const found = orElseGet.map((key) => this.keys.get(key) ?? null);
      return { succeeded: false, revision: this.revision, found };
    }
    this.revision += 1;
    const events = writes.flatMap((operation) => this.#write(operation));
    this.#tell(events);
    return { succeeded: true, revision: this.revision, found: [] };
  }

  #write(operation: Operation): KeyEvent[] {
    const mod = this.revision;
    if ("delete" in operation) {
      const key = operation.delete;
      return this.keys.delete(key) ? [{ kind: "delete", key, mod }] : [];
    }
    const { put: key, value } = operation;
    const kv = { key, value, mod, create: this.keys.get(key)?.create ?? mod, lease: null };
    this.keys.set(key, kv);
    return [{ kind: "put", kv }];
  }

  #tell(all: KeyEvent[]): void {
    const { revision } = this;
    const prefix = this.#watcher?.prefix ?? "";
    const events = all.filter((event) =>
      (event.kind === "put" ? event.kv.key : event.key).startsWith(prefix),
    );
    if (!this.isWatchHeard) this.#unheard.push({ events, revision });
    // A watch hears of what is done later than whoever did it, or earlier.
    else this.#watcher?.handlers.events(events, revision);
  }
}
