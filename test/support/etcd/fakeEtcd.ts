/** An etcd in memory, for tests that hold time: keys, transactions, leases that end, watches. Answers in the next turn. */
import {
  type Compare,
  type EtcdClient,
  EtcdUnreachable,
  type KeyEvent,
  type KeyValue,
  type LeaseId,
  type TransactionResult,
  type WatchHandlers,
} from "../../../server/etcd/etcd.js";
import type { Clock } from "../../../shared/clock.js";

/** Whether a condition of a transaction holds. */
export function holdsAmong(
  keys: ReadonlyMap<string, KeyValue>,
  { key, target, is, than }: Compare,
): boolean {
  const value = keys.get(key)?.[target] ?? 0;
  return is === "equal" ? value === than : is === "less" ? value < than : value > than;
}

export class FakeEtcd {
  revision = 1;
  readonly keys = new Map<string, KeyValue>();
  readonly #clock: Clock;
  readonly #leases = new Map<LeaseId, { readonly ms: number; cancel: () => void }>();
  readonly #watches = new Set<{ readonly prefix: string; readonly handlers: WatchHandlers }>();
  #lastLease = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many leases there are. */
  get leases(): number {
    return this.#leases.size;
  }

  /** A client that can be cut off, from what it asks and from what it hears. */
  client(): FakeClient {
    return new FakeClient(this);
  }

  transact(compare: readonly Compare[], run: () => KeyEvent[], get: readonly string[]) {
    const holds = compare.every((one) => holdsAmong(this.keys, one));
    const found = holds ? [] : get.map((key) => this.keys.get(key) ?? null);
    if (holds) this.change(run);
    return { succeeded: holds, revision: this.revision, found } satisfies TransactionResult;
  }

  change(run: () => KeyEvent[]): void {
    this.revision += 1;
    const events = run();
    if (events.length === 0) this.revision -= 1;
    for (const { prefix, handlers } of [...this.#watches]) {
      const heard = events.filter((one) => keyOf(one).startsWith(prefix));
      if (heard.length > 0) handlers.events(heard, this.revision);
    }
  }

  put(key: string, value: Buffer, lease: LeaseId | null): KeyEvent {
    const create = this.keys.get(key)?.create ?? this.revision;
    const kv = { key, value, mod: this.revision, create, lease };
    this.keys.set(key, kv);
    return { kind: "put", kv };
  }

  delete(key: string): KeyEvent[] {
    return this.keys.delete(key) ? [{ kind: "delete", key, mod: this.revision }] : [];
  }

  grant(seconds: number): LeaseId {
    const id = String(++this.#lastLease);
    this.#leases.set(id, { ms: seconds * 1_000, cancel: () => {} });
    this.keepAlive(id);
    return id;
  }

  keepAlive(id: LeaseId): number {
    const lease = this.#leases.get(id);
    if (!lease) return 0;
    lease.cancel();
    lease.cancel = this.#clock.after(lease.ms, () => this.endLease(id));
    return lease.ms / 1_000;
  }

  endLease(id: LeaseId): void {
    this.#leases.get(id)?.cancel();
    this.#leases.delete(id);
    const bound = [...this.keys.values()].filter(({ lease }) => lease === id);
    if (bound.length > 0) this.change(() => bound.flatMap(({ key }) => this.delete(key)));
  }

  hasLease(id: LeaseId): boolean {
    return this.#leases.has(id);
  }

  watch(watching: { readonly prefix: string; readonly handlers: WatchHandlers }) {
    this.#watches.add(watching);
    return () => void this.#watches.delete(watching);
  }
}

const keyOf = (event: KeyEvent): string => (event.kind === "put" ? event.kv.key : event.key);

class FakeClient implements EtcdClient {
  /** Its questions do not arrive. */
  isCut = false;
  /** The answer to its next transaction is lost; what it asked for was done. */
  losesAnswer = false;
  readonly #etcd: FakeEtcd;

  constructor(etcd: FakeEtcd) {
    this.#etcd = etcd;
  }

  get = (key: string) => this.#ask(() => this.#etcd.keys.get(key) ?? null);

  list = (prefix: string) =>
    this.#ask(() => ({
      keys: [...this.#etcd.keys.values()].filter(({ key }) => key.startsWith(prefix)),
      revision: this.#etcd.revision,
    }));

  transact: EtcdClient["transact"] = ({ compare, writes, orElseGet = [] }) =>
    this.#ask(() => {
      const result = this.#etcd.transact(
        compare,
        () =>
          writes.flatMap((one) =>
            "put" in one
              ? [this.#etcd.put(one.put, one.value, one.lease ?? null)]
              : this.#etcd.delete(one.delete),
          ),
        orElseGet,
      );
      if (!this.losesAnswer) return result;
      this.losesAnswer = false;
      throw new EtcdUnreachable("the answer was lost");
    });

  grantLease = (seconds: number) => this.#ask(() => this.#etcd.grant(seconds));
  keepAlive = (lease: LeaseId) => this.#ask(() => this.#etcd.keepAlive(lease));
  revokeLease = (lease: LeaseId) => this.#ask(() => this.#etcd.endLease(lease));
  status = () =>
    this.#ask(() => ({ version: "3.4.23", dbSize: 0, dbSizeInUse: 0, alarms: [] as string[] }));

  watch: EtcdClient["watch"] = (prefix, _from, handlers) => {
    const close = this.#etcd.watch({ prefix, handlers });
    return { restart: () => {}, close };
  };

  close = async () => {};

  async #ask<T>(answer: () => T): Promise<T> {
    await Promise.resolve();
    if (this.isCut) throw new EtcdUnreachable("cut off");
    return answer();
  }
}
