/**
 * What a flood costs somebody else: a driver that reports one step after the other, without and with flooders, which run in a process
 * of their own. Read the ratio, not the milliseconds.
 *
 *   npm run bench:floods -- [--sockets 20] [--seconds 8] [--from 127.0.0.1,127.0.0.2]
 */
import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { connect, round } from "./parts.mjs";

const SERVER = fileURLToPath(new URL("../dist/server/main.js", import.meta.url));
const FLOODER = fileURLToPath(new URL("./flooder.mjs", import.meta.url));

const { values } = parseArgs({
  options: {
    sockets: { type: "string", default: "20" },
    seconds: { type: "string", default: "8" },
    from: { type: "string", default: "127.0.0.1,127.0.0.2" },
    kinds: { type: "string", default: "save,garbage,ping,big,polite,get,post" },
  },
});
const sockets = Number(values.sockets);
const ms = Number(values.seconds) * 1_000;

const rows = [];
for (const kind of values.kinds.split(",")) {
  for (const from of values.from.split(",")) rows.push(await measure(kind, from));
}
console.table(rows);
const worst = Math.max(...rows.map((row) => row["p99 ratio"]));
console.log(`the worst of ${rows.length} floods: p99 ${round(worst)} x`);

/** The same server and the same driver, first left alone, then beside a flood. */
async function measure(kind, from) {
  const folder = await mkdtemp(join(tmpdir(), "instep-bench-"));
  const server = fork(
    SERVER,
    ["serve", "--port", "0", "--data-dir", join(folder, "data"), "--log-level", "silent"],
    { cwd: folder, stdio: ["ignore", "pipe", "inherit", "ipc"] },
  );
  const url = await new Promise((resolve, reject) => {
    let said = "";
    server.stdout.on("data", (text) => {
      said += text;
      const found = /Page +(http:\S+)\//.exec(said)?.[1];
      if (found) resolve(found);
    });
    server.once("exit", () => reject(new Error("the server did not start")));
  });
  const driver = await connect(url);
  await driver.propose({
    kind: "save",
    state: { workflow_id: "victim", steps: [{ action: "work" }] },
  });
  await report(driver, ms / 4); // warm
  const before = await report(driver, ms / 2);
  const flooder = fork(FLOODER, [url, kind, String(sockets), from], { stdio: "inherit" });
  const ended = new Promise((_, reject) =>
    flooder.once("exit", (code) => reject(new Error(`the flooder ended with ${code}`))),
  );
  const heard = () => new Promise((resolve) => flooder.once("message", resolve));
  await Promise.race([heard(), ended]);
  const during = await report(driver, ms);
  flooder.send("stop");
  const counts = await Promise.race([heard(), ended]);
  ended.catch(() => {});
  const after = await report(driver, ms / 2);
  driver.close();
  server.kill();
  await new Promise((resolve) => server.once("exit", resolve));
  await rm(folder, { recursive: true, force: true });
  const base = Math.max(before.p99, after.p99);
  return {
    kind,
    from,
    "p99 alone": round(base),
    "p99 flooded": round(during.p99),
    "p99 ratio": round(during.p99 / base),
    "p50 ratio": round(during.p50 / Math.max(before.p50, after.p50)),
    max: round(during.max),
    reports: during.count,
    ...counts,
  };
}

/** At most 50 a second, so that the pace of a client is never what is measured. */
async function report(driver, ms) {
  const times = [];
  const until = performance.now() + ms;
  for (let i = 0; performance.now() < until; i++) {
    const started = performance.now();
    const update = { progress: (i % 100) / 100 };
    await driver.propose({ kind: "step", workflow_id: "victim", index: 0, update });
    times.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return { p50: at(0.5), p99: at(0.99), max: at(1), count: times.length };
}
