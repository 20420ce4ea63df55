/** What people get: the package as `npm pack` makes it, and a clone. Made once, and linked from there into each reader's folder. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULTS } from "../../../shared/limits.js";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export interface Packed {
  readonly tarball: string;
  /** The unpacked package. */
  readonly package: string;
  /** As after `git clone` and the first `npm start`, but for what is installed. */
  readonly clone: string;
}

/** Packs what is built into `folder`. */
export function pack(folder: string): Packed {
  const tarball = packed(ROOT, folder);
  execFileSync("tar", ["-xzf", tarball, "-C", folder]);
  const clone = path.join(folder, "clone");
  mkdirSync(clone);
  execFileSync("bash", ["-c", COPY_WHAT_GIT_HAS, "bash", clone], { cwd: ROOT });
  execFileSync("cp", ["-r", path.join(ROOT, "dist"), clone]);
  return { tarball, package: path.join(folder, "package"), clone };
}

/** Packs the client alone, as it is built, into `folder`, and says which file that is. */
export const packClient = (folder: string): string =>
  packed(path.join(ROOT, "dist", "clientPackage"), folder);

function packed(which: string, folder: string): string {
  const args = ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
  return path.join(folder, execFileSync("npm", args, { cwd: which, encoding: "utf8" }).trim());
}

/** What is removed and not committed yet is listed all the same. */
const COPY_WHAT_GIT_HAS = `
git ls-files -z --cached --others --exclude-standard |
  while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\\0' "$file"; done |
  xargs -0 cp --parents -t "$1"`;

/** As after `npm install <tarball>` in `folder`: the package, and links to the packages that this checkout has. */
export function install(packed: Packed, folder: string, port: number): void {
  const modules = path.join(folder, "node_modules");
  linkPackages(modules);
  const own = path.join(modules, "instep");
  execFileSync("cp", ["-rl", packed.package, own]);
  listenByDefaultOn(port, path.join(own, "dist"));
  mkdirSync(path.join(modules, ".bin"));
  symlinkSync("../instep/dist/server/main.js", path.join(modules, ".bin", "instep"));
}

/** The same by npm itself, without a network: each package that ours needs is "installed" as a link to the one here. */
export function npmInstall({ tarball }: Packed, folder: string): void {
  const lock = JSON.parse(readFileSync(path.join(ROOT, "package-lock.json"), "utf8"));
  const needed = Object.entries(lock.packages as Record<string, { dev?: true }>)
    .filter(([place, { dev }]) => place.lastIndexOf("node_modules/") === 0 && !dev)
    .map(([place]) => [place.slice("node_modules/".length), `file:${path.join(ROOT, place)}`]);
  mkdirSync(folder, { recursive: true });
  const overrides = Object.fromEntries(needed);
  const dependencies = { instep: `file:${tarball}` };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ dependencies, overrides }));
  // The links' own scripts are for whoever works on those packages.
  npmInstallOffline(["--ignore-scripts"], folder);
}

/** `npm install` without a network: nothing is found but what `words` name as files. */
export function npmInstallOffline(words: readonly string[], folder: string): void {
  const flags = ["--offline", "--no-audit", "--no-fund", "--no-update-notifier"];
  execFileSync("npm", ["install", ...flags, ...words], { cwd: folder, stdio: "pipe" });
}

/** A clone at `folder`, which must not be there yet, installed and built. */
export function clone(packed: Packed, folder: string, port: number): void {
  execFileSync("cp", ["-rl", packed.clone, folder]);
  const modules = path.join(folder, "node_modules");
  linkPackages(modules);
  linkPackage(".instep-installed", modules);
  linkCommands(path.join(modules, ".bin"));
  listenByDefaultOn(port, path.join(folder, "dist"));
}

function linkPackages(modules: string): void {
  mkdirSync(modules, { recursive: true });
  for (const name of readdirSync(path.join(ROOT, "node_modules"))) {
    if (!name.startsWith(".")) linkPackage(name, modules);
  }
}

/** The commands of the packages that this checkout has, and the clone's own, as the set-up links it. */
function linkCommands(bin: string): void {
  mkdirSync(bin);
  for (const name of readdirSync(path.join(ROOT, "node_modules", ".bin"))) {
    if (name !== "instep") linkPackage(path.join(".bin", name), path.dirname(bin));
  }
  symlinkSync("../../dist/server/main.js", path.join(bin, "instep"));
}

const linkPackage = (name: string, modules: string): void =>
  symlinkSync(path.join(ROOT, "node_modules", name), path.join(modules, name));

/** The one thing that is changed: several servers cannot all listen on the port that the documents name. */
function listenByDefaultOn(port: number, dist: string): void {
  const words = ["-rlwF", String(DEFAULTS.port), dist, "--include=*.js", "--include=*.cjs"];
  const files = execFileSync("grep", words, { encoding: "utf8" }).trim().split("\n");
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    // Written anew: the old one is everybody's.
    rmSync(file);
    writeFileSync(file, text.replace(new RegExp(`\\b${DEFAULTS.port}\\b`, "g"), String(port)));
  }
}
