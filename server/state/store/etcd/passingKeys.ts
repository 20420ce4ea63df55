/** One lease of etcd for all keys that are needed for a while only: they go by themselves. */
import type { Clock } from "../../../../shared/clock.js";
import type { EtcdClient, LeaseId } from "../../../etcd/etcd.js";

/** Longer than any client repeats a request, and than any picture from which something is decided is old. */
const KEPT_SECONDS = 3_600;
/** Keys of this time share one lease. */
const SHARED_MS = 600_000;

export class PassingKeys {
  readonly #client: Pick<EtcdClient, "grantLease">;
  readonly #clock: Clock;
  #lease: { readonly id: Promise<LeaseId>; readonly at: number } | null = null;

  constructor({ client, clock }: { client: Pick<EtcdClient, "grantLease">; clock: Clock }) {
    this.#client = client;
    this.#clock = clock;
  }

  /** A key that is put under it now is there for at least fifty minutes. Rejects as the client. */
  lease(): Promise<LeaseId> {
    const now = this.#clock.elapsed();
    if (this.#lease === null || now - this.#lease.at > SHARED_MS) {
      const id = this.#client.grantLease(KEPT_SECONDS);
      this.#lease = { id, at: now };
      id.catch(() => {
        this.#lease = null;
      });
    }
    return this.#lease.id;
  }
}
