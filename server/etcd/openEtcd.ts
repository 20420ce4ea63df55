/** The client of etcd: its own gRPC on Node's HTTP/2, with as much of its messages as is needed, and no package. */
import type { Clock } from "../../shared/clock.js";
import {
  readAlarms,
  readLease,
  readNothing,
  readPage,
  readStatus,
  readTransaction,
} from "./answers.js";
import { Calls, type Manner, type ReadAnswer, type Tokens } from "./calls.js";
import {
  type EtcdClient,
  EtcdRefused,
  type EtcdStatus,
  EtcdUnreachable,
  type KeyValue,
  type LeaseId,
  type Listing,
  type Transaction,
  type TransactionResult,
  type Watch,
  type WatchHandlers,
} from "./etcd.js";
import { listAll } from "./listing.js";
import { type EtcdTls, Members } from "./members.js";
import { grantOf, leaseOf, NOTHING, pageOf, readOf, transactionOf } from "./requests.js";
import { type EtcdUser, NOBODY, Session } from "./session.js";
import { Transport } from "./transport.js";
import { Watching } from "./watching.js";

export interface EtcdOptions {
  /** `http://10.0.0.1:2379` of each member. */
  readonly endpoints: readonly string[];
  readonly tls?: EtcdTls | undefined;
  readonly auth?: EtcdUser | undefined;
  readonly clock: Clock;
  /** How long one member has for an answer: 2000 where nothing is said. */
  readonly tryMs?: number | undefined;
  /** How long a call may take with all its tries: 5000 where nothing is said. */
  readonly callMs?: number | undefined;
}

/** Opens no connection yet. Throws a TypeError where an endpoint is no http or https url. */
export function openEtcd(options: EtcdOptions): EtcdClient {
  return new GatewayClient(options);
}

class GatewayClient implements EtcdClient {
  readonly #clock: Clock;
  readonly #members: Members;
  readonly #transport: Transport;
  readonly #calls: Calls;
  readonly #tokens: Tokens;
  readonly #watches = new Set<Watching>();
  readonly #tryMs: number;
  #isClosed = false;

  constructor({ endpoints, tls = {}, auth, clock, tryMs = 2_000, callMs = 5_000 }: EtcdOptions) {
    this.#clock = clock;
    this.#tryMs = tryMs;
    this.#members = new Members(endpoints, tls);
    this.#transport = new Transport(this.#members.all, clock);
    const [members, transport] = [this.#members, this.#transport];
    this.#calls = new Calls({ members, transport, clock, times: { tryMs, callMs } });
    this.#tokens = auth === undefined ? NOBODY : new Session(this.#calls, auth);
  }

  async get(key: string): Promise<KeyValue | null> {
    const { keys } = await this.#ask(readPage, "KV/Range", readOf(key));
    return keys[0] ?? null;
  }

  list(prefix: string): Promise<Listing> {
    return listAll(prefix, (from, revision, limit) =>
      this.#ask(readPage, "KV/Range", pageOf(prefix, from, revision, limit)),
    );
  }

  async transact(transaction: Transaction): Promise<TransactionResult> {
    return this.#ask(readTransaction, "KV/Txn", transactionOf(transaction), "once");
  }

  async grantLease(ttlSeconds: number): Promise<LeaseId> {
    return (await this.#ask(readLease, "Lease/LeaseGrant", grantOf(ttlSeconds))).id;
  }

  async keepAlive(lease: LeaseId): Promise<number> {
    // A stream of any number of them; one message each is as good, and has a deadline.
    return (await this.#ask(readLease, "Lease/LeaseKeepAlive", leaseOf(lease))).ttl;
  }

  async revokeLease(lease: LeaseId): Promise<void> {
    try {
      await this.#ask(readNothing, "Lease/LeaseRevoke", leaseOf(lease));
    } catch (error) {
      if (!(error instanceof EtcdRefused && error.why === "no_lease")) throw error;
    }
  }

  watch(prefix: string, from: number, handlers: WatchHandlers): Watch {
    const watching = new Watching({
      members: this.#members,
      transport: this.#transport,
      tokens: this.#tokens,
      clock: this.#clock,
      openMs: this.#tryMs,
      prefix,
      from,
      handlers,
      ended: () => this.#watches.delete(watching),
    });
    if (this.#isClosed) return watching;
    this.#watches.add(watching);
    watching.begin();
    return watching;
  }

  async status(): Promise<EtcdStatus> {
    const status = await this.#ask(readStatus, "Maintenance/Status", NOTHING);
    const alarms = await this.#ask(readAlarms, "Maintenance/Alarm", NOTHING);
    return { ...status, alarms };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const watching of this.#watches) watching.close();
    this.#calls.close();
    await this.#transport.close();
  }

  #ask<T>(
    read: ReadAnswer<T>,
    method: string,
    message: Buffer,
    manner: Manner = "repeatable",
  ): Promise<T> {
    if (this.#isClosed) return Promise.reject(new EtcdUnreachable("the client is closed"));
    const asked = { path: `/etcdserverpb.${method}`, message, manner };
    return this.#calls.ask(read, asked, this.#tokens);
  }
}
