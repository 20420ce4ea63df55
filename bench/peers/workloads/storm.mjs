/** D: all watchers drop, something changes, and all come back at once, until each shows the newest state. */
import { inTurns } from "../rounds.mjs";

export async function storm(peers, { rounds }) {
  return inTurns(peers, Math.ceil(rounds / 2), slice);
}

async function slice({ crowd, driver, server }) {
  const watchers = crowd.members.length;
  crowd.leave();
  await driver.flood(0.01, 1);
  const before = await server.usage();
  const begin = performance.now();
  await crowd.join(watchers, { atOnce: watchers });
  await crowd.reach(driver.sent);
  const seconds = (performance.now() - begin) / 1000;
  const after = await server.usage();
  return { seconds, cpuMsPerWatcher: (after.cpu - before.cpu) / 1000 / watchers };
}
