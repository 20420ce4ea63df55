/** The figures of one part for people: medians of the rounds, and how Instep stands to each of the others, round by round. */
import { median, ratiosOf, shown, spreadOf } from "./figures.mjs";

/** By which figure sides are compared. */
const MAIN = {
  flood: "updatesPerSecond",
  single: "updatesPerSecond",
  steady: "p50",
  flood512: "updatesPerSecond",
  overload: "p99",
  storm: "seconds",
  durable: "updatesPerSecond",
  memory: "joinedMB",
  frozen: "p99",
  list: "p99",
  rest: "requestsPerSecond",
  held: "lastMs",
  start: "seconds",
};

/** Cores that something else kept busy meanwhile: what was measured beside much of that says little. */
const OTHERS = "othersBusy";

export function printResult({ name, watchers, gathered }, builds) {
  const key = MAIN[name];
  const others = Object.values(gathered).flatMap((figures) => figures[OTHERS] ?? []);
  const title = watchers ? `${name}, ${watchers} watchers` : name;
  console.log(`\n${title}; compared by ${key}${besideOf(others)}`);
  const rows = {};
  for (const [side, figures] of Object.entries(gathered)) {
    rows[side] = {};
    for (const [figure, values] of Object.entries(figures)) {
      if (figure !== OTHERS && typeof values[0] === "number")
        rows[side][figure] = shown(median(values));
    }
    for (const build of builds) {
      const ours = gathered[counterpart(build, side, builds)];
      if (!ours || ours === figures) continue;
      const { median: middle, least, most, n } = spreadOf(ratiosOf(ours[key], figures[key]));
      rows[side][`${build} : this`] = `${shown(middle)} (${shown(least)}–${shown(most)}, n=${n})`;
    }
  }
  console.table(rows);
}

/** Which side of a build stands beside this one: where each has many (durable), the one that does the same work. */
function counterpart(build, side, builds) {
  const [who, work] = side.split(/[,:] /, 2);
  if (work === undefined) return build;
  if (builds.includes(who)) return side.replace(who, build);
  return side.replace(who, `${build}, 1000 open`);
}

function besideOf(others) {
  if (others.length === 0) return "";
  return `; others used ${shown(median(others))} cores (at most ${shown(Math.max(...others))})`;
}
