/**
 * What does a server need? Its memory (RSS behind a garbage collection) and its disk for each workflow, each watching socket and each
 * followed log; and how many commands a second it takes, with metrics and without, in turns: read their ratio, not the figures.
 *
 *   npm run bench:size -- [--workflows 2000] [--sockets 500] [--logs 500] [--rounds 7] [--commands 3000]
 */
import { fork } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { connect, median, round } from "./parts.mjs";

const STEPS = 20;
const IN_FLIGHT = 64;
const OPTIONS = { workflows: "2000", sockets: "500", logs: "500", rounds: "7", commands: "3000" };

if (process.argv[2] === "serve") await serve(process.argv[3], process.argv[4] === "metrics");
else await measureAll();

/** The server alone in its process: so its memory is told by the system. */
async function serve(dataDir, metrics) {
  const { createInstep } = await import("instep");
  const limits = { commandsPerSecond: 1e9, commandBurst: 1e9, openWorkflows: 100_000 };
  const instep = await createInstep({ dataDir, limits, metrics });
  const { url } = await instep.listen({ port: 0 });
  process.on("message", () => {
    globalThis.gc();
    process.send({ rss: process.memoryUsage().rss });
  });
  process.on("disconnect", () => process.exit());
  process.send({ url });
}

async function measureAll() {
  const options = Object.entries(OPTIONS).map(([name, byDefault]) => [
    name,
    { type: "string", default: byDefault },
  ]);
  const { values } = parseArgs({ options: Object.fromEntries(options) });
  const count = Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, +values[name]]));
  console.log(`${cpus().length} × ${cpus()[0].model.trim()}, Node ${process.version}`);
  await memory(count);
  await pace(count);
}

async function memory({ workflows, sockets, logs }) {
  const server = await begun();
  const driver = await connect(server.url);
  await driver.propose(save("warm"));
  const empty = { rss: await server.rss(), disk: await bytesIn(server.dataDir) };
  tell("a server with one workflow, memory", mib(empty.rss));

  const ids = Array.from({ length: workflows }, (_, place) => `w${place}`);
  await inTurns(ids, (id) => driver.propose(save(id)));
  const full = { rss: await server.rss(), disk: await bytesIn(server.dataDir) };
  tell(`a workflow of ${STEPS} steps, memory`, kib((full.rss - empty.rss) / workflows));
  tell(`a workflow of ${STEPS} steps, disk`, kib((full.disk - empty.disk) / workflows));

  const watching = await opened(server, sockets, (place) => ({
    frame: { type: "subscribe", workflow_id: ids[place % ids.length] },
    first: "snapshot",
  }));
  const watched = await server.rss();
  tell("a watching socket, memory", kib((watched - full.rss) / sockets));

  await inTurns(ids.slice(0, logs), (id) => appended(server.url, id));
  const printed = await server.rss();
  tell("a log that was appended to, memory", kib((printed - watched) / logs));
  const following = await opened(server, logs, (place) => ({
    frame: { type: "follow_log", workflow_id: ids[place % ids.length], step: 0 },
    first: "log",
  }));
  tell("a followed log with its socket, memory", kib(((await server.rss()) - printed) / logs));
  for (const socket of [driver, ...watching, ...following]) socket.close();
  await server.end();
}

/** One after the other, so that a noisy machine disturbs both alike. */
async function pace({ rounds, commands }) {
  const sides = [];
  for (const kind of ["plain", "metrics"]) {
    const server = await begun(kind);
    const driver = await connect(server.url);
    await driver.propose(save("w"));
    sides.push({ kind, server, driver, results: [] });
  }
  for (let turn = -1; turn < rounds; turn++) {
    for (const side of turn % 2 === 0 ? sides : sides.toReversed()) {
      const began = performance.now();
      await inTurns(Array.from({ length: commands }), (_, place) =>
        side.driver.propose({
          ...{ kind: "step", workflow_id: "w", index: place % STEPS },
          update: { status: "in_progress", progress: (place % 100) / 100 },
        }),
      );
      const a = commands / ((performance.now() - began) / 1_000);
      // The first turn pays for compiling.
      if (turn >= 0) side.results.push(a);
    }
  }
  const [plain, metrics] = sides.map(({ results }) => median(results));
  tell(`commands a second, ${IN_FLIGHT} in flight`, Math.round(plain).toLocaleString("en"));
  tell("the same with metrics", Math.round(metrics).toLocaleString("en"));
  const ratios = sides[0].results.map((one, turn) => sides[1].results[turn] / one);
  tell("ratio, median of the turns", round(median(ratios)));
  for (const { server, driver } of sides) {
    driver.close();
    await server.end();
  }
}

async function begun(kind = "plain") {
  const dataDir = await mkdtemp(join(tmpdir(), "instep-size-"));
  const argv = ["serve", dataDir, kind];
  const child = fork(fileURLToPath(import.meta.url), argv, { execArgv: ["--expose-gc"] });
  const answer = () => new Promise((resolve) => child.once("message", resolve));
  const { url } = await answer();
  return {
    ...{ url, dataDir },
    rss: async () => {
      child.send("rss");
      return (await answer()).rss;
    },
    end: async () => {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.disconnect();
      await gone;
      await rm(dataDir, { recursive: true });
    },
  };
}

/** Each is there once its first frame is. */
async function opened({ url }, count, wanted) {
  const sockets = [];
  for (let place = 0; place < count; place++) {
    const socket = await connect(url);
    const { frame, first } = wanted(place);
    socket.send(frame);
    await socket.until(({ type }) => type === first);
    sockets.push(socket);
  }
  return sockets;
}

async function appended(url, id) {
  const to = `${url}/workflow/state/steps/0/log?workflow_id=${id}`;
  const headers = { "Content-Type": "application/octet-stream" };
  const answer = await fetch(to, { method: "POST", body: "a line of output\n", headers });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  await answer.text();
}

/** So many at once as are in flight. */
async function inTurns(all, work) {
  const left = all.entries();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (const [place, one] of left) await work(one, place);
    }),
  );
}

function save(workflow_id) {
  const steps = Array.from({ length: STEPS }, (_, place) => ({
    action: `step-${place}`,
    status: place === 0 ? "in_progress" : "pending",
    message: "as long as such a message usually is, some seventy characters or so",
  }));
  return { kind: "save", state: { workflow_id, status: "running", current_step: 0, steps } };
}

/** Blocks that the disk gave away, as `du` counts them, once nothing is written any more: files follow the journal. */
async function bytesIn(folder) {
  let before = -1;
  for (;;) {
    const names = await readdir(folder, { recursive: true });
    const sizes = names.map((name) =>
      stat(join(folder, name)).then(
        ({ blocks }) => blocks * 512,
        () => Number.NaN,
      ),
    );
    const now = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    if (now === before) return now;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}

function tell(what, figure) {
  console.log(`${what.padEnd(44)} ${figure}`);
}

function kib(bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

function mib(bytes) {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
