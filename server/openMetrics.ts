/** Joins the metrics of a server with its parts: who counts what, and where the rest is read. Without the option nothing of it is there. */
import { SyncError } from "../shared/errors.js";
import { isEnded, WORKFLOW_STATUSES } from "../shared/statuses.js";
import type { Parts } from "./assemble.js";
import type { Basis } from "./basis.js";
import type { Egress } from "./egressOf.js";
import type { Receive } from "./ingress/request/receive.js";
import type { InstepOptions } from "./instepOptions.js";
import { folderBytes } from "./machine/folderBytes.js";
import type { Metrics } from "./metrics/metrics.js";
import type { Store } from "./state/store/store.js";
import type { Workflows } from "./state/workflows.js";
import type { Storage } from "./storage.js";

/** Null where nobody asked for them. Rejects with PackageMissing, and where the registry of the program has metrics of these names. Its code is loaded by nobody else. */
export async function openMetrics({
  metrics,
}: Pick<InstepOptions, "metrics">): Promise<Metrics | null> {
  if (metrics === undefined || metrics === false) return null;
  const { loadProm } = await import("./metrics/registry.js");
  const { Metrics } = await import("./metrics/metrics.js");
  return new Metrics(await loadProm(), metrics === true ? null : metrics);
}

/** Every command that comes in by a door, and what became of it. The same function where nobody counts. */
export function countedReceive(receive: Receive, metrics: Metrics | null): Receive {
  if (metrics === null) return receive;
  return async (submission) => {
    const { kind } = submission.command;
    metrics.commandTaken();
    let reason: string | null = "internal";
    try {
      const outcome = await receive(submission);
      reason = null;
      return outcome;
    } catch (error) {
      if (error instanceof SyncError) reason = error.code;
      throw error;
    } finally {
      metrics.commandAnswered(kind, reason);
    }
  };
}

/** The store, whose commits take a measured time. The same store where nobody counts. */
export function timedStore(store: Store, { metrics, clock }: Pick<Basis, "metrics" | "clock">) {
  if (metrics === null) return store;
  const commit: Store["commit"] = async (...given) => {
    const began = clock.elapsed();
    await store.commit(...given);
    metrics.committed(clock.elapsed() - began);
  };
  // Its other members are its own, also those that are not there.
  return new Proxy(store, {
    get: (_store, name) => {
      if (name === "commit") return commit;
      const member: unknown = Reflect.get(store, name, store);
      return typeof member === "function" ? member.bind(store) : member;
    },
  });
}

type Read = Pick<Parts, "workflows" | "runner" | "standing"> &
  Egress & {
    readonly sockets: { readonly count: number };
    readonly events: { readonly count: number };
    readonly webhooks: { readonly waiting: number };
  };

/** From here on the metrics know the parts. The returned function ends that. */
export function readMetrics(
  parts: Read,
  { commits, health, shared }: Storage,
  bootId: string,
  { dataDir }: Pick<InstepOptions, "dataDir">,
  { metrics, clock }: Pick<Basis, "metrics" | "clock">,
): () => void {
  if (metrics === null) return () => {};
  const { workflows, hub, outputHub, runner, standing, webhooks, sockets, events } = parts;
  metrics.read({
    connections: () => ({ socket: sockets.count, events: events.count }),
    followers: () => ({ state: hub.followers, log: outputHub.followers }),
    workflows: () => byStatus(workflows),
    stepsAtWork: () => runner.atWork().length,
    storageRefusals: () => ({ disk_full: 0, disk_fails: 0, ...health.refusals }),
    isRefusing: () => health.reason !== null,
    deliveriesWaiting: () => webhooks.waiting,
    folder: folderBytes(dataDir, clock),
    cluster: () =>
      shared && { nodes: shared.nodes.present.size, isStale: standing.staleSince !== null },
  });
  const stopListening = commits.listen("watchers", ({ kind, before, ...rest }) => {
    if (kind !== "committed" || !("after" in rest)) return;
    const [was, now] = [before?.state?.status, rest.after.state?.status];
    if (was === undefined || now === undefined || isEnded(was) || !isEnded(now)) return;
    // One that ends in a queue is nobody's: a server of a cluster counts those it has started.
    const isOurs = before?.lease ? before.lease.boot_id === bootId : !shared;
    if (before?.run !== undefined && isOurs) metrics.runEnded(now);
  });
  return stopListening;
}

function byStatus(workflows: Pick<Workflows, "all">): Record<string, number> {
  const counts: Record<string, number> = Object.fromEntries(
    WORKFLOW_STATUSES.map((status) => [status, 0]),
  );
  for (const { record, inHistory } of workflows.all()) {
    const { status } = record.state;
    if (!inHistory) counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}
