/**
 * What does a call of the command cost, against a `node` that does nothing? CPU time (user and system) of the whole process, so that waiting for
 * others does not count; all kinds in turn in every round, so that a busy machine slows them alike. The ratio is that of the medians.
 * It needs bash, whose `time` tells what a process took to its very end.
 *
 *   npm run bench:startup -- [--rounds 15] [--json]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./parts.mjs";

/** Times an empty Node, at most. */
const AIMS = { "--version": 2.2, list: 3, "list (no server)": 3 };
const MAIN = fileURLToPath(new URL("../dist/server/main.js", import.meta.url));
const TIMED = 'TIMEFORMAT="%U %S"; time "$@" > /dev/null 2>&1';
const RECIPE = "name: greet\nsteps:\n  - action: greet\n    run: echo hello\n";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "15" }, json: { type: "boolean" } },
});
const folder = mkdtempSync(join(tmpdir(), "instep-startup-"));
// Whatever Node itself is told, such as certificates to read, and nothing that Instep would take for a setting.
const given = Object.entries(process.env).filter(([name]) => !/^(INSTEP_|PORT$)/.test(name));
const env = { ...Object.fromEntries(given), HOME: folder };
const server = await serve();
try {
  report(await measure(callsOf(server.url), Number(values.rounds)));
} finally {
  server.process.kill("SIGTERM");
  await once(server.process, "close");
  rmSync(folder, { recursive: true });
}

function callsOf(url) {
  const instep = (...words) => [MAIN, ...words];
  const asking = (...words) => instep(...words, "--server", url);
  return {
    "node -e 0": ["-e", "0"],
    "--version": instep("--version"),
    "--help": instep("--help"),
    list: asking("list"),
    "list (no server)": instep("list", "--server", "http://127.0.0.1:1"),
    definitions: asking("definitions"),
    start: asking("start", "greet"),
    cancel: asking("cancel", "greeted"),
    logs: asking("logs", "greeted"),
    watch: asking("watch", "greeted"),
    check: instep("check", join("workflows", "greet.yaml")),
  };
}

async function serve() {
  mkdirSync(join(folder, "workflows"));
  writeFileSync(join(folder, "workflows", "greet.yaml"), RECIPE);
  const child = spawn(process.execPath, [MAIN, "serve", "--port", "0", "--log-level", "silent"], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await firstMatch(child.stdout, /Page +(http:\S+)\//);
  const started = await call([MAIN, "start", "greet", "--id", "greeted", "-f", "--server", url]);
  if (started.exitCode !== 0) throw new Error("the workflow that is looked at did not complete");
  return { process: child, url };
}

async function measure(calls, rounds) {
  const taken = Object.fromEntries(Object.keys(calls).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, args] of Object.entries(calls)) taken[name].push((await call(args)).cpuMs);
  }
  return Object.entries(taken).map(([name, times]) => {
    const ratio = median(times) / median(taken["node -e 0"]);
    return { name, cpuMs: Math.round(median(times)), ratio: Math.round(ratio * 100) / 100 };
  });
}

function report(measured) {
  if (values.json) return console.log(JSON.stringify(measured));
  for (const { name, cpuMs, ratio } of measured) {
    const aim = name in AIMS ? `  (at most ${AIMS[name]} x)` : "";
    console.log(`${name.padEnd(18)}${String(cpuMs).padStart(5)} ms  ${ratio.toFixed(2)} x${aim}`);
  }
}

async function call(args) {
  const child = spawn("bash", ["-c", TIMED, "bash", process.execPath, ...args], {
    cwd: folder,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [said] = await Promise.all([text(child.stderr), once(child, "close")]);
  const [user, system] = said.trim().split(" ").map(Number);
  return { exitCode: child.exitCode, cpuMs: (user + system) * 1_000 };
}

function firstMatch(stream, pattern) {
  return new Promise((resolve, reject) => {
    let said = "";
    stream.on("data", (more) => {
      said += more;
      const found = pattern.exec(said);
      if (found) resolve(found[1]);
    });
    stream.on("end", () => reject(new Error(`no ${pattern} in what was printed`)));
  });
}
