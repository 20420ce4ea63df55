import * as prom from "prom-client";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { Metrics, type Readings } from "../../../server/metrics/metrics.js";
import { PackageMissing } from "../../../server/metrics/optionalPackage.js";
import { loadProm } from "../../../server/metrics/registry.js";
import { promText } from "../../support/links/promText.js";

const READINGS: Readings = {
  connections: () => ({ socket: 2, events: 1 }),
  followers: () => ({ state: 3, log: 4 }),
  workflows: () => ({ running: 5 }),
  stepsAtWork: () => 6,
  storageRefusals: () => ({ disk_full: 7 }),
  isRefusing: () => true,
  deliveriesWaiting: () => 8,
  folder: async () => ({ bytes: 9, free: 10 }),
  cluster: () => ({ nodes: 3, isStale: true }),
};

describe("the metrics of a server", () => {
  it("metrics follow the conventions of Prometheus, and each reading tells the newest value", async () => {
    const metrics = new Metrics(prom, null);
    metrics.read(READINGS);
    metrics.commandTaken();
    metrics.commandTaken();
    metrics.commandAnswered("save", null);
    metrics.committed(3);
    metrics.frameSent(100);
    metrics.frameSent(50);
    metrics.changeLeftOut();
    metrics.outputGrew(70);
    metrics.outputGrew(-30);
    metrics.deliveryTried("waiting");
    metrics.runEnded("failed");
    const { text } = await metrics.text();
    await metrics.text();
    const told = promText(text).map(
      ({ name, labels, value }) => `${name} ${Object.values(labels).join(" ")} ${value}`,
    );
    for (const line of [
      "instep_commands_in_flight  1",
      "instep_commands_accepted_total save 1",
      "instep_commit_duration_seconds_bucket 0.0025 0",
      "instep_commit_duration_seconds_bucket 0.005 1",
      "instep_frames_sent_total  2",
      "instep_frames_sent_bytes_total  150",
      "instep_changes_coalesced_total  1",
      "instep_output_bytes  40",
      "instep_output_removed_bytes_total  30",
      "instep_webhook_attempts_total retried 1",
      "instep_runs_ended_total failed 1",
      "instep_storage_refusals_total disk_full 7",
      "instep_cluster_nodes  3",
    ])
      expect(told).toContain(line);
    const types = [...text.matchAll(/^# TYPE (instep_\w+) (\w+)$/gm)];
    expect(types.length).toBeGreaterThan(20);
    for (const [, name, type] of types)
      expect([name, type === "counter"]).toEqual([name, name!.endsWith("_total")]);
  });

  it("metrics in a program's registry leave it as it was, and leave out those of the process", async () => {
    const registry = new Registry();
    const metrics = new Metrics(prom, registry);
    metrics.read({ ...READINGS, cluster: () => null });
    expect((await metrics.text()).text).not.toMatch(/nodejs_|process_|instep_cluster/);
    metrics.close();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  it("a package that is not installed is named, with how to get it", async () => {
    const missing = Object.assign(new Error("no such module"), { code: "ERR_MODULE_NOT_FOUND" });
    const loading = loadProm(() => Promise.reject(missing));
    await expect(loading).rejects.toThrow(PackageMissing);
    await expect(loading).rejects.toThrow(
      "metrics: the package prom-client is needed, and is not installed beside instep. Install it: npm install prom-client",
    );
    await expect(loadProm(() => Promise.reject(new Error("other")))).rejects.toThrow(/^other$/);
  });
});
