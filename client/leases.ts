/** The leases this client holds as a driver. */

export interface LeaseOptions {
  /** Shown to watchers as `driver.name`. */
  readonly driver: string;
  /** Told once, when the lease turns out to be somebody else's or over. */
  readonly onLost?: (why: Error) => void;
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number | undefined;
}

export interface Lease {
  readonly workflow_id: string;
  readonly token: number;
  readonly lease_ms: number;
  /** Gives the lease back. Never rejects: what cannot be given back ends by itself. */
  release(): Promise<void>;
}
