/**
 * How long does one command hold the event loop? States of 1 MiB in a table of shapes are saved, saved again with everything changed, changed in one
 * field, read, subscribed to and resumed, with no, one and many watchers (half of them without the right to drive, so that secrets are masked). The
 * server is a process of its own. `held` is the longest turn of its loop, in time and in work (the less of both: on a busy machine the
 * process waits for its turn, too); `health` the longest answer of /healthz beside it. Where it says "in a frame", the save came over a socket.
 *
 *   npm run bench:loop -- [--bytes 1000000] [--watchers 0,1,20] [--rounds 3] [--shapes "many keys,deep"]
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
import { shapesOf } from "./loopShapes.mjs";
import { median } from "./parts.mjs";

const TOKENS = {
  drive: "a-token-that-may-drive-0123456789",
  watch: "a-token-that-may-watch-0123456789",
};
/** What the loop may be held, in ms. */
const AIM_MS = 50;

let workflows = 0;
let requests = 0;

if (process.argv[2] === "serve") await serve(process.argv[3]);
else await bench();

async function serve(dataDir) {
  const instep = await createInstep({
    dataDir,
    limits: { commandsPerSecond: 1e9, commandBurst: 1e9 },
    tokens: [
      { token: TOKENS.drive, can: "drive" },
      { token: TOKENS.watch, can: "watch" },
    ],
  });
  await tellHeld(instep);
}

async function bench() {
  const { values } = parseArgs({
    options: {
      bytes: { type: "string", default: "1000000" },
      watchers: { type: "string", default: "0,1,20" },
      rounds: { type: "string", default: "3" },
      shapes: { type: "string" },
    },
  });
  const all = shapesOf(Number(values.bytes));
  const names = values.shapes?.split(",") ?? Object.keys(all);
  const dataDir = await mkdtemp(join(tmpdir(), "instep-bench-"));
  const child = fork(new URL(import.meta.url), ["serve", dataDir]);
  const [url] = await once(child, "message");
  const world = { url, child };
  try {
    await measure(world, Object.values(all)[0], 1); // warm: the first one pays for compiling
    let worst = { held: 0 };
    for (const count of values.watchers.split(",").map(Number)) {
      const rows = {};
      for (const name of names) {
        const rounds = [];
        for (let round = 0; round < Number(values.rounds); round++)
          rounds.push(await measure(world, all[name], count));
        rows[name] = Object.fromEntries(
          Object.keys(rounds[0]).map((key) => [key, median(rounds.map((one) => one[key]))]),
        );
        for (const [what, held] of Object.entries(rows[name]))
          if (what !== "health" && held > worst.held) worst = { held, what, name, count };
      }
      console.log(`with ${count} watchers: the loop was held, ms`);
      console.table(rows);
    }
    console.log(
      `the longest: ${worst.held} ms (${worst.what}, ${worst.name}, ${worst.count} watchers); the aim is ${AIM_MS} ms`,
    );
  } finally {
    child.send("end");
    await once(child, "exit");
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measure({ url, child }, shape, count) {
  const id = `w${workflows++}`;
  const watchers = [];
  for (let i = 0; i < count; i++) watchers.push(await watch(url, id, i % 2 ? "watch" : "drive"));
  let health = 0;
  let isOver = false;
  const beating = (async () => {
    while (!isOver) {
      const started = performance.now();
      await (await fetch(`${url}/healthz`)).text();
      health = Math.max(health, performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  // Whatever goes wrong first ends the server, too: that is told, and not what it does to this.
  beating.catch(() => {});
  const row = {};
  const heldBy = async (what, run) => {
    await ask(child);
    await run();
    await settled(url, watchers);
    row[what] = Math.round(await ask(child));
  };
  const call = async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${TOKENS.drive}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text;
  };
  const state = (value) =>
    JSON.stringify({ workflow_id: id, status: "blocked", ssh_connection: "me@there", ...value });
  const driver = await watch(url, id, "drive");
  const propose = (text) =>
    driver.ask(
      `{"type":"propose","request_id":"r${requests++}","command":{"kind":"save","workflow_id":"${id}","state":${text}}}`,
    );
  const at = `/workflow/state?workflow_id=${id}`;
  const first = state(shape(0));
  const second = state(shape(1));
  await heldBy("first save", () => call("POST", "/workflow/state", first));
  for (const watcher of watchers) watcher.follow();
  await settled(url, watchers);
  await heldBy("all changed", () => call("POST", "/workflow/state", second));
  await heldBy("all changed in a frame", () => propose(first));
  await heldBy("one field", () => call("PATCH", at, JSON.stringify({ note: "other" })));
  await heldBy("read", () => call("GET", at));
  const { epoch, revision } = JSON.parse(await call("GET", at));
  await heldBy("subscribe", () => visit(url, id, null));
  await heldBy("resume", () => visit(url, id, { epoch, revision: revision - 1 }));
  isOver = true;
  await beating;
  for (const watcher of watchers) watcher.close();
  driver.close();
  await call("DELETE", at);
  return { ...row, health: Math.round(health) };
}

async function ask(child) {
  child.send("held");
  return (await once(child, "message"))[0];
}

/** A while in which nothing more comes. */
async function settled(url, watchers) {
  const count = () => watchers.reduce((sum, { bytes }) => sum + bytes, 0);
  for (let before = -1; before !== count(); ) {
    before = count();
    await (await fetch(`${url}/healthz`)).text();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function watch(url, id, audience) {
  const token = Buffer.from(TOKENS[audience]).toString("base64url");
  const socket = new WebSocket(`${url.replace("http", "ws")}/workflow/live`, [
    "instep.v1",
    `instep.bearer.${token}`,
  ]);
  await once(socket, "open");
  const watcher = {
    bytes: 0,
    follow: (last = null) =>
      socket.send(JSON.stringify({ type: "subscribe", workflow_id: id, last })),
    heard: null,
    ask: (text) =>
      new Promise((resolve, reject) => {
        watcher.answered = (answer) =>
          /"accepted"/.test(answer) ? resolve(answer) : reject(new Error(answer));
        socket.send(text);
      }),
    answered: null,
    close: () => socket.terminate(),
  };
  socket.on("message", (data) => {
    watcher.bytes += data.length;
    const head = data.subarray(0, 40).toString();
    if (/"(snapshot|resumed)"/.test(head)) watcher.heard?.();
    if (/"(accepted|refused)"/.test(head)) watcher.answered?.(data.toString());
  });
  return watcher;
}

/** Comes, hears the whole answer and leaves. */
async function visit(url, id, last) {
  const watcher = await watch(url, id, "watch");
  const heard = new Promise((resolve) => {
    watcher.heard = resolve;
  });
  watcher.follow(last);
  await heard;
  watcher.close();
}
