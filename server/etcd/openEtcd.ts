/** The client of etcd over its JSON gateway, which every member serves on its ordinary port: plain HTTP, no package. */
import type { z } from "zod";
import type { Clock } from "../../shared/clock.js";
import {
  AlarmAnswer,
  FoundAnswer,
  KeptAnswer,
  LeaseAnswer,
  RangeAnswer,
  StatusAnswer,
  TransactionAnswer,
} from "./answers.js";
import { Calls, type Manner, type Tokens } from "./calls.js";
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
import { pageOf, readOf, transactionOf } from "./requests.js";
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
    const { keys } = await this.#ask(RangeAnswer, "/v3/kv/range", readOf(key));
    return keys[0] ?? null;
  }

  list(prefix: string): Promise<Listing> {
    return listAll(prefix, (from, revision, limit) =>
      this.#ask(RangeAnswer, "/v3/kv/range", pageOf(prefix, from, revision, limit)),
    );
  }

  async transact(transaction: Transaction): Promise<TransactionResult> {
    const body = transactionOf(transaction);
    const answer = await this.#ask(TransactionAnswer, "/v3/kv/txn", body, "once");
    const { succeeded, header, responses } = answer;
    const found = succeeded ? [] : responses.map((response) => FoundAnswer.safeParse(response));
    if (found.some(({ success }) => !success)) {
      throw new EtcdUnreachable("etcd answered a transaction with something that it does not say");
    }
    return { succeeded, revision: header.revision, found: found.map(({ data }) => data ?? null) };
  }

  async grantLease(ttlSeconds: number): Promise<LeaseId> {
    const body = { TTL: String(ttlSeconds) };
    return (await this.#ask(LeaseAnswer, "/v3/lease/grant", body)).ID;
  }

  async keepAlive(lease: LeaseId): Promise<number> {
    return (await this.#ask(KeptAnswer, "/v3/lease/keepalive", { ID: lease })).result.TTL;
  }

  async revokeLease(lease: LeaseId): Promise<void> {
    try {
      await this.#ask(LeaseAnswer.partial(), "/v3/lease/revoke", { ID: lease });
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
    const status = await this.#ask(StatusAnswer, "/v3/maintenance/status", {});
    const alarms = await this.#ask(AlarmAnswer, "/v3/maintenance/alarm", { action: "GET" });
    return { ...status, alarms };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const watching of this.#watches) watching.close();
    this.#calls.close();
    await this.#transport.close();
  }

  #ask<T>(
    schema: z.ZodType<T>,
    path: string,
    body: unknown,
    manner: Manner = "repeatable",
  ): Promise<T> {
    if (this.#isClosed) return Promise.reject(new EtcdUnreachable("the client is closed"));
    return this.#calls.ask(schema, { path, body, manner }, this.#tokens);
  }
}
