/**
 * A cluster to kill things in and watch: three members of etcd, two Instep servers, and a balancer in front of them, all on loopback, in a temporary
 * folder. Nothing is started again by itself. Ctrl-C ends everything and removes the folder.
 *
 *   npm run demo:cluster -- [--port 4750]
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { freeUrl } from "../freeUrl.mjs";
import { startBalancer } from "./balancer.mjs";
import { endLeftovers } from "./leftovers.mjs";
import { Part } from "./part.mjs";

const MAIN = fileURLToPath(new URL("../../dist/server/main.js", import.meta.url));

if (spawnSync("etcd", ["--version"]).status !== 0) {
  process.stderr.write(
    "The demo needs etcd, and there is none on PATH: on Debian, apt-get install etcd-server installs it.\n",
  );
  process.exit(1);
}
const WORDS = `Here, a line each: list, start a, kill a, stop m1 (frozen) and cont m1, quit. Ctrl-C ends everything and removes the folder.
`;
const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });

const folder = await mkdtemp(join(tmpdir(), "instep-demo-"));
let isEnding = false;
const members = await membersOf(["m1", "m2", "m3"]);
const servers = [];
const balancer = await startBalancer(Number(values.port), () =>
  servers.map(({ url }) => Number(new URL(url).port)),
);
for (const name of ["a", "b"]) servers.push(serverOf(name, await freeUrl()));
const parts = [...members, ...servers];

// npm passes on what the terminal has sent already: a second one changes nothing.
process.on("SIGINT", () => void end(0));
process.on("SIGTERM", () => void end(0));
try {
  await Promise.all(members.map((member) => member.start()));
  await Promise.all(servers.map((server) => server.start()));
  say(greeting());
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => void obey(line.trim().split(/\s+/)));
} catch (error) {
  if (!isEnding) {
    process.stderr.write(`The demo did not start: ${error.message}\n`);
    await end(1);
  }
}

async function end(code) {
  if (isEnding) return;
  isEnding = true;
  await balancer.close();
  await Promise.all(servers.map((server) => server.end("SIGTERM")));
  await Promise.all(members.map((member) => member.end("SIGKILL")));
  endLeftovers(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  say("Ended; nothing is left.\n");
  process.exit(code);
}

/** The words that may be typed. */
async function obey([verb, name]) {
  const part = parts.find((one) => one.name === name);
  if (verb === "list") return say(table());
  if (verb === "quit") return end(0);
  if (!part || !["start", "kill", "stop", "cont"].includes(verb)) return say(WORDS);
  if (verb === "kill") return part.signal("SIGKILL");
  if (verb === "stop") return part.signal("SIGSTOP");
  if (verb === "cont") return part.signal("SIGCONT");
  try {
    await part.start();
    say(`${name} serves again, pid ${part.pid}.\n`);
  } catch (error) {
    if (!isEnding) say(`${error.message}\n`);
  }
}

function greeting() {
  const [member] = members;
  const [server] = servers;
  return `
Three members of etcd and two Instep servers, in ${folder}:

${table()}
  Page  http://127.0.0.1:${balancer.port}/  through the balancer, which takes a and b in turn

Try it: open the page in two tabs and start "backup". Then, in another terminal:

  kill -9 ${member.pid}    a member of etcd: nobody notices, two are left
  kill -9 ${server.pid}    a server: its tabs go on with the other one, what it ran is interrupted
  the other two members as well: both servers show what they have, marked as of when, and refuse changes

${WORDS}`;
}

function table() {
  const rows = parts.map(({ name, url, pid, isThere }) =>
    ["", name.padEnd(3), url.padEnd(23), isThere ? `pid ${pid}` : "not there"].join("  "),
  );
  return `${rows.join("\n")}\n`;
}

function say(text) {
  process.stdout.write(text);
}

async function membersOf(names) {
  const places = [];
  for (const name of names) places.push({ name, url: await freeUrl(), peer: await freeUrl() });
  const all = places.map(({ name, peer }) => `${name}=${peer}`).join(",");
  return places.map(({ name, url, peer }) => {
    const words = [
      ...["etcd", "--name", name, "--data-dir", join(folder, name), "--log-level", "error"],
      ...["--listen-client-urls", url, "--advertise-client-urls", url],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
      ...["--initial-cluster", all, "--initial-cluster-token", folder],
      ...["--auto-compaction-mode", "periodic", "--auto-compaction-retention", "10m"],
    ];
    return new Part({ name, url, words, env: process.env, serves: isHealthy, onEnd: tellEnd });
  });
}

function serverOf(name, url) {
  const hosts = members.map((member) => new URL(member.url).host).join(",");
  const allowed = ["127.0.0.1", "localhost"].map((host) => `${host}:${balancer.port}`);
  const words = [
    ...[process.execPath, MAIN, "serve", "--json", "--no-config", "--log-level", "warn"],
    ...["--port", new URL(url).port, "--host", "127.0.0.1"],
    ...["--store", `etcd://${hosts}`, "--node", name, "--data-dir", join(folder, name)],
    // What a server left at work would have nobody to take it up.
    ...["--on-stop", "end"],
    ...allowed.flatMap((host) => ["--allow-host", host]),
  ];
  const own = Object.entries(process.env).filter(([variable]) => !variable.startsWith("INSTEP_"));
  const env = { ...Object.fromEntries(own), XDG_STATE_HOME: join(folder, "seen") };
  return new Part({ name, url, words, env, serves: isReady, onEnd: tellEnd });
}

function tellEnd({ name }) {
  if (!isEnding) say(`${name} has ended. It is started again by: start ${name}\n`);
}

async function isHealthy(url) {
  const answer = await fetch(`${url}/health`, soon()).catch(() => null);
  return answer?.ok === true && (await answer.json()).health === "true";
}

async function isReady(url) {
  const answer = await fetch(`${url}/readyz`, soon()).catch(() => null);
  return answer?.ok === true;
}

/** A frozen one answers nobody. */
function soon() {
  return { signal: AbortSignal.timeout(2_000) };
}
