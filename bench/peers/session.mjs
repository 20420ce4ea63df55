/** A whole run: whoever can take part is started, all stay alive, and each part goes round them in turns. */
import { writeFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { dataFolder } from "./folder.mjs";
import { finished, install } from "./install.mjs";
import { ROOT } from "./options.mjs";
import { startPeers } from "./peers.mjs";
import { printResult } from "./report.mjs";
import { slice } from "./workloads/flood.mjs";
import { ALONE, WATCHED } from "./workloads/index.mjs";

const WARM_SECONDS = 0.3;

export async function run(options) {
  const begin = performance.now();
  const missing = await install();
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
  for (const { name, reason } of session.leftOut) console.log(`${name} was left out: ${reason}`);
  const seconds = (performance.now() - begin) / 1000;
  console.log(`every watcher's state and order were right; ${Math.round(seconds)} s`);
  if (options.json) await writeFile(options.json, JSON.stringify(asJson(session), null, 1));
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
      for (const name of parts)
        tell({ name, watchers, gathered: await WATCHED[name](peers, session) });
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
