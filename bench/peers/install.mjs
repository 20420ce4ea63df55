/** The peers' packages, in this folder alone. Who cannot be had is left out; bare ws is there always, with Instep's own install. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const STAMP = `${HERE}node_modules/.instep-installed`;
/** The one package with a binary, which comes from another place than the registry or is compiled. */
const BINARY = "better-sqlite3";

/** Returns a sentence for people where not all could be installed. */
export async function install({ withBinary, patient }) {
  const lock = await readFile(`${HERE}package-lock.json`);
  const wanted = `${process.version} ${createHash("sha256").update(lock).digest("hex")}`;
  if (!existsSync(STAMP) || (await readFile(STAMP, "utf8")) !== wanted) {
    const haste = patient ? [] : ["--fetch-retries=0", "--prefer-offline"];
    try {
      await npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", ...haste);
    } catch (error) {
      return `The peers could not be installed in ${HERE}: ${error.message}`;
    }
    await writeFile(STAMP, wanted);
  }
  if (
    withBinary &&
    !existsSync(`${HERE}node_modules/${BINARY}/build/Release/better_sqlite3.node`)
  ) {
    console.log(`Getting the binary of ${BINARY} (only this once; compiling it takes minutes)...`);
    await npm("rebuild", BINARY).catch(() => {});
  }
  return undefined;
}

/** npm as it was started, otherwise whichever the PATH has. */
function npm(...args) {
  const started = process.env.npm_execpath;
  const own = started?.endsWith("npm-cli.js") && existsSync(started);
  return finished(own ? process.execPath : "npm", own ? [started, ...args] : args);
}

/** Rejects with the last line that says why. */
export function finished(command, args, cwd = HERE) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      said = (said + text).slice(-8000);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve();
      const lines = said.split("\n").filter((line) => line.trim() !== "");
      reject(new Error(lines.find((line) => /err/i.test(line)) ?? `${command} ended with ${code}`));
    });
  });
}
