/** 500 updates a second: who keeps up, and how late everybody else is. */
import { Arrivals } from "../crowd/arrivals.mjs";
import { quantile } from "../figures.mjs";
import { inTurns } from "../rounds.mjs";

const EVERY_MS = 2;
/** Who has not brought out by then what was sent has fallen behind. */
const GRACE_SECONDS = 1;

export async function overload(peers, { rounds, seconds }) {
  return inTurns(peers, Math.ceil(rounds / 2), (peer) => slice(peer, seconds * 3));
}

async function slice({ crowd, driver, server }, seconds) {
  const watchers = crowd.members.length;
  const arrivals = new Arrivals(watchers, driver.sent + 1);
  crowd.track(arrivals);
  const before = await server.usage();
  await driver.pace(seconds, EVERY_MS, () => arrivals.sent());
  const isBehind = await crowd.reach(driver.sent, GRACE_SECONDS).then(
    () => false,
    () => true,
  );
  crowd.track(null);
  const latencies = arrivals.soFar();
  if (isBehind) {
    // What it still owes to so many watchers would take it long: they go, and come back to the state as it is then.
    crowd.leave();
    await driver.settle();
    await crowd.join(watchers);
    await crowd.reach(driver.sent);
  }
  const after = await server.usage();
  return {
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    fallsBehind: isBehind ? 1 : 0,
    cpuPerUpdate: (after.cpu - before.cpu) / latencies.length,
  };
}
