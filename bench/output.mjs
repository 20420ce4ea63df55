/**
 * Does a step that prints as fast as it can delay the state of other workflows? Two servers side by side take turns: on one of them another
 * workflow prints while the updates are measured, with a tab that follows it; both of these in a thread of their own, so that only what they
 * cost the server is seen. Read the ratio, not the milliseconds.
 *
 *   node bench/output.mjs [--megabytes 100] [--rounds 3] [--least 200]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { createInstep } from "../dist/server/server.js";
import { connect, median, round } from "./parts.mjs";

const PIECE = Buffer.from("a line of output as a build prints it, over and over\n".repeat(4_900));
const NO_RATE_LIMIT = { commandsPerSecond: 1e9, commandBurst: 1e9 };

const { values } = parseArgs({
  options: {
    megabytes: { type: "string", default: "100" },
    rounds: { type: "string", default: "3" },
    least: { type: "string", default: "200" },
  },
});
const [megabytes, rounds, least] = ["megabytes", "rounds", "least"].map((name) =>
  Number(values[name]),
);

if (isMainThread) await bench();
else await print(workerData);

async function bench() {
  const quiet = await openSide();
  const loud = await openSide();
  // Warm: the first round pays for compiling.
  for (const side of [quiet, loud]) await measure(side, least, Promise.resolve());
  const results = { quiet: [], loud: [], seconds: [] };
  for (let round = 0; round < rounds; round++) {
    results.quiet.push(await measure(quiet, least, Promise.resolve()));
    const started = performance.now();
    const printing = printElsewhere({ url: loud.url, workflow_id: `loud${round}` }).then(() =>
      results.seconds.push((performance.now() - started) / 1000),
    );
    results.loud.push(await measure(loud, least, printing));
  }
  for (const side of [quiet, loud]) await side.close();
  report(results);
}

async function openSide() {
  const dataDir = await mkdtemp(join(tmpdir(), "instep-bench-"));
  const instep = await createInstep({ dataDir, limits: NO_RATE_LIMIT });
  const { url } = await instep.listen({ port: 0 });
  await save(url, "w");
  const driver = await connect(url);
  const watcher = await connect(url);
  watcher.send({ type: "subscribe", workflow_id: "w" });
  await watcher.until((frame) => frame.type === "snapshot");
  return {
    url,
    driver,
    watcher,
    close: async () => {
      driver.close();
      watcher.close();
      await instep.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function save(url, workflow_id) {
  return fetch(`${url}/workflow/state`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ workflow_id, steps: [{ action: "build", status: "in_progress" }] }),
  });
}

function printElsewhere(what) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: what,
      argv: process.argv.slice(2),
    });
    worker.once("exit", resolve).once("error", reject);
  });
}

/** Resolves when the follower has the last byte. */
async function print({ url, workflow_id }) {
  await save(url, workflow_id);
  const follower = await connect(url);
  follower.send({ type: "follow_log", workflow_id, step: 0 });
  const path = `${url}/workflow/state/steps/0/log?workflow_id=${workflow_id}`;
  let at = 0;
  while (at < megabytes * 1024 * 1024) {
    const headers = { "Content-Type": "application/octet-stream" };
    const answer = await fetch(path, { method: "POST", headers, body: PIECE });
    at = (await answer.json()).next;
  }
  await follower.until((frame) => frame.type === "log" && frame.next >= at);
  follower.close();
}

/** One update after the other, each timed until the watcher has it, at least so many and until `done`. */
async function measure({ driver, watcher }, count, done) {
  let isDone = false;
  void done.then(() => {
    isDone = true;
  });
  const times = [];
  while (times.length < count || !isDone) {
    const started = performance.now();
    const progress = (times.length % 100) / 100;
    const command = { kind: "step", workflow_id: "w", index: 0, update: { progress } };
    const { revision } = await driver.propose(command);
    await watcher.until((frame) => frame.revision >= revision);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return {
    p50: times[Math.floor(times.length * 0.5)],
    p99: times[Math.floor(times.length * 0.99)],
  };
}

function report(results) {
  const typical = (side, key) => median(results[side].map((one) => one[key]));
  console.table(
    ["quiet", "loud"].map((side) => ({
      beside: side === "quiet" ? "nothing" : `${megabytes} MiB of output`,
      "p50, ms": round(typical(side, "p50")),
      "p99, ms": round(typical(side, "p99")),
    })),
  );
  console.log(`output: ${round(megabytes / median(results.seconds))} MiB/s, followed by one tab`);
  const ratio = (key) =>
    round(median(results.loud.map((one, i) => one[key] / results.quiet[i][key])));
  console.log(
    `with ${megabytes} MiB of output against none: p50 ${ratio("p50")} x, p99 ${ratio("p99")} x`,
  );
}
