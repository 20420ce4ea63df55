/** `GET /metrics` of a real server after some work: who may read it, what it counts, and that the dashboard asks for nothing else. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Counter, Registry } from "prom-client";
import { describe, expect } from "vitest";
import { WebSocket } from "ws";
import { createInstep } from "../../../server/server.js";
import { promText, type Sample } from "../../support/links/promText.js";
import { type LiveServer, liveTest as test } from "../../support/servers/liveServer.js";

const running = {
  ...{ workflow_id: "nightly", status: "running", current_step: 0 },
  steps: [{ action: "copy", status: "in_progress" }],
};
const scrape = async (server: LiveServer): Promise<Sample[]> => {
  const { status, headers, text } = await server.get("/metrics");
  expect(status).toBe(200);
  expect(headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  return promText(text);
};
const valueIn = (
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined =>
  samples.find(
    (one) =>
      one.name === name &&
      Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  )?.value;

/** Each query of the dashboard, as the names and labels in it. */
function askedFor(): { readonly name: string; readonly labels: readonly string[] }[] {
  const file = new URL("../../../examples/grafana/instep.json", import.meta.url);
  const board = JSON.parse(readFileSync(file, "utf8")) as {
    panels: { targets: { expr: string; legendFormat: string }[] }[];
  };
  return board.panels.flatMap(({ targets }) =>
    targets.map(({ expr, legendFormat }) => {
      const name = /\b(?:instep|nodejs|process)_\w+/.exec(expr)?.[0] ?? "";
      const by = /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(/, */) ?? [];
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
      return { name, labels: [...new Set([...by, ...shown])] };
    }),
  );
}

/** Prometheus gives it to every sample that it scrapes. */
const OF_PROMETHEUS = "instance";

describe("the metrics of a server", () => {
  test("a server counts what it does, and the dashboard asks for nothing that is not there", async ({
    serve,
  }) => {
    const server = await serve({ metrics: true });
    const tab = await server.openTab();
    await server.saved(running);
    tab.send({ type: "subscribe", workflow_id: "nightly" });
    await tab.take("snapshot");
    const late = { index: 7, update: { status: "completed" } };
    const refused = await server.call("PATCH", "/workflow/state/steps/7", { body: late.update });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect((await server.get("/workflow/state/steps/x/log")).status).toBeGreaterThanOrEqual(400);

    const samples = await scrape(server);
    expect(valueIn(samples, "instep_commands_accepted_total", { command: "save" })).toBe(1);
    expect(valueIn(samples, "instep_commands_refused_total", { command: "step" })).toBe(1);
    expect(valueIn(samples, "instep_commit_duration_seconds_count")).toBe(1);
    expect(valueIn(samples, "instep_commands_in_flight")).toBe(0);
    expect(valueIn(samples, "instep_workflows", { status: "running" })).toBe(1);
    expect(valueIn(samples, "instep_connections", { kind: "socket" })).toBe(1);
    expect(valueIn(samples, "instep_followers", { of: "state" })).toBe(1);
    expect(valueIn(samples, "instep_frames_sent_total")).toBeGreaterThanOrEqual(2);
    expect(valueIn(samples, "instep_frames_sent_bytes_total")).toBeGreaterThan(100);
    expect(valueIn(samples, "instep_requests_refused_total", { door: "rest" })).toBeGreaterThan(0);
    expect(valueIn(samples, "instep_data_folder_bytes")).toBeGreaterThan(0);

    const asked = askedFor();
    expect(asked.length).toBeGreaterThan(20);
    const missing = asked.filter(
      ({ name, labels }) =>
        !samples.some(
          (one) =>
            one.name === name &&
            labels.every((label) => [OF_PROMETHEUS, "le"].includes(label) || label in one.labels),
        ),
    );
    expect(missing).toEqual([]);
    expect(samples.filter(({ labels }) => Object.values(labels).includes("nightly"))).toEqual([]);
  });

  test("output that is kept is counted, and a kind of end that nobody had is told as 0", async ({
    serve,
  }) => {
    const server = await serve({ metrics: true });
    expect(valueIn(await scrape(server), "instep_runs_ended_total", { status: "failed" })).toBe(0);
    await server.saved(running);
    const printed = await fetch(`${server.url}/workflow/state/steps/0/log`, {
      ...{ method: "POST", body: "0123456789" },
      headers: { "Content-Type": "application/octet-stream" },
    });
    expect(printed.ok).toBe(true);
    // Beside the bytes themselves there is when they came.
    const kept = valueIn(await scrape(server), "instep_output_bytes");
    expect(kept).toBeGreaterThanOrEqual(10);
  });

  test("metrics are read by whoever may watch everything, and by a token that may do nothing else", async ({
    serve,
  }) => {
    const server = await serve({
      metrics: true,
      tokens: [
        { token: "watch-everything-1", can: "watch" },
        { token: "watch-some-workflows", can: "drive", workflows: ["a-*"] },
        { token: "scrape-and-no-more", can: "scrape" },
      ],
    });
    const as = (token?: string) =>
      server.get("/metrics", token === undefined ? {} : { Authorization: `Bearer ${token}` });
    expect((await as()).status).toBe(401);
    expect((await as("watch-some-workflows")).status).toBe(403);
    expect((await as("watch-everything-1")).status).toBe(200);
    expect((await as("scrape-and-no-more")).status).toBe(200);
    const headers = { Authorization: "Bearer scrape-and-no-more" };
    for (const path of ["/workflows", "/workflow/state", "/workflow/definitions"]) {
      const { status, body } = await server.get(path, headers);
      expect([path, status, body.detail]).toEqual([path, 403, expect.stringContaining("metrics")]);
    }
    const write = await server.call("POST", "/workflow/state", { body: running, headers });
    expect(write.status).toBe(403);
    const socket = new WebSocket(`${server.url}/workflow/live`, ["instep.v1"], { headers });
    const [, upgrade] = await once(socket, "unexpected-response");
    socket.on("error", () => {}).terminate();
    expect(upgrade.statusCode).toBe(403);
    const elsewhere = await server.get("/metrics", { Origin: "http://evil.example" });
    expect(elsewhere.status).toBe(403);
  });

  test("a server without metrics says how to have them", async ({ serve }) => {
    const server = await serve();
    const { status, body } = await server.get("/metrics");
    expect([status, body.detail]).toEqual([404, expect.stringContaining("--metrics")]);
  });

  test("a program's own registry has them while the server is there, beside its own", async ({
    folder,
  }) => {
    const registry = new Registry();
    new Counter({ name: "orders_total", help: "Orders.", registers: [registry] }).inc(3);
    const before = await registry.metrics();
    const instep = await createInstep({ dataDir: folder, metrics: registry });
    const samples = promText(await registry.metrics());
    expect(valueIn(samples, "orders_total")).toBe(3);
    expect(valueIn(samples, "instep_commands_in_flight")).toBe(0);
    await instep.close();
    expect(await registry.metrics()).toBe(before);
  });
});
