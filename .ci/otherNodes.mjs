/** The other versions of Node that Instep is tried on, from npm's packages of its programs. */
import * as fs from "node:fs";
import path from "node:path";
import { ROOT, SetupError, say } from "./tools.mjs";

/** The whole suite runs on the Node that runs it; `test/live/lifetime/otherNodes.test.ts` tries a whole workflow on these. */
export const OTHER_NODES = [22, 24];

/** Beside the packages, so that it goes when they go. */
const FOLDER = path.join(ROOT, "node_modules", ".nodes");

/** Where the program of one is, once the set-up has brought it. */
export const nodeProgram = (major) =>
  path.join(FOLDER, "node_modules", `node${major}`, "bin", "node");

/** `npm` runs npm: the sentence where it fails, and its words. */
export async function provideNodes(npm) {
  const missing = OTHER_NODES.filter((major) => !fs.existsSync(nodeProgram(major)));
  if (missing.length === 0) return;
  const names = missing.join(" and ");
  say(`Fetching Node ${names} for the tests (only this once)...`);
  fs.mkdirSync(FOLDER, { recursive: true });
  fs.writeFileSync(path.join(FOLDER, "package.json"), "{}");
  const program = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const wanted = missing.map((major) => `node${major}@npm:${program}@${major}`);
  const how = ["--prefix", FOLDER, "--ignore-scripts", "--no-audit", "--no-fund"];
  try {
    await npm(`Node ${names} could not be fetched`, ["install", ...how, ...wanted]);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`${error.message} The tests on Node ${names} are left out.`);
  }
}
