/** The parts of a run by their names, in the order in which they run. */
import { flood } from "./flood.mjs";
import { steady } from "./steady.mjs";

/** Those that all peers play before the same number of watchers. */
export const WATCHED = {
  flood: (peers, options) => flood(peers, { ...options, inFlight: 64 }),
  single: (peers, options) => flood(peers, { ...options, inFlight: 1 }),
  steady: (peers, options) => steady(peers, { ...options, seconds: options.seconds * 2 }),
};

/** Those that have servers of their own. */
export const ALONE = {
  durable: async (options) => (await import("./durable.mjs")).durable(options),
};

export const WORKLOADS = { ...WATCHED, ...ALONE };
