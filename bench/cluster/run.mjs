/**
 * What does a cluster cost, and what does it give? The same load on one server with files, and on one, two and three servers with one etcd, all in one run:
 * the time from an update until the last of all tabs has it, updates a second of one workflow and of many, what a tab costs, and the watches that etcd holds. All of it
 * shares this machine's processors: read the ratios.
 *
 *   npm run bench:cluster -- [--tabs 1000] [--updates 100] [--seconds 3] [--rounds 3] [--members 1] [--nodes 1,2,3]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { connect, round } from "../parts.mjs";
import { openCrowd } from "./crowd.mjs";
import { startEtcd } from "./etcd.mjs";

const { values } = parseArgs({
  options: {
    tabs: { type: "string", default: "1000" },
    updates: { type: "string", default: "100" },
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    members: { type: "string", default: "1" },
    nodes: { type: "string", default: "1,2,3" },
  },
});
const [tabs, updates, seconds, rounds, members] = [
  ...["tabs", "updates", "seconds", "rounds", "members"].map((name) => Number(values[name])),
];
const LIMITS = { commandsPerSecond: 1e9, commandBurst: 1e9 };
/** A step's worth of text, so that a state has a common size. */
const STEPS = Array.from({ length: 10 }, (_, n) => ({
  action: `step ${n}`,
  message: "x".repeat(100),
}));
const MANY = 64;

const folder = await mkdtemp(join(tmpdir(), "instep-bench-"));
const etcd = await startEtcd(folder, members);
const rows = [];
try {
  for (let at = 0; at < rounds; at++) {
    rows.push(await measure(at, "files", 1));
    for (const count of values.nodes.split(","))
      rows.push(await measure(at, "etcd", Number(count)));
  }
} finally {
  await etcd.end();
  await rm(folder, { recursive: true, force: true });
}
console.table(turned(middleOf(rows)));

async function measure(at, store, count) {
  const name = `${store}-${count}-${at}`;
  const servers = [];
  for (let n = 0; n < count; n++) servers.push(await startServer(name, store, n));
  const urls = servers.map(({ url }) => url);
  try {
    const driver = await connect(urls[0]);
    await driver.propose({
      kind: "save",
      state: { workflow_id: "watched", number: 0, steps: STEPS },
    });
    const usage = async () => {
      const all = await Promise.all(servers.map(({ usage }) => usage()));
      const sum = (key) => all.reduce((total, one) => total + one[key], 0);
      const etcdUs = store === "etcd" ? await etcd.cpuUs() : 0;
      return {
        rss: sum("rss"),
        cpuUs: sum("cpuUs"),
        etcdUs,
        most: Math.max(...all.map(({ rss }) => rss)),
      };
    };
    const before = await usage();
    const crowd = await openCrowd(urls, tabs, "watched");
    const opened = await usage();
    const latencies = [];
    for (let number = 1; number <= updates; number++) {
      const all = crowd.allShown(number);
      const began = performance.now();
      await driver.propose(numbered("watched", number));
      await all;
      latencies.push(performance.now() - began);
    }
    const after = await usage();
    const perTab = {
      kib: (opened.rss - before.rss) / tabs / 1024,
      cpuUs: (after.cpuUs - opened.cpuUs) / tabs / updates,
      etcdUs: (after.etcdUs - opened.etcdUs) / updates / count,
    };
    const watches = store === "etcd" ? await etcd.watches() : 0;
    crowd.close();
    driver.close();
    const one = await perSecond(urls, 1);
    const many = await perSecond(urls, MANY);
    const { most: rss } = await usage();
    const heardUs = count === 1 ? 0 : await costOfHearing(urls.slice(0, -1), servers.at(-1));
    return { name: `${store}, ${count}`, latencies, one, many, watches, rss, heardUs, ...perTab };
  } finally {
    for (const { end } of servers) await end();
  }
}

/** Of a change that another server made, for one that nobody watches at. */
async function costOfHearing(urls, idle) {
  const before = await idle.usage();
  const changes = (await perSecond(urls, MANY / 2)) * seconds;
  return ((await idle.usage()).cpuUs - before.cpuUs) / changes;
}

/** Drivers that send their next update when the one before is durable; 16 of them share a workflow where there is only one. */
async function perSecond(urls, workflows) {
  const count = Math.max(16, workflows);
  const drivers = await Promise.all(
    Array.from({ length: count }, (_, n) => connect(urls[n % urls.length])),
  );
  const idOf = (n) => `w${workflows}-${n % workflows}`;
  for (let n = 0; n < workflows; n++)
    await drivers[n].propose({ kind: "save", state: { workflow_id: idOf(n), steps: STEPS } });
  let done = 0;
  const until = performance.now() + seconds * 1_000;
  await Promise.all(
    drivers.map(async (driver, n) => {
      // Through another server than the one that took the start, it may not be there yet: the first update waits for it.
      driver.send({ type: "subscribe", workflow_id: idOf(n) });
      await driver.until((frame) => frame.workflow_id === idOf(n));
      for (let number = 1; performance.now() < until; number++) {
        await driver.propose(numbered(idOf(n), number));
        done += 1;
      }
    }),
  );
  for (const driver of drivers) driver.close();
  return done / seconds;
}

function numbered(workflow_id, number) {
  return { kind: "save", merge: true, state: { workflow_id, number } };
}

async function startServer(name, store, n) {
  const options = { dataDir: join(folder, `${name}-${n}`), limits: LIMITS };
  const cluster = { store: { endpoints: etcd.endpoints, prefix: `/${name}/` }, node: `n${n}` };
  const given = store === "etcd" ? { ...options, cluster } : options;
  const child = fork(fileURLToPath(new URL("server.mjs", import.meta.url)), [
    JSON.stringify(given),
  ]);
  const [{ url }] = await once(child, "message");
  return {
    url,
    usage: async () => {
      child.send("usage");
      return (await once(child, "message"))[0];
    },
    end: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

/** All latencies of all rounds, and the middle of the rest. */
function middleOf(found) {
  return [...new Set(found.map(({ name }) => name))].map((name) => {
    const own = found.filter((row) => row.name === name);
    const latencies = own.flatMap((row) => row.latencies).toSorted((a, b) => a - b);
    const at = (share) => round(latencies[Math.floor((latencies.length - 1) * share)]);
    const middle = (key) => own.map((row) => row[key]).toSorted((a, b) => a - b)[own.length >> 1];
    return {
      "store, servers": name,
      "to the last tab p50 ms": at(0.5),
      "p99 ms": at(0.99),
      "updates/s, one workflow": Math.round(middle("one")),
      [`updates/s, ${MANY} workflows`]: Math.round(middle("many")),
      "µs of a server's processor, a tab and update": round(middle("cpuUs")),
      "µs of a server's processor, a change elsewhere": Math.round(middle("heardUs")),
      "KiB of a server, a tab": round(middle("kib")),
      "µs of etcd's processor, an update and server": Math.round(middle("etcdUs")),
      "watches in etcd": middle("watches"),
      "MiB of the largest server": Math.round(middle("rss") / 2 ** 20),
    };
  });
}

/** A figure in each row, a store in each column. */
function turned(columns) {
  const [first] = columns;
  const figures = Object.keys(first).filter((key) => key !== "store, servers");
  const row = (key) => Object.fromEntries(columns.map((one) => [one["store, servers"], one[key]]));
  return Object.fromEntries(figures.map((key) => [key, row(key)]));
}
