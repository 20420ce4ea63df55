/** Makes a fresh clone ready to start or to test. Runs before anything is installed, so it knows Node's own modules only. */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import path from "node:path";
import { provideNodes } from "./otherNodes.mjs";
import { provideForTests } from "./testTools.mjs";
import { ROOT, run, SetupError, say } from "./tools.mjs";

const INSTALL_STAMP = path.join(ROOT, "node_modules", ".instep-installed");
const BUILD_STAMP = path.join(ROOT, "dist", ".instep-built");
const LOCK = path.join(ROOT, "dist", ".instep-setup.lock");
const ENTRY = path.join(ROOT, "dist", "server", "main.js");
const COMMAND = path.join(ROOT, "node_modules", ".bin", "instep");

/** What the build is made from. */
const SOURCES = [
  "server",
  "client",
  "shared",
  "LICENSE",
  ".ci/clientPackage.mjs",
  ".ci/command.config.mjs",
  ".ci/contracts.mjs",
  ".ci/element.config.mjs",
  ".ci/plainTypes.mjs",
  ".ci/types.config.mjs",
  "tsconfig.json",
  "tsconfig.build.json",
  "package.json",
  "package-lock.json",
];
const OLDEST_NODE = [20, 19];
const LONGEST_WAIT_MS = 15 * 60_000;

try {
  await setUp(process.argv[2]);
} catch (error) {
  if (error instanceof SetupError) say(error.message);
  else if (error.path) say(`The set-up cannot use ${error.path} (${error.code}).`);
  else throw error;
  process.exitCode = 1;
}

async function setUp(goal) {
  if (goal !== "start" && goal !== "test") {
    throw new SetupError("Usage: node .ci/setup.mjs start|test");
  }
  checkNode(process.versions.node);
  const unlock = await lock();
  try {
    await install();
    await build();
    linkCommand();
    if (goal === "test") {
      await provideForTests();
      await provideNodes(npm);
    }
  } finally {
    unlock();
  }
}

function checkNode(version) {
  const [major, minor] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetupError(
    `Instep needs Node ${OLDEST_NODE.join(".")} or newer; this is ${version}. See https://nodejs.org for a newer one.`,
  );
}

async function install() {
  const wanted = [process.platform, process.arch, hashOf(["package-lock.json"])].join(" ");
  if (read(INSTALL_STAMP) === wanted) return;
  // A half-done install must not look like a whole one.
  fs.rmSync(INSTALL_STAMP, { force: true });
  say("Installing packages (only this once)...");
  await npm("The packages could not be installed", [
    "ci",
    "--include=dev",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
  ]);
  write(INSTALL_STAMP, wanted);
}

async function build() {
  // Taken before the build: a source that changes meanwhile is then built the next time.
  const wanted = hashOf(SOURCES);
  if (read(BUILD_STAMP) === wanted && fs.existsSync(ENTRY)) return;
  fs.rmSync(BUILD_STAMP, { force: true });
  say("Building...");
  await npm("The build failed", ["run", "--silent", "build"]);
  // A file that is not executable could not be the command `instep`.
  fs.chmodSync(ENTRY, 0o755);
  write(BUILD_STAMP, wanted);
}

/** `npx instep` makes a link of its own, and keeps it for good: one that was made before there was a build has no command in it. */
function linkCommand() {
  if (fs.existsSync(COMMAND)) return;
  fs.mkdirSync(path.dirname(COMMAND), { recursive: true });
  fs.rmSync(COMMAND, { force: true });
  fs.symlinkSync(path.relative(path.dirname(COMMAND), ENTRY), COMMAND);
}

/** npm as it was started, so that the same version goes on; otherwise whichever the PATH has. */
function npm(why, args) {
  const started = process.env.npm_execpath;
  if (started?.endsWith("npm-cli.js") && fs.existsSync(started)) {
    return run(why, process.execPath, [started, ...args], {}, "npm");
  }
  return run(why, "npm", args);
}

/** Two set-ups at once would install into one another: the second waits for the first. */
async function lock() {
  fs.mkdirSync(path.dirname(LOCK), { recursive: true });
  const deadline = Date.now() + LONGEST_WAIT_MS;
  for (let told = false; ; ) {
    try {
      fs.writeFileSync(LOCK, String(process.pid), { flag: "wx" });
      return () => fs.rmSync(LOCK, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = Number(read(LOCK));
    if (holder > 0 && !isAlive(holder)) {
      takeAway(holder);
      continue;
    }
    if (Date.now() > deadline) {
      throw new SetupError(
        `Another set-up (pid ${holder}) does not come to an end; if there is none, remove ${LOCK}.`,
      );
    }
    if (!told) say("Another set-up is running; waiting for it...");
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Removes a lock whose holder is dead. Renaming first: of several that try, one gets it, and a newer lock is put back. */
function takeAway(holder) {
  const aside = `${LOCK}.${process.pid}`;
  try {
    fs.renameSync(LOCK, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  if (Number(read(aside)) === holder) fs.rmSync(aside, { force: true });
  else fs.renameSync(aside, LOCK);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function hashOf(names) {
  const hash = createHash("sha256");
  for (const name of names) hashInto(hash, name);
  return hash.digest("hex");
}

function hashInto(hash, name) {
  const full = path.join(ROOT, name);
  const found = fs.statSync(full, { throwIfNoEntry: false });
  if (!found) return;
  if (found.isDirectory()) {
    for (const entry of fs.readdirSync(full).sort()) hashInto(hash, path.join(name, entry));
    return;
  }
  const content = fs.readFileSync(full);
  hash.update(`${name}\0${content.length}\0`).update(content);
}

function read(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

function write(file, text) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}
