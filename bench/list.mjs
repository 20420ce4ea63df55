/**
 * How long does a search over a long history take, and how long does it hold the event loop? The history is in memory; the server is a process of
 * its own. `held` is the longest turn of its loop while one search, and ten at once, are answered (the less of time and work: on a busy machine the
 * process waits for its turn, too); `answer` the median time to the answer. `snapshot` is what a tab that opens the list is sent.
 *
 *   npm run bench:list -- [--workflows 10000] [--rounds 5]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createInstep } from "instep";
import { WebSocket } from "ws";
import { tellHeld } from "./heldLoop.mjs";
import { median } from "./parts.mjs";

/** What the loop may be held, in ms. */
const AIM_MS = 50;
const QUERIES = {
  "newest page": "",
  "a word in one": "q=needle",
  "a word in none": "q=nothing-has-this",
  "an input": "input=host%3Dweb-77",
  "ten words": `q=${Array.from({ length: 10 }, (_, n) => `w${n}`).join("+")}`,
  "by duration, counted": "sort=-duration&counts=1",
  "by name, 1,000": "sort=name&limit=1000",
};

if (process.argv[2] === "serve") await serve(process.argv[3], Number(process.argv[4]));
else await bench();

function storeOf(count) {
  const time = (n) => new Date(Date.UTC(2025, 0, 1) + n * 60_000).toISOString();
  const history = new Map();
  for (let n = 0; n < count; n++) {
    const status = n % 7 === 0 ? "failed" : "completed";
    const state = {
      workflow_id: `run-${n}`,
      title: n === 5 ? "The needle" : `Nightly backup of the shop ${n % 40}`,
      definition: `definition-${n % 20}`,
      started_by: "browser tab 0x1f",
      inputs: { host: `web-${n}`, mode: "blue", note: "x".repeat(200), count: n },
      status,
      current_step: 7,
      steps: Array.from({ length: 8 }, (_, index) => ({
        index,
        action: `step-${index}`,
        title: `Step number ${index}`,
        status: "completed",
      })),
      start_time: time(n),
      last_update: time(n + 3),
      end_time: time(n + 3),
      ...(status === "failed" ? { error_message: "exit code 1: ".padEnd(280, "e") } : {}),
    };
    const record = { workflow_id: state.workflow_id, epoch: `e${n}`, revision: 9, order: n };
    history.set(`e${n}`, { ...record, state, receipts: [], fence: 0, lease: null, clear_at: null });
  }
  const refuse = () => Promise.reject(new Error("read only"));
  return {
    open: new Map(),
    history,
    damaged: [],
    commit: refuse,
    archive: refuse,
    remove: refuse,
    forget: refuse,
    listen: () => () => {},
    close: async () => {},
  };
}

async function serve(dataDir, count) {
  const instep = await createInstep({ dataDir, store: storeOf(count), history: count });
  await tellHeld(instep);
}

async function bench() {
  const { values } = parseArgs({
    options: {
      workflows: { type: "string", default: "10000" },
      rounds: { type: "string", default: "5" },
    },
  });
  const dataDir = await mkdtemp(join(tmpdir(), "instep-bench-"));
  const child = fork(new URL(import.meta.url), ["serve", dataDir, values.workflows]);
  const [url] = await once(child, "message");
  const heldSince = async () => {
    child.send("held");
    return (await once(child, "message"))[0];
  };
  const ask = async (query) => {
    const start = performance.now();
    const answer = await (await fetch(`${url}/workflows?${query}`)).json();
    return { ms: performance.now() - start, found: answer.workflows.length };
  };
  let worst = 0;
  try {
    await ask("q=warm"); // the first one makes every line
    await heldSince();
    console.log(`${values.workflows} workflows in the history`);
    console.log("query                   found   answer    held   held, ten at once");
    for (const [name, query] of Object.entries(QUERIES)) {
      const one = [];
      for (let round = 0; round < Number(values.rounds); round++) one.push(await ask(query));
      const held = await heldSince();
      await Promise.all(Array.from({ length: 10 }, () => ask(query)));
      const tenHeld = await heldSince();
      worst = Math.max(worst, held, tenHeld);
      const answer = median(one.map(({ ms }) => ms));
      console.log(
        `${name.padEnd(22)} ${String(one[0].found).padStart(6)} ${cell(answer)} ${cell(held)} ${cell(tenHeld)}`,
      );
    }
    const bytes = await snapshotBytes(url);
    const held = await heldSince();
    console.log(`snapshot of the list: ${(bytes / 1e6).toFixed(2)} MB, held ${held.toFixed(1)} ms`);
  } finally {
    child.send("end");
    await once(child, "exit");
    await rm(dataDir, { recursive: true });
  }
  console.log(
    worst < AIM_MS ? "ok" : `held for ${worst.toFixed(1)} ms, which is over ${AIM_MS} ms`,
  );
  process.exitCode = worst < AIM_MS ? 0 : 1;
}

function cell(ms) {
  return `${ms.toFixed(1)} ms`.padStart(8);
}

function snapshotBytes(url) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/workflow/live`, "instep.v1");
    socket.on("error", reject);
    socket.on("open", () => socket.send('{"type":"subscribe","workflow_id":"*"}'));
    socket.on("message", (data) => {
      if (JSON.parse(data).type !== "snapshot") return;
      socket.close();
      resolve(data.length);
    });
  });
}
