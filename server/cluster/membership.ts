/** This server's own key among the nodes: claims the name, keeps it while the server lives, and knows how surely the others see it. */
import type { Clock } from "../../shared/clock.js";
import { type EtcdClient, EtcdRefused, type KeyValue, type LeaseId } from "../etcd/etcd.js";
import type { Log } from "../log/log.js";
import type { NodeView, Stay } from "./cluster.js";
import { ClusterRefused } from "./clusterRefused.js";
import { awayKeyOf, nodeKeyOf, readNodeKey } from "./nodeKey.js";
import { AWAY, NODE } from "./presence.js";

/** How long the others wait for a node that is silent. */
export const NODE_LEASE_S = 10;
const PUT_EVERY_MS = 2_000;
/** Before its lease can have ended a node is not sure of it any more. */
const SURE_MS = NODE_LEASE_S * 1_000 - 2_000;
const LOOK_EVERY_MS = 500;

export interface MembershipParts {
  readonly client: EtcdClient;
  readonly prefix: string;
  readonly clock: Clock;
  /** As in JoinParts. */
  readonly up: () => number | null;
  readonly log: Log;
  readonly view: NodeView;
  /** A put was acknowledged: whoever follows the keys has to hear of it. */
  readonly wrote: (revision: number, sentAt: number) => void;
}

export class Membership {
  readonly #parts: MembershipParts;
  #view: NodeView;
  #lease: LeaseId | null = null;
  /** Of our key; null where it is not ours, as far as we know. */
  #mod: number | null = null;
  #seq = 0;
  /** When the keep-alive was sent that was acknowledged last. */
  #sureFrom: Moment | null = null;
  #stays = 0;
  #isContinued = false;
  #cancel = () => {};
  #beating: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** Resolves once the name is ours. Rejects with ClusterRefused where another living server has it, and as the client does. */
  static async claim(parts: MembershipParts): Promise<Membership> {
    const own = new Membership(parts);
    try {
      await own.#takeName();
    } catch (error) {
      await own.close();
      throw error;
    }
    own.#arm(PUT_EVERY_MS);
    return own;
  }

  private constructor(parts: MembershipParts) {
    this.#parts = parts;
    this.#view = parts.view;
  }

  get view(): NodeView {
    return this.#view;
  }

  get isSure(): boolean {
    if (this.#sureFrom === null) return false;
    const { elapsed, up } = this.#now();
    // While the machine sleeps no elapsed time passes, and the others wait no longer for that.
    const slept = up !== null && this.#sureFrom.up !== null ? (up - this.#sureFrom.up) * 1_000 : 0;
    return Math.max(elapsed - this.#sureFrom.elapsed, slept) < SURE_MS;
  }

  get stay(): Stay | null {
    const { up = null } = this.#sureFrom ?? {};
    if (up === null) return null;
    const [count, isContinued] = [this.#stays, this.#stays === 0 && this.#isContinued];
    return { count, isContinued, until: up + SURE_MS / 1_000 };
  }

  /** From the next put on the others find it there, and that is at once. */
  reachedAt(url: string): void {
    if (this.#isClosed || url === this.#view.url) return;
    this.#view = { ...this.#view, url };
    this.#arm(0);
  }

  /**
   * Says goodbye: the others see it leave at once. Without `goodbye`, and where etcd cannot be reached, they see that when its lease ends: a server that comes
   * back before that was never away. Leaves no timer.
   */
  async close(goodbye = true): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#beating;
    this.#sureFrom = null;
    if (!goodbye) return;
    const { client, clock, log } = this.#parts;
    try {
      const since = new Date(clock.now()).toISOString();
      if (this.#mod !== null) {
        await client.transact({
          compare: [{ key: this.#key, target: "mod", is: "equal", than: this.#mod }],
          writes: [{ delete: this.#key }, { put: this.#awayKey, value: awayKeyOf(since) }],
        });
      }
      if (this.#lease !== null) await client.revokeLease(this.#lease);
    } catch (error) {
      log.debug({ err: error }, "etcd did not hear this node's goodbye");
    }
  }

  get #key(): string {
    return `${this.#parts.prefix}${NODE}${this.#view.name}`;
  }

  get #awayKey(): string {
    return `${this.#parts.prefix}${AWAY}${this.#view.name}`;
  }

  /** A server that was killed a moment ago still seems to be there: whether it lives, its key tells by changing. */
  async #takeName(): Promise<void> {
    const { clock } = this.#parts;
    const until = clock.elapsed() + NODE_LEASE_S * 1_000 + PUT_EVERY_MS;
    let seen: number | null = null;
    for (;;) {
      const holder = await this.#put("any boot");
      if (holder === null) return;
      const lives = seen !== null && holder.mod !== seen;
      if (lives || clock.elapsed() >= until) throw taken(this.#view.name);
      seen = holder.mod;
      await new Promise<void>((resolve) => clock.after(LOOK_EVERY_MS, resolve));
    }
  }

  #now(): Moment {
    return { elapsed: this.#parts.clock.elapsed(), up: this.#parts.up() };
  }

  #arm(ms: number): void {
    this.#cancel();
    this.#cancel = this.#parts.clock.after(ms, () => {
      const began = this.#parts.clock.elapsed();
      this.#beating = this.#beating
        .then(() => this.#beat())
        .finally(() => {
          const took = this.#parts.clock.elapsed() - began;
          if (!this.#isClosed) this.#arm(Math.max(0, PUT_EVERY_MS - took));
        });
    });
  }

  async #beat(): Promise<void> {
    if (this.#isClosed) return;
    const { log } = this.#parts;
    try {
      const isKnown = this.#sureFrom !== null;
      const holder = await this.#put("this boot");
      if (holder !== null && this.#sureFrom !== null) this.#endStay();
      if (holder !== null && isKnown)
        log.error({ node: this.#view.name }, "another server has taken this node's name");
    } catch (error) {
      log.debug({ err: error }, "this node's key could not be renewed");
    }
  }

  /** Renews our lease and our key. Resolves with null, or with the key of another server that has our name. */
  async #put(taking: "any boot" | "this boot"): Promise<KeyValue | null> {
    const sentAt = this.#now();
    const lease = await this.#livingLease();
    // The key goes with its lease: while that holds, and the key is ours, the others see us.
    if (this.#mod !== null) this.#sureFrom = sentAt;
    let from = this.#mod;
    // Each turn knows more of the key than the one before, or somebody else changes it without end.
    for (let turn = 0; turn < 3; turn++) {
      const found = await this.#putOver(from, lease, sentAt);
      if (found === "done") return null;
      this.#mod = null;
      const isOurs = found !== null && this.#isOurs(found, taking);
      // It was there, and is gone, or another's.
      if (from !== null && !isOurs) this.#endStay();
      if (taking === "any boot") this.#isContinued = isOurs && !this.#isOurs(found, "this boot");
      if (found !== null && !isOurs) return found;
      from = found?.mod ?? null;
    }
    return null;
  }

  async #livingLease(): Promise<LeaseId> {
    const { client, log } = this.#parts;
    if (this.#lease !== null && (await client.keepAlive(this.#lease)) > 0) return this.#lease;
    if (this.#lease !== null) {
      const words = "this node's lease had ended: the others took it for lost";
      log.warn({ node: this.#view.name }, words);
      this.#endStay();
    }
    this.#lease = null;
    this.#lease = await client.grantLease(NODE_LEASE_S);
    return this.#lease;
  }

  /** The others have seen our key go. */
  #endStay(): void {
    this.#stays++;
    this.#mod = null;
    this.#sureFrom = null;
  }

  async #putOver(
    from: number | null,
    lease: LeaseId,
    sentAt: Moment,
  ): Promise<"done" | KeyValue | null> {
    const { client, wrote, log } = this.#parts;
    try {
      const { succeeded, revision, found } = await client.transact({
        compare: [{ key: this.#key, target: "mod", is: "equal", than: from ?? 0 }],
        writes: [
          { put: this.#key, value: nodeKeyOf(this.#view, ++this.#seq), lease },
          ...(from === null ? [{ delete: this.#awayKey }] : []),
        ],
        orElseGet: [this.#key],
      });
      if (!succeeded) return found[0] ?? null;
      this.#mod = revision;
      this.#sureFrom = sentAt;
      wrote(revision, sentAt.elapsed);
      return "done";
    } catch (error) {
      // A full store refuses the put, but our key is there, and its lease was renewed.
      if (this.#mod === null || !(error instanceof EtcdRefused && error.why === "full"))
        throw error;
      log.debug({ err: error }, "the store is full: this node's key stays as it is");
      return "done";
    }
  }

  #isOurs({ value }: KeyValue, taking: "any boot" | "this boot"): boolean {
    const holder = readNodeKey(value);
    if (holder?.store_id !== this.#view.store_id) return false;
    return taking === "any boot" || holder.boot_id === this.#view.boot_id;
  }
}

/** On two clocks: elapsed time, and seconds that the machine has been up. */
interface Moment {
  readonly elapsed: number;
  readonly up: number | null;
}

const taken = (name: string): ClusterRefused =>
  new ClusterRefused(`another server of this cluster is called ${name}: give --node another name`);
