/** A whole run: whoever can take part is started, all stay alive, and each part goes round them in turns. */
import { writeFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { dataFolder } from "./folder.mjs";
import { goalLines, goalsOf } from "./goals.mjs";
import { finished, install } from "./install.mjs";
import { ROOT } from "./options.mjs";
import { startPeers } from "./peers.mjs";
import { printResult } from "./report.mjs";
import { putIntoDocs, tableOf } from "./table.mjs";
import { slice } from "./workloads/flood.mjs";
import { ALONE, CROWDED, WATCHED } from "./workloads/index.mjs";

const WARM_SECONDS = 0.3;

export async function run(options) {
  const begin = performance.now();
  const missing = await install({ withBinary: needsBinary(options), patient: !options.quick });
  if (missing) console.log(missing);
  for (const root of Object.values(options.builds)) {
    if (root !== ROOT) await finished(process.execPath, [".ci/setup.mjs", "start"], root);
  }
  const session = { ...options, folder: dataFolder(), leftOut: [], results: [] };
  const tell = (result) => {
    session.results.push(result);
    if (!options.quick) printResult(result, Object.keys(options.builds));
  };
  await watched(session, tell);
  for (const name of session.only.filter((one) => one in ALONE))
    tell({ name, gathered: await ALONE[name](session) });
  const builds = Object.keys(options.builds);
  const goals = Object.fromEntries(
    builds.map((build) => [build, goalsOf(session.results, build, builds)]),
  );
  if (!options.quick) {
    for (const [build, reached] of Object.entries(goals))
      console.log(["", `goals, ${build}:`, ...goalLines(reached)].join("\n"));
    if (options.docs) await putIntoDocs(tableOf(session.results, builds));
    if (options.table) console.log(`\n${tableOf(session.results, builds)}`);
  }
  for (const { name, reason } of session.leftOut) console.log(`${name} was left out: ${reason}`);
  const seconds = Math.round((performance.now() - begin) / 1000);
  const parts = new Set(session.results.map(({ name }) => name));
  console.log(`every watcher's state and order were right in ${parts.size} parts; ${seconds} s`);
  if (options.json)
    await writeFile(options.json, JSON.stringify({ ...asJson(session), goals }, null, 1));
}

async function watched(session, tell) {
  const parts = session.only.filter((one) => one in WATCHED);
  if (parts.length === 0) return;
  const { peers, leftOut } = await startPeers(session);
  session.leftOut.push(...leftOut);
  try {
    for (const peer of peers) await peer.driver.join();
    for (const watchers of session.watchers) {
      for (const peer of peers) await peer.crowd.join(watchers);
      for (const peer of peers) await slice(peer, Math.min(WARM_SECONDS, session.seconds), 64);
      for (const name of parts) {
        if (CROWDED.has(name) && watchers < Math.max(...session.watchers)) continue;
        tell({ name, watchers, gathered: await WATCHED[name](peers, session) });
      }
      for (const peer of peers) peer.crowd.leave();
    }
    for (const peer of peers) peer.driver.leave();
  } finally {
    for (const peer of peers) await peer.stop();
  }
}

function asJson({ rounds, seconds, watchers, builds, leftOut, results }) {
  const machine = { node: process.version, cpus: cpus().length, kernel: release() };
  return { machine, rounds, seconds, watchers, builds: Object.keys(builds), leftOut, results };
}

/** Where there is none for this machine it is compiled, which takes minutes: only a whole run is worth that. */
const needsBinary = ({ only, names, quick }) =>
  !quick && only.includes("durable") && names.includes("sqlite");
