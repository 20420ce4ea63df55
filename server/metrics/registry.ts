/** The registry that a server's metrics stand in: one of its own, or one of the program that it is a part of. */
import type { Registry } from "prom-client";
import { optionalPackage } from "./optionalPackage.js";

/** A registry of prom-client, of whatever version 15 or later: the metrics of a program that embeds Instep. */
export interface MetricsRegistry {
  readonly contentType: string;
  /** The text of all that is in it. */
  metrics(): Promise<string>;
  registerMetric(metric: never): void;
  removeSingleMetric(name: string): void;
}

/** The part of prom-client that makes metrics. */
export type Prom = Pick<
  typeof import("prom-client"),
  "Counter" | "Gauge" | "Histogram" | "Registry" | "collectDefaultMetrics"
>;

/** Rejects with PackageMissing where prom-client is not installed. */
export const loadProm = (load: () => Promise<Prom> = () => import("prom-client")): Promise<Prom> =>
  optionalPackage("metrics", "prom-client", load);

let ofProcess: Registry | null = null;

/**
 * The metrics of the process itself: processor time, memory, event loop lag, garbage collection. Made once, for all servers in it, as
 * their observers live as long as the process does.
 */
export function processMetrics({ Registry, collectDefaultMetrics }: Prom): MetricsRegistry {
  if (ofProcess === null) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}
