/** The leases of drivers from outside, each bound to a lease of etcd: it ends by etcd's clock, whichever servers the driver was heard on. */
import * as z from "zod";
import type { Clock } from "../../../../shared/clock.js";
import { Listeners } from "../../../../shared/listeners.js";
import type { FamilyEvent, KeyMirror } from "../../../cluster/keyMirror.js";
import type { EtcdClient, LeaseId, Operation } from "../../../etcd/etcd.js";
import { readJsonValue } from "../../../etcd/jsonValue.js";
import type { WorkflowRecord } from "../record.js";
import type { SharedLeases } from "../store.js";
import { DRIVERS, driverKey } from "./etcdKeys.js";

const DriverLease = z.object({ token: z.int(), lease: z.string().regex(/^\d+$/) });
type DriverLease = z.infer<typeof DriverLease>;

interface DriverLeasesParts {
  readonly client: Pick<EtcdClient, "grantLease" | "keepAlive">;
  readonly mirror: Pick<KeyMirror, "follow">;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly onListenerFailure: (error: unknown) => void;
}

type Lease = NonNullable<WorkflowRecord["lease"]>;

/** The lease of a driver from outside: those of our own runners end with their process. */
const ofDriver = (record: WorkflowRecord | null): Lease | null =>
  record?.lease && record.lease.boot_id === undefined ? record.lease : null;

/** So often within the time of a lease it is kept alive at most. */
const RENEWALS = 6;

export class DriverLeases implements SharedLeases {
  readonly #parts: DriverLeasesParts;
  readonly #held = new Map<string, DriverLease>();
  readonly #renewedAt = new Map<string, number>();
  readonly #ends: Listeners<{ workflow_id: string; token: number }>;
  readonly #stop: () => void;

  constructor(parts: DriverLeasesParts) {
    this.#parts = parts;
    this.#ends = new Listeners(parts.onListenerFailure);
    this.#stop = parts.mirror.follow(DRIVERS, (event) => this.#hear(event));
  }

  renew(workflow_id: string, token: number): void {
    const held = this.#held.get(workflow_id);
    if (held?.token !== token) return;
    const { client, clock, leaseMs } = this.#parts;
    const since = clock.elapsed() - (this.#renewedAt.get(workflow_id) ?? Number.NEGATIVE_INFINITY);
    if (since < leaseMs / RENEWALS) return;
    this.#renewedAt.set(workflow_id, clock.elapsed());
    // Where etcd does not answer, the driver's next word tries again.
    client.keepAlive(held.lease).catch(() => void this.#renewedAt.delete(workflow_id));
  }

  onEnd(listener: (workflow_id: string, token: number) => void): () => void {
    return this.#ends.listen(({ workflow_id, token }) => listener(workflow_id, token));
  }

  /** Whether the driver that this record names is known to be gone. */
  isGone(record: WorkflowRecord | null): boolean {
    return ofDriver(record) !== null && !this.#held.has(record!.workflow_id);
  }

  /** The part of a commit that is about the driver's lease. Rejects as the client. */
  async change(
    base: WorkflowRecord | null,
    next: WorkflowRecord | null,
  ): Promise<{ readonly mustBeThere: boolean; readonly writes: readonly Operation[] }> {
    const [before, after] = [ofDriver(base), ofDriver(next)];
    const key = driverKey((next ?? base)!.workflow_id);
    if (after === null)
      return { mustBeThere: false, writes: before === null ? [] : [{ delete: key }] };
    if (after.token === before?.token) return { mustBeThere: true, writes: [] };
    const lease = await this.#parts.client.grantLease(Math.ceil(this.#parts.leaseMs / 1_000));
    const value = Buffer.from(JSON.stringify({ token: after.token, lease } satisfies DriverLease));
    return { mustBeThere: false, writes: [{ put: key, value, lease: lease as LeaseId }] };
  }

  close(): void {
    this.#stop();
  }

  #hear(event: FamilyEvent): void {
    const workflow_id = event.key;
    const held = this.#held.get(workflow_id);
    if (event.kind === "put") {
      const lease = readJsonValue(DriverLease, event.value);
      if (lease) this.#held.set(workflow_id, lease);
      return;
    }
    this.#held.delete(workflow_id);
    this.#renewedAt.delete(workflow_id);
    // Also where the driver gave it back: whoever hears this looks whether the record names it still.
    if (held) this.#ends.tell({ workflow_id, token: held.token });
  }
}
