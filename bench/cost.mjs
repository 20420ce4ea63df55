/**
 * Does an update cost the same however many workflows the data folder holds? Two servers side by side, one with few and one with
 * many workflows, take turns, so that a noisy machine disturbs both alike: read the ratio, not the milliseconds.
 *
 *   npm run bench -- [--few 10] [--many 10000] [--rounds 7] [--updates 100]
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createInstep } from "instep";
import { fileNameOf } from "../dist/server/machine/fileName.js";
import { encodeRecord } from "../dist/server/state/store/record.js";
import { connect, median, round } from "./parts.mjs";

const STEPS = 20;
const IN_FLIGHT = 64;
const NO_RATE_LIMIT = { commandsPerSecond: 1e9, commandBurst: 1e9 };

const { values } = parseArgs({
  options: {
    few: { type: "string", default: "10" },
    many: { type: "string", default: "10000" },
    rounds: { type: "string", default: "7" },
    updates: { type: "string", default: "100" },
  },
});
const [few, many, rounds, updates] = ["few", "many", "rounds", "updates"].map((name) =>
  Number(values[name]),
);

const sides = [];
for (const count of [few, many]) sides.push(await openSide(count));
for (const side of sides) await measure(side, updates); // warm: the first round pays for compiling
for (const side of sides) side.results = [];
for (let round = 0; round < rounds; round++) {
  for (const side of round % 2 === 0 ? sides : sides.toReversed())
    side.results.push(await measure(side, updates));
}
for (const side of sides) await side.close();
report();

async function openSide(count) {
  const dataDir = await mkdtemp(join(tmpdir(), "instep-bench-"));
  const folder = join(dataDir, "workflows");
  await mkdir(folder, { mode: 0o700 });
  for (let i = 0; i < count; i++) {
    const record = recordOf(`w${i}`, i);
    await writeFile(join(folder, `${fileNameOf(record.workflow_id)}.json`), encodeRecord(record), {
      mode: 0o600,
    });
  }
  const before = performance.now();
  const instep = await createInstep({
    dataDir,
    limits: { ...NO_RATE_LIMIT, openWorkflows: count + 1 },
  });
  const startMs = performance.now() - before;
  const { url } = await instep.listen({ port: 0 });
  const driver = await connect(url);
  const watcher = await connect(url);
  watcher.send({ type: "subscribe", workflow_id: "w0" });
  await watcher.until((frame) => frame.type === "snapshot");
  return {
    count,
    startMs,
    driver,
    watcher,
    results: [],
    close: async () => {
      driver.close();
      watcher.close();
      await instep.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function recordOf(workflow_id, order) {
  const now = new Date().toISOString();
  const steps = Array.from({ length: STEPS }, (_, index) => ({
    action: `step_${index}`,
    title: `What happens in step ${index} of this workflow`,
    status: index === 0 ? "in_progress" : "pending",
    index,
  }));
  const state = {
    workflow_id,
    status: "blocked",
    current_step: 0,
    steps,
    start_time: now,
    last_update: now,
  };
  return {
    workflow_id,
    epoch: `e${order}`,
    revision: 1,
    order,
    state,
    receipts: [],
    fence: 0,
    lease: null,
    clear_at: null,
  };
}

/** One at a time until the watcher has it, then many in flight until the watcher has the last. */
async function measure({ driver, watcher }, count) {
  let started = performance.now();
  for (let i = 0; i < count; i++) {
    const { revision } = await driver.propose(progress(i / count));
    await watcher.until((frame) => frame.revision >= revision);
  }
  const oneAtATime = (performance.now() - started) / count;

  started = performance.now();
  let next = 0;
  let last = 0;
  const send = async () => {
    while (next < count * 4)
      last = Math.max(last, (await driver.propose(progress(next++ / count / 4))).revision);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, send));
  await watcher.until((frame) => frame.revision >= last);
  return { oneAtATime, inFlight: (performance.now() - started) / (count * 4) };
}

function progress(value) {
  return { kind: "step", workflow_id: "w0", index: 0, update: { progress: value } };
}

function report() {
  const rows = sides.map(({ count, startMs, results }) => ({
    workflows: count,
    "start, ms": round(startMs),
    "one at a time, ms per update": round(median(results.map(({ oneAtATime }) => oneAtATime))),
    [`${IN_FLIGHT} in flight, ms per update`]: round(
      median(results.map(({ inFlight }) => inFlight)),
    ),
  }));
  console.table(rows);
  // Each round compares the two sides a moment apart; the median of these ratios is what a noisy machine disturbs least.
  const ratio = (key) =>
    round(median(sides[1].results.map((one, i) => one[key] / sides[0].results[i][key])));
  console.log(
    `${many} workflows against ${few}: one at a time ${ratio("oneAtATime")} x, in flight ${ratio("inFlight")} x`,
  );
}
