/** B: an update every 20 ms, from the driver's send to the last watcher's receipt. */
import { Arrivals } from "../crowd/arrivals.mjs";
import { median, quantile } from "../figures.mjs";
import { inTurns } from "../rounds.mjs";

const EVERY_MS = 20;

export async function steady(peers, { rounds, seconds }) {
  return inTurns(peers, rounds, (peer) => slice(peer, seconds));
}

async function slice({ crowd, driver, server }, seconds) {
  const arrivals = new Arrivals(crowd.members.length, driver.sent + 1);
  crowd.track(arrivals);
  crowd.reports = { bytes: 0, frames: 0 };
  const before = await server.usage();
  await driver.pace(seconds, EVERY_MS, () => arrivals.sent());
  await crowd.reach(driver.sent);
  crowd.track(null);
  const after = await server.usage();
  const { latencies } = arrivals;
  return {
    p50: median(latencies),
    p99: quantile(latencies, 0.99),
    cpuPerUpdate: (after.cpu - before.cpu) / latencies.length,
    bytesOfReport: crowd.reports.bytes / crowd.reports.frames,
    latencies,
  };
}
