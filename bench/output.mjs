/**
 * Does a step that prints as fast as it can delay the state of other workflows? Two servers side by side take turns: on one of them another
 * workflow prints while the updates are measured, with a tab and a reader as `curl -N` that follow it, in a thread of their own, so that only
 * what they cost the server is seen. Read the ratio, not the milliseconds.
 *
 *   node bench/output.mjs [--megabytes 100] [--rounds 3] [--least 200] [--by runner|append]
 *
 * `runner`: a command of the server's own prints. `append`: a driver elsewhere does, over REST.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { createInstep } from "instep";
import { parseDefinition } from "../dist/server/runner/definition/file/definitionFile.js";
import { connect, median, round } from "./parts.mjs";

const PIECE = Buffer.from("a line of output as a build prints it, over and over\n".repeat(4_900));
const NO_RATE_LIMIT = { commandsPerSecond: 1e9, commandBurst: 1e9 };

const { values } = parseArgs({
  options: {
    megabytes: { type: "string", default: "100" },
    rounds: { type: "string", default: "3" },
    least: { type: "string", default: "200" },
    by: { type: "string", default: "runner" },
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
  const results = { quiet: [], loud: [], seconds: [], memory: process.memoryUsage.rss() };
  for (let round = 0; round < rounds; round++) {
    results.quiet.push(await measure(quiet, least, Promise.resolve()));
    const started = performance.now();
    const printing = printElsewhere({ url: loud.url, workflow_id: `loud${round}` }).then(() =>
      results.seconds.push((performance.now() - started) / 1000),
    );
    results.loud.push(await measure(loud, least, printing));
    results.most = Math.max(results.most ?? 0, process.memoryUsage.rss());
  }
  for (const side of [quiet, loud]) await side.close();
  report(results);
}

async function openSide() {
  const dataDir = await mkdtemp(join(tmpdir(), "instep-bench-"));
  const run = `yes 'a line of output as a build prints it, over and over' | head -c ${megabytes * 1024 * 1024}`;
  const instep = await createInstep({
    dataDir,
    limits: NO_RATE_LIMIT,
    definitions: [defineCommand("loud", run)],
    env: { PATH: process.env.PATH },
  });
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

/** A definition as a file would give it. */
function defineCommand(name, run) {
  return parseDefinition(
    JSON.stringify({ name, steps: [{ action: "print", run }] }),
    `${name}.yaml`,
  );
}

function save(url, workflow_id) {
  const steps = [{ action: "build", status: "in_progress" }];
  return post(`${url}/workflow/state`, { workflow_id, steps });
}

function post(address, body) {
  const headers = { "Content-Type": "application/json" };
  return fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
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

/** Resolves when both followers have the last byte. */
async function print({ url, workflow_id }) {
  const path = `${url}/workflow/state/steps/0/log?workflow_id=${workflow_id}`;
  const follower = await connect(url);
  await (values.by === "runner" ? startLoud(url, workflow_id) : save(url, workflow_id));
  follower.send({ type: "follow_log", workflow_id, step: 0 });
  const reading = fetch(`${path}&follow=1`).then(async ({ body }) => {
    for await (const _ of body);
  });
  if (values.by === "runner") {
    await follower.until((frame) => frame.type === "log_end" && frame.reason === "over");
    await reading;
  } else {
    let at = 0;
    while (at < megabytes * 1024 * 1024) {
      const headers = { "Content-Type": "application/octet-stream" };
      const answer = await fetch(path, { method: "POST", headers, body: PIECE });
      at = (await answer.json()).next;
    }
    await follower.until((frame) => frame.type === "log" && frame.next >= at);
  }
  follower.close();
}

function startLoud(url, workflow_id) {
  return post(`${url}/workflow/start`, { name: "loud", workflow_id });
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
  console.log(
    `output: ${round(megabytes / median(results.seconds))} MiB/s, followed by a tab and a reader`,
  );
  const ratio = (key) =>
    round(median(results.loud.map((one, i) => one[key] / results.quiet[i][key])));
  console.log(
    `with ${megabytes} MiB of output against none: p50 ${ratio("p50")} x, p99 ${ratio("p99")} x`,
  );
  const grown = (results.most - results.memory) / 1024 / 1024;
  console.log(`memory of this process, with both servers: ${round(grown)} MiB more than before`);
}
