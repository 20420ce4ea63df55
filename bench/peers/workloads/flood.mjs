/** A: a driver as fast as it can with so many updates in flight, until every watcher has the last one. */
import { inTurns } from "../rounds.mjs";

export async function flood(peers, { rounds, seconds, inFlight }) {
  return inTurns(peers, rounds, (peer) => slice(peer, seconds, inFlight));
}

export async function slice({ crowd, driver, server }, seconds, inFlight) {
  const first = driver.sent;
  const before = await server.usage();
  const received = crowd.received;
  const begin = performance.now();
  await driver.flood(seconds, inFlight);
  const end = await crowd.reach(driver.sent);
  const after = await server.usage();
  const updates = driver.sent - first;
  const deliveries = updates * crowd.members.length;
  const now = crowd.received;
  return {
    updatesPerSecond: (updates / (end - begin)) * 1000,
    cpuPerUpdate: (after.cpu - before.cpu) / updates,
    cpuPerThousandDeliveries: (after.cpu - before.cpu) / deliveries,
    bytesPerUpdate: (now.bytes - received.bytes) / deliveries,
    framesPerUpdate: (now.frames - received.frames) / deliveries,
  };
}
