/** Memory of fresh servers: before anybody comes, with all watchers there, and for each of them while nothing happens. */
import { startPeers } from "../peers.mjs";

export async function memory(session) {
  const watchers = Math.max(...session.watchers);
  const gathered = {};
  const { peers } = await startPeers(session);
  try {
    for (const { name, server, crowd, driver } of peers) {
      const start = await server.usage({ gc: true });
      await crowd.join(watchers);
      const joined = await server.usage({ gc: true });
      await driver.join();
      await driver.pace(session.seconds, 20);
      await crowd.reach(driver.sent);
      const played = await server.usage();
      gathered[name] = {
        startMB: [mega(start.rss)],
        joinedMB: [mega(joined.rss)],
        playedMB: [mega(played.rss)],
        tabKB: [(joined.rss - start.rss) / watchers / 1e3],
        tabHeapKB: [(joined.heapUsed - start.heapUsed) / watchers / 1e3],
      };
      crowd.leave();
      driver.leave();
    }
  } finally {
    for (const peer of peers) await peer.stop();
  }
  return gathered;
}

const mega = (bytes) => bytes / 1e6;
