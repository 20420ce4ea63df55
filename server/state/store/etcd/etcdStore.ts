/** The store of a cluster: records in etcd, with this server's copy of them in memory. Every change is a compare-and-set. */
import { randomBytes } from "node:crypto";
import type { Clock } from "../../../../shared/clock.js";
import { refusalOf } from "../../../cluster/etcdRefusal.js";
import type { KeyMirror } from "../../../cluster/keyMirror.js";
import type { Compare, EtcdClient, Operation } from "../../../etcd/etcd.js";
import { isLive, type WorkflowRecord } from "../record.js";
import {
  type CommitListener,
  type Damage,
  LeaseGone,
  RequestTaken,
  type Store,
  StoreConflict,
} from "../store.js";
import { Contention } from "./contention.js";
import { DriverLeases } from "./driverLeases.js";
import { documentKey, driverKey, groupKey, pastKey, requestKey } from "./etcdKeys.js";
import { KnownRecords } from "./knownRecords.js";
import { PassingKeys } from "./passingKeys.js";
import { encodeValue, wasWrittenBy } from "./recordValue.js";
import { Requests } from "./requests.js";
import { Starts } from "./starts.js";

export interface EtcdStoreParts {
  readonly client: EtcdClient;
  readonly mirror: KeyMirror;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly onListenerFailure: (error: unknown) => void;
  /** Hears of values that are none of ours. They are left as they are. */
  readonly onUnreadable: (key: string, error: unknown) => void;
}

/** The parts of one change. */
interface Change {
  readonly compare: readonly Compare[];
  readonly writes: readonly Operation[];
  readonly witness?: { readonly key: string; readonly isOurs: (found: Buffer | null) => boolean };
}

export class EtcdStore implements Store {
  readonly open: ReadonlyMap<string, WorkflowRecord>;
  readonly history: ReadonlyMap<string, WorkflowRecord>;
  readonly leases: DriverLeases;
  readonly #parts: EtcdStoreParts;
  readonly #known: KnownRecords;
  readonly #passing: PassingKeys;
  readonly #requests: Requests;
  readonly #starts: Starts;
  readonly #contention: Contention;
  readonly #changing = new Set<string>();
  readonly #running = new Set<Promise<void>>();

  /** The mirror has been opened: what it has is here when this returns. */
  constructor(parts: EtcdStoreParts) {
    this.#parts = parts;
    this.#known = new KnownRecords(parts);
    this.open = this.#known.open;
    this.history = this.#known.history;
    this.leases = new DriverLeases(parts);
    this.#passing = new PassingKeys(parts);
    this.#requests = new Requests({ ...parts, passing: this.#passing });
    this.#contention = new Contention({ ...parts, passing: this.#passing });
    this.#starts = new Starts(parts.mirror, this.#contention);
  }

  get damaged(): readonly Damage[] {
    return this.#known.damaged;
  }

  get at(): number {
    return this.#parts.mirror.revision;
  }

  get lastOrder(): number {
    return this.#starts.highest;
  }

  commit(next: WorkflowRecord, base: WorkflowRecord | null, at = this.at): Promise<void> {
    return this.#change(next.workflow_id, base, async () => {
      const isStart = isLive(next) && !(isLive(base) && base.epoch === next.epoch);
      const change = await this.#commitOf(next, base, at);
      const kept = isStart
        ? await this.#starts.inTurn(next.order, (own) => this.#transact(change, own))
        : await this.#transact(change);
      if (kept) return;
      if (this.leases.isGone(base) && base?.lease?.token === next.lease?.token)
        throw new LeaseGone("the driver's lease has ended");
      const taken = isStart ? this.#requests.takenBy(next) : null;
      if (taken) throw new RequestTaken(taken.requestId, taken.workflow_id);
      throw moved(next.workflow_id);
    });
  }

  archive(base: WorkflowRecord): Promise<void> {
    const { workflow_id, epoch } = base;
    return this.#change(workflow_id, base, async () => {
      const write = nameOfWrite();
      const { value } = encodeValue(base, write);
      const key = pastKey(epoch);
      this.#known.send(key, value, base, [write]);
      // First what it becomes: who hears that it is gone finds it in the history.
      const isKept = await this.#transact({
        compare: [this.#isStill(documentKey(workflow_id))],
        writes: [{ put: key, value }, ...(await this.#removal(base))],
        witness: { key, isOurs: (found) => wasWrittenBy(write, found) },
      });
      if (!isKept) throw moved(workflow_id);
    });
  }

  remove(base: WorkflowRecord): Promise<void> {
    const { workflow_id } = base;
    return this.#change(workflow_id, base, async () => {
      const key = documentKey(workflow_id);
      const isKept = await this.#transact({
        compare: [this.#isStill(key)],
        writes: await this.#removal(base),
        // It is gone, whoever was first.
        witness: { key, isOurs: (found) => found === null },
      });
      if (!isKept) throw moved(workflow_id);
    });
  }

  async forget(epoch: string): Promise<void> {
    if (!this.history.has(epoch)) return;
    const key = pastKey(epoch);
    await this.#while(async () => {
      // Where another server has done it meanwhile, it is done.
      await this.#transact({ compare: [this.#isStill(key)], writes: [{ delete: key }] });
    });
  }

  hear(workflow_id: string): Promise<void> {
    return this.#parts.mirror.hear(documentKey(workflow_id));
  }

  listen(listener: CommitListener): () => void {
    return this.#known.listen(listener);
  }

  /** The mirror and the client stay open. */
  async close(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    this.leases.close();
    this.#requests.close();
    this.#starts.close();
    this.#contention.close();
    this.#known.close();
  }

  async #commitOf(next: WorkflowRecord, base: WorkflowRecord | null, at: number): Promise<Change> {
    const key = documentKey(next.workflow_id);
    const write = nameOfWrite();
    const { value, writes } = encodeValue(next, write, this.#known.writesOf(next.workflow_id));
    this.#known.send(key, value, next, writes);
    const driver = await this.leases.change(base, next);
    const group = groupTaken(base, next);
    const request = await this.#requests.claim(base, next);
    return {
      compare: [
        this.#isStill(key),
        ...(driver.mustBeThere ? [isThere(driverKey(next.workflow_id))] : []),
        ...(group === null ? [] : [isBefore(groupKey(group), at)]),
        ...request.map(({ requestId }) => isMissing(requestKey(requestId))),
      ],
      writes: [
        { put: key, value },
        ...driver.writes,
        ...(group === null ? [] : [await this.#turnIn(group)]),
        ...request.map(({ operation }) => operation),
        ...this.#contention.thanks(key),
      ],
      witness: { key, isOurs: (found) => wasWrittenBy(write, found) },
    };
  }

  /** A turn in this group that is decided from an earlier picture is refused. */
  async #turnIn(group: string): Promise<Operation> {
    const lease = await this.#passing.lease();
    return { put: groupKey(group), value: Buffer.from(group), lease };
  }

  async #removal(base: WorkflowRecord): Promise<Operation[]> {
    const { writes } = await this.leases.change(base, null);
    const key = documentKey(base.workflow_id);
    return [{ delete: key }, ...writes, ...this.#contention.thanks(key)];
  }

  async #transact(change: Change, beside: Partial<Change> = {}): Promise<boolean> {
    const revision = await this.#parts.mirror.transact({
      ...change,
      compare: [...change.compare, ...(beside.compare ?? [])],
      writes: [...change.writes, ...(beside.writes ?? [])],
    });
    return revision !== null;
  }

  async #change(
    id: string,
    base: WorkflowRecord | null,
    change: () => Promise<void>,
  ): Promise<void> {
    const aside = this.#contention.standAside(documentKey(id));
    if (aside) await aside;
    if ((this.open.get(id) ?? null) !== base || this.#changing.has(id)) throw moved(id);
    this.#changing.add(id);
    try {
      await this.#while(change);
      this.#contention.won(documentKey(id));
    } catch (error) {
      // Starts contend for their numbers, not for a record.
      if (error instanceof StoreConflict && base) await this.#contention.lost(documentKey(id));
      throw error;
    } finally {
      this.#changing.delete(id);
      this.#known.sent(documentKey(id));
      if (base) this.#known.sent(pastKey(base.epoch));
    }
  }

  async #while(run: () => Promise<void>): Promise<void> {
    const running = run();
    this.#running.add(running);
    try {
      await running;
    } catch (error) {
      throw refusalOf(error);
    } finally {
      this.#running.delete(running);
    }
  }

  #isStill(key: string): Compare {
    return { key, target: "mod", is: "equal", than: this.#parts.mirror.modOf(key) };
  }
}

const nameOfWrite = (): string => randomBytes(9).toString("base64url");

const moved = (id: string): StoreConflict =>
  new StoreConflict(`${id} is no longer at the position this was made from`);

const isThere = (key: string): Compare => ({ key, target: "create", is: "greater", than: 0 });
const isMissing = (key: string): Compare => ({ key, target: "create", is: "equal", than: 0 });
const isBefore = (key: string, at: number): Compare => ({
  ...{ key, target: "mod", is: "less" },
  than: at + 1,
});

/** The concurrency group in which this change takes a turn for one of our runners; null for any other change. */
function groupTaken(base: WorkflowRecord | null, next: WorkflowRecord): string | null {
  const { lease, state } = next;
  const isTurn = lease?.boot_id !== undefined && base?.lease?.token !== lease.token;
  return isTurn ? (state?.concurrency?.group ?? null) : null;
}
