/**
 * What does it cost that a command outlives the server? Steps with `survives: true` and `false` in turn on one server: the whole run of `true`, the memory
 * (Pss) of all processes of a command at rest, and the time in which its output is in the log. Read the ratios, not the milliseconds.
 *
 *   node bench/kept.mjs [--rounds 7] [--megabytes 16]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createInstep } from "instep";
import { parseDefinition } from "../dist/server/runner/definition/file/definitionFile.js";
import { median, round } from "./parts.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    megabytes: { type: "string", default: "16" },
  },
});
const [rounds, megabytes] = [Number(values.rounds), Number(values.megabytes)];
const bytes = megabytes * 1024 * 1024;
const COMMANDS = {
  true: "true",
  rest: "exec sleep 1000",
  blocks: `dd if=/dev/zero bs=65536 count=${megabytes * 16} 2>/dev/null`,
  lines: `yes 1234567 | head -c ${bytes}`,
};

const dataDir = mkdtempSync(join(tmpdir(), "instep-bench-"));
const definitions = Object.entries(COMMANDS).flatMap(([name, run]) =>
  [true, false].map((survives) => {
    const steps = [{ action: "work", survives, run }];
    const text = JSON.stringify({ name: `${name}-${survives}`, steps });
    return parseDefinition(text, `${name}-${survives}.yaml`);
  }),
);
const limits = { commandsPerSecond: 1e9, commandBurst: 1e9 };
const instep = await createInstep({
  dataDir,
  limits,
  definitions,
  env: { PATH: process.env.PATH },
});
const { url } = await instep.listen({ port: 0 });
try {
  report(await measure());
} finally {
  await instep.close();
  rmSync(dataDir, { recursive: true, force: true });
}

async function measure() {
  const found = {};
  // The first round pays for compiling.
  for (let at = -1; at < rounds; at++) {
    for (const name of Object.keys(COMMANDS)) {
      for (const kept of at % 2 === 0 ? [true, false] : [false, true]) {
        const one = await (name === "rest" ? memoryOf : timeOf)(`${name}-${kept}`);
        if (at >= 0) found[`${name}-${kept}`] = [...(found[`${name}-${kept}`] ?? []), one];
      }
    }
  }
  return found;
}

async function timeOf(name) {
  const began = performance.now();
  await until(await start(name), ({ status }) => status === "completed");
  return performance.now() - began;
}

/** In MiB. */
async function memoryOf(name) {
  const id = await start(name);
  await until(id, ({ steps }) => steps[0].status === "in_progress");
  await new Promise((resolve) => setTimeout(resolve, 500));
  const pss = processesOf(id).reduce((sum, pid) => sum + pssOf(pid), 0) / 1024;
  await post("stop", { workflow_id: id, now: true });
  await until(id, ({ status }) => status === "cancelled");
  return pss;
}

/** The command's, and those of its keeper, which are children of this process. */
function processesOf(id) {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const parents = new Map(
    all.map((pid) => [pid, read(pid, "stat").split(") ").at(-1).split(" ")[1]]),
  );
  const isOurs = (pid) =>
    pid !== undefined && (parents.get(pid) === `${process.pid}` || isOurs(parents.get(pid)));
  return all.filter((pid) => isOurs(pid) || read(pid, "environ").includes(`WORKFLOW_ID=${id}`));
}

function pssOf(pid) {
  return Number(/^Pss: +(\d+)/m.exec(read(pid, "smaps_rollup"))?.[1] ?? 0);
}

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

async function post(kind, body) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${url}/workflow/${kind}`, {
    ...{ method: "POST", headers, body: JSON.stringify(body) },
  });
  return answer.json();
}

async function start(name) {
  return (await post("start", { name })).workflow_id;
}

async function until(id, fits) {
  for (let etag = ""; ; ) {
    const answer = await fetch(`${url}/workflow/state?workflow_id=${id}&wait=20s`, {
      headers: { "If-None-Match": etag },
    });
    etag = answer.headers.get("etag") ?? "";
    if (answer.status === 200 && fits((await answer.json()).state)) return;
  }
}

function report(found) {
  const of = (name, kept) => median(found[`${name}-${kept}`]);
  const [kept, ended] = [of("true", true), of("true", false)];
  console.log(
    `whole run of true: ${round(kept)} ms kept, ${round(ended)} ms not: ${round(kept - ended)} ms more`,
  );
  const [more, less] = [of("rest", true), of("rest", false)];
  console.log(
    `memory at rest (Pss): ${round(more)} MiB kept, ${round(less)} MiB not: ${round(more - less)} MiB more`,
  );
  for (const name of ["blocks", "lines"]) {
    const ratio = of(name, false) / of(name, true);
    console.log(
      `${name}: ${megabytes} MiB into the log at ${round(ratio)} x the speed of one that is not kept`,
    );
  }
}
