/** The parts of a run by their names, in the order in which they run. */
import { Results } from "../results.mjs";
import { durable } from "./durable.mjs";
import { flood } from "./flood.mjs";
import { frozen } from "./frozen.mjs";
import { held } from "./held.mjs";
import { list } from "./list.mjs";
import { memory } from "./memory.mjs";
import { overload } from "./overload.mjs";
import { rest } from "./rest.mjs";
import { start } from "./start.mjs";
import { steady } from "./steady.mjs";
import { storm } from "./storm.mjs";

/** Updates a second with 64 in flight. */
const SLOW = 300;

/** Those that all peers play before the same number of watchers. */
export const WATCHED = {
  flood: (peers, options) => flood(peers, { ...options, inFlight: 64 }),
  single: (peers, options) => flood(peers, { ...options, inFlight: 1 }),
  steady: (peers, options) => steady(peers, { ...options, seconds: options.seconds * 2 }),
  flood512,
  overload,
  storm,
};

/** Without those who take seconds for what is in flight. */
function flood512(peers, options) {
  const { results, builds, rounds } = options;
  const measured = new Results(results, Object.keys(builds));
  const watchers = peers[0].crowd.members.length;
  const part = { name: "flood", watchers, figure: "updatesPerSecond" };
  const quick = peers.filter(({ name }) => !(measured.median(part, name) < SLOW));
  return flood(quick, { ...options, rounds: Math.ceil(rounds / 2), inFlight: 512 });
}

/** Of those the ones that are played before the most watchers only. */
export const CROWDED = new Set(["flood512", "overload", "storm"]);

/** Those that have servers of their own. */
export const ALONE = { durable, memory, frozen, list, rest, held, start };

export const WORKLOADS = { ...WATCHED, ...ALONE };
