/** This server's copy of what the cluster keeps in etcd: one list, one watch, and transactions whose outcome is always found out. */
import type { Clock } from "../../shared/clock.js";
import { SyncError } from "../../shared/errors.js";
import type { EtcdClient, KeyEvent, KeyValue, Listing, Watch } from "../etcd/etcd.js";
import { inDoubt } from "./etcdRefusal.js";
import { Families } from "./families.js";
import { FreshView } from "./freshView.js";
import type { FamilyListener, KeyMirror, MirroredTransaction } from "./keyMirror.js";
import { OwnTransaction } from "./ownTransaction.js";
import { Progress } from "./progress.js";

export interface EtcdMirrorParts {
  readonly client: EtcdClient;
  /** Ends with a slash. */
  readonly prefix: string;
  readonly clock: Clock;
  /** Families of which there is one follower, and so much that their values are not kept here too. */
  readonly heavy: readonly string[];
  /** How long a transaction is tried. @default 10,000 */
  readonly transactMs?: number;
  /** Hears why the copy is made anew, and of listeners that throw. */
  readonly onTrouble: (why: string, error?: unknown) => void;
}

const TRANSACT_MS = 10_000;
const AGAIN_MS = 500;
const HEAR_MS = 2_000;

export class EtcdMirror implements KeyMirror {
  readonly freshness: FreshView;
  readonly #parts: EtcdMirrorParts;
  readonly #families: Families;
  readonly #progress: Progress;
  readonly #running = new Set<Promise<unknown>>();
  #watch: Watch | null = null;
  #cancelAgain = () => {};
  #isClosed = false;

  /** Resolves once everything is listed and the watch is on its way. Rejects as `EtcdClient.list`. */
  static async open(parts: EtcdMirrorParts): Promise<EtcdMirror> {
    const sentAt = parts.clock.elapsed();
    const listing = await parts.client.list(parts.prefix);
    return new EtcdMirror(parts, listing, sentAt);
  }

  private constructor(parts: EtcdMirrorParts, listing: Listing, sentAt: number) {
    this.#parts = parts;
    this.#families = new Families(parts.heavy, (error) =>
      parts.onTrouble("a reader of the store's keys has thrown", error),
    );
    this.#progress = new Progress(parts.clock);
    this.freshness = new FreshView({
      clock: parts.clock,
      sentAt,
      restart: () => this.#watch?.restart(),
      onListenerFailure: (error) => parts.onTrouble("a reader of freshness has thrown", error),
    });
    this.#takeListing(listing);
    this.#startWatch();
  }

  get revision(): number {
    return this.#progress.revision;
  }

  modOf(key: string): number {
    return this.#families.modOf(key);
  }

  follow(family: string, listener: FamilyListener): () => void {
    return this.#families.follow(family, listener);
  }

  async transact(transaction: MirroredTransaction): Promise<number | null> {
    if (this.#isClosed) throw new SyncError("shutting_down", "the server is stopping");
    const running = this.#transact(transaction);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async hear(key: string): Promise<void> {
    if (this.#isClosed || this.freshness.staleSince !== null) return;
    const { client, prefix, clock } = this.#parts;
    const until = clock.elapsed() + HEAR_MS;
    let giveUp = () => {};
    const late = new Promise<null>((resolve) => {
      giveUp = clock.after(HEAR_MS, () => resolve(null));
    });
    const found = await Promise.race([client.get(prefix + key).catch(() => null), late]);
    giveUp();
    if (found) await this.#progress.reached(found.mod, until);
  }

  /** Waits for transactions under way, and leaves no watch or timer behind. The client stays open. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    this.#cancelAgain();
    this.freshness.close();
    this.#progress.close();
    this.#watch?.close();
  }

  async #transact(transaction: MirroredTransaction): Promise<number | null> {
    const { client, prefix, clock, transactMs = TRANSACT_MS } = this.#parts;
    const until = clock.elapsed() + transactMs;
    const sentAt = clock.elapsed();
    const own = new OwnTransaction({ client, prefix, clock, until });
    const result = await own.run(transaction);
    if (result.kind === "done")
      this.#families.apply(own.eventsAt(transaction, result.revision), this.revision);
    // Other servers' doing is owed as well: a silent watch refuses everything, so that nothing of ours would ever be owed.
    this.freshness.owe(result.revision, sentAt);
    if (result.kind === "done") return result.revision;
    if (!(await this.#progress.reached(result.revision, until))) {
      if (result.kind === "refuted") throw behind();
      // It was done, and is told once the watch is back.
      throw inDoubt();
    }
    return result.kind === "found" ? result.mod : null;
  }

  #startWatch(): void {
    const { client, prefix } = this.#parts;
    this.#watch = client.watch(prefix, this.revision + 1, {
      events: (events, revision) => this.#hear(events, revision),
      lost: (why) => this.#begin(why),
    });
  }

  #hear(events: readonly KeyEvent[], revision: number): void {
    this.#families.apply(
      events.map((event) => this.#below(event)),
      revision,
    );
    this.#progress.moveTo(revision);
    this.freshness.sawUpTo(revision);
  }

  /** Lists again. What was missed is told as one change of each key. */
  #begin(why: string): void {
    this.#watch = null;
    if (this.#isClosed) return;
    this.#parts.onTrouble(why);
    this.#listAgain();
  }

  #listAgain(): void {
    const { client, prefix, clock } = this.#parts;
    const sentAt = clock.elapsed();
    const listing = client.list(prefix).then(
      (listing) => {
        if (this.#isClosed) return;
        this.#takeListing(listing);
        this.freshness.owe(listing.revision, sentAt);
        this.freshness.sawUpTo(listing.revision);
        this.#startWatch();
      },
      () => {
        if (!this.#isClosed)
          this.#cancelAgain = clock.after(AGAIN_MS, () => {
            this.#listAgain();
          });
      },
    );
    this.#running.add(listing);
    void listing.finally(() => this.#running.delete(listing));
  }

  #takeListing({ keys, revision }: Listing): void {
    this.#families.replace(
      keys.map((kv) => ({ ...kv, key: this.#cut(kv.key) })),
      revision,
    );
    this.#progress.moveTo(revision);
  }

  #below(event: KeyEvent): KeyEvent {
    if (event.kind === "delete") return { ...event, key: this.#cut(event.key) };
    const kv: KeyValue = { ...event.kv, key: this.#cut(event.kv.key) };
    return { kind: "put", kv };
  }

  #cut(key: string): string {
    return key.slice(this.#parts.prefix.length);
  }
}

const behind = (): SyncError =>
  new SyncError("unavailable", "this server cannot follow the store just now; nothing changed", {
    retryAfter: 2,
  });
