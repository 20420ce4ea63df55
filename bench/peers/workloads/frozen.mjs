/** 20 tabs that stand still among 1,000: what the others notice of them, and what they cost the server. */
import { Arrivals } from "../crowd/arrivals.mjs";
import { Crowd } from "../crowd/crowd.mjs";
import { Driver } from "../crowd/driver.mjs";
import { quantile } from "../figures.mjs";
import { startInstep } from "../peers.mjs";
import { inTurns } from "../rounds.mjs";
import { startWorkflow } from "../speech/instep.mjs";
import { LARGE, large } from "../speech/large.mjs";

const FROZEN = 20;
const EVERY_MS = 20;

/** The frozen ones follow another workflow, of large updates, so that what the system keeps for a socket is full soon. */
export async function frozen({ builds, folder, rounds, seconds, watchers, quick }) {
  const gathered = {};
  for (const [name, root] of Object.entries(builds)) {
    const peer = await startInstep(name, root, folder);
    try {
      await startWorkflow(peer.port, { workflow_id: LARGE, steps: [{ action: "print" }] });
      const filler = new Driver({ ...peer, speech: large });
      await filler.join();
      await peer.driver.join();
      await peer.crowd.join(Math.max(...watchers));
      const sides = [
        { name, isFrozen: false },
        { name: `${name}, 20 frozen`, isFrozen: true },
      ];
      const play = ({ isFrozen }) => slice(peer, filler, isFrozen, seconds * 2, quick);
      await inTurns(sides, 1, play);
      Object.assign(gathered, await inTurns(sides, rounds, play));
      peer.crowd.leave();
    } finally {
      await peer.stop();
    }
  }
  return gathered;
}

async function slice(peer, filler, isFrozen, seconds, quick) {
  const { crowd, driver, server } = peer;
  const stuck = new Crowd({ ...peer, speech: large });
  const before = await server.usage({ gc: true });
  if (isFrozen) {
    await stuck.join(FROZEN);
    stuck.freeze();
  }
  // 8 MB for each: more than the system takes for a socket whose other end does not read.
  for (let sent = 0; sent < (quick ? 4 : 128); sent++) filler.send();
  await filler.settle();
  const full = await server.usage({ gc: true });
  const arrivals = new Arrivals(crowd.members.length, driver.sent + 1);
  crowd.track(arrivals);
  const steady = driver.pace(seconds, EVERY_MS, () => arrivals.sent());
  await Promise.all([steady, filler.pace(seconds, EVERY_MS * 5)]);
  await crowd.reach(driver.sent);
  crowd.track(null);
  stuck.leave();
  return {
    p50: quantile(arrivals.latencies, 0.5),
    p99: quantile(arrivals.latencies, 0.99),
    ...(isFrozen ? { eachKiB: (full.rss - before.rss) / FROZEN / 1024 } : {}),
  };
}
