/** The list of 1,000 workflows before as many watchers, while one of them changes every 10 ms. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Arrivals } from "../crowd/arrivals.mjs";
import { Crowd } from "../crowd/crowd.mjs";
import { Driver } from "../crowd/driver.mjs";
import { quantile } from "../figures.mjs";
import { filled } from "../filled.mjs";
import { launch } from "../launch.mjs";
import { inTurns } from "../rounds.mjs";
import { listOf } from "../speech/list.mjs";

const EVERY_MS = 10;

export async function list({ builds, folder, rounds, seconds, watchers, quick }) {
  const place = await mkdtemp(join(folder, "instep-bench-"));
  const workflows = quick ? 20 : 1_000;
  const sides = [];
  try {
    for (const [name, root] of Object.entries(builds)) {
      const data = await filled(root, place, Array(workflows).fill(2));
      const server = await launch(name, "instep.mjs", [root, data]);
      const peer = { name, server, port: server.port, speech: listOf(workflows) };
      sides.push({ ...peer, crowd: new Crowd(peer), driver: new Driver(peer) });
    }
    for (const { crowd, driver } of sides) {
      await crowd.join(Math.max(...watchers));
      await driver.join();
    }
    await inTurns(sides, 1, (side) => slice(side, seconds));
    const gathered = await inTurns(sides, Math.ceil(rounds / 2), (side) =>
      slice(side, seconds * 2),
    );
    for (const { crowd, driver } of sides) {
      crowd.leave();
      driver.leave();
    }
    return gathered;
  } finally {
    for (const { server } of sides) await server.stop();
    await rm(place, { recursive: true, force: true });
  }
}

async function slice({ crowd, driver, server, speech }, seconds) {
  const arrivals = new Arrivals(crowd.members.length, driver.sent + 1);
  crowd.track(arrivals);
  const before = await server.usage();
  const { bytes } = crowd.received;
  const begin = performance.now();
  await driver.pace(seconds, EVERY_MS, () => arrivals.sent());
  await crowd.reach(driver.sent);
  crowd.track(null);
  const after = await server.usage();
  for (const mirror of crowd.shown()) speech.check(mirror, driver.sent);
  const { latencies } = arrivals;
  return {
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    busy: (after.cpu - before.cpu) / 1000 / (performance.now() - begin),
    bytesPerUpdate: (crowd.received.bytes - bytes) / latencies.length / crowd.members.length,
  };
}
