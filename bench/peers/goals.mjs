/** What Instep must reach beside its peers, and whether it did in this run. Each goal is a bound on ratios of the same round, or on a figure itself; the median decides. */
import { quantile, shown, spreadOf } from "./figures.mjs";
import { Results } from "./results.mjs";

const B_BOUNDS = { 50: 1.3, 200: 1.05, 1000: 1 };
const MEGABYTE_KIB = 1024;

/** Of one build: a goal for which nothing was measured is left out. */
export function goalsOf(results, us, builds) {
  const all = new Results(results, builds);
  return [...live(all, us), ...lasting(all, us), ...alone(all, us)]
    .filter(({ values }) => values && values.length > 0)
    .map(({ goal, values, atLeast, atMost, decides }) => {
      const spread = spreadOf(values);
      const figure = decides ?? spread.median;
      const isHeld = atLeast === undefined ? figure <= atMost : figure >= atLeast;
      return { goal, verdict: isHeld ? "held" : "missed", figure, ...spread };
    });
}

export function* goalLines(goals) {
  for (const { goal, verdict, figure, least, most, n } of goals)
    yield `${verdict.padEnd(6)}  ${shown(figure).padStart(6)} (${shown(least)} to ${shown(most)}, n=${n})  ${goal}`;
}

function* live(all, us) {
  for (const watchers of all.watchersOf("flood")) {
    const part = { name: "flood", watchers, figure: "updatesPerSecond" };
    const best = all.best(part, "most");
    yield {
      goal: `A, 64 in flight, W=${watchers}: updates/s at least 1 x the best peer (${best})`,
      values: all.ratios(part, us, best),
      atLeast: 1,
    };
  }
  const flood = { name: "flood", watchers: 200, figure: "updatesPerSecond" };
  yield {
    goal: "A, 64 in flight, W=200: updates/s at least 8 x bare ws",
    values: all.ratios(flood, us, "ws"),
    atLeast: 8,
  };
  const cpu = { ...flood, figure: "cpuPerThousandDeliveries" };
  yield {
    goal: `A, 64 in flight, W=200: server CPU for 1,000 deliveries at most the best peer's (${all.best(cpu, "least")})`,
    values: all.ratios(cpu, us, all.best(cpu, "least")),
    atMost: 1,
  };
  yield {
    goal: "A, 1 in flight, W=200: updates/s at least 0.9 x bare ws",
    values: all.ratios({ ...flood, name: "single" }, us, "ws"),
    atLeast: 0.9,
  };
  yield* steady(all, us);
}

function* steady(all, us) {
  for (const watchers of all.watchersOf("steady")) {
    const part = { name: "steady", watchers, figure: "p50" };
    const bound = B_BOUNDS[watchers] ?? 1;
    yield {
      goal: `B, W=${watchers}: p50 at most ${bound} x bare ws`,
      values: all.ratios(part, us, "ws"),
      atMost: bound,
    };
    const p99 = (side) =>
      quantile((all.values({ ...part, figure: "latencies" }, side) ?? []).flat(), 0.99);
    const others = all.peersOf(part).toSorted((a, b) => p99(a) - p99(b));
    yield {
      goal: `B, W=${watchers}: p99 of all rounds below every peer's (${others[0]})`,
      values: all.ratios({ ...part, figure: "p99" }, us, others[0]),
      decides: p99(us) / p99(others[0]),
      atMost: 1,
    };
    yield {
      goal: `B, W=${watchers}: at most 250 bytes for a watcher and a report of two fields`,
      values: all.values({ ...part, figure: "bytesOfReport" }, us),
      atMost: 250,
    };
  }
}

function* lasting(all, us) {
  for (const figure of ["p50", "p99"]) {
    const part = { name: "overload", watchers: 1_000, figure };
    const best = all.best(part, "least");
    yield {
      goal: `overload, 500 updates/s, W=1,000: ${figure} at most the best peer's (${best})`,
      values: all.ratios(part, us, best),
      atMost: 1,
    };
  }
  yield {
    goal: "overload: nothing falls behind",
    values: all.values({ name: "overload", watchers: 1_000, figure: "fallsBehind" }, us),
    atMost: 0,
  };
  yield {
    goal: "D, all 1,000 come back at once: at most 1 x bare ws",
    values: all.ratios({ name: "storm", watchers: 1_000, figure: "seconds" }, us, "ws"),
    atMost: 1,
  };
  yield {
    goal: "RSS with all watchers: at most 1.15 x bare ws",
    values: all.ratios({ name: "memory", figure: "joinedMB" }, us, "ws"),
    atMost: 1.15,
  };
  yield {
    goal: "an idle tab: at most 30 KB of the server's memory",
    values: all.values({ name: "memory", figure: "tabKB" }, us),
    atMost: 30,
  };
}

function* alone(all, us) {
  const cost = { name: "durable", figure: "msPerUpdate" };
  const rate = { name: "durable", figure: "updatesPerSecond" };
  const side = (open, what) => `${us}, ${open}: ${what}`;
  const durable = (goal, part, ours, theirs, bound) => ({
    goal,
    values: all.ratios(part, ours, theirs),
    ...bound,
  });
  const one = side("1 open", "one");
  const many = side("1000 open", "64 on 64");
  yield durable(
    "durable, one at a time: at most 1.5 x append + fdatasync",
    cost,
    one,
    "append: one",
    { atMost: 1.5 },
  );
  yield durable(
    "durable, 64 workflows at once: at least 0.4 x the group commit of append",
    rate,
    many,
    "append: 64 on 64",
    { atLeast: 0.4 },
  );
  yield durable(
    "durable, one at a time: ahead of SQLite FULL",
    rate,
    side("1000 open", "one"),
    "sqlite: one",
    { atLeast: 1 },
  );
  yield durable(
    "durable, 64 workflows at once: ahead of SQLite FULL",
    rate,
    many,
    "sqlite: 64 on 64",
    { atLeast: 1 },
  );
  for (const what of ["one", "64 on one"]) {
    yield durable(
      `10,000 open workflows against 1, ${what}: at most 1.1 x an update`,
      cost,
      side("10000 open", what),
      side("1 open", what),
      { atMost: 1.1 },
    );
    yield durable(
      `1,000 steps against 20, ${what}: at most 3 x an update`,
      cost,
      side("1000 steps", what),
      side("1 open", what),
      { atMost: 3 },
    );
  }
  yield {
    goal: "a start with 10,000 workflows and all receipts: under 2 s",
    values: all.values({ name: "start", figure: "seconds" }, us),
    atMost: 2,
  };
  yield {
    goal: "20 frozen among 1,000: p99 of the others at most 1.2 x",
    values: all.ratios({ name: "frozen", figure: "p99" }, `${us}, 20 frozen`, us),
    atMost: 1.2,
  };
  yield {
    goal: "20 frozen among 1,000: at most 1 MiB of memory for each (figure in KiB)",
    values: all.values({ name: "frozen", figure: "eachKiB" }, `${us}, 20 frozen`),
    atMost: MEGABYTE_KIB,
  };
  yield {
    goal: "REST, a 304: at most 0.5 x the CPU of the body",
    values: all.ratios(
      { name: "rest", figure: "cpuPerRequest" },
      `${us}: GET, 304`,
      `${us}: GET the state`,
    ),
    atMost: 0.5,
  };
  yield {
    goal: "1,000 held answers: the last awake within 50 ms",
    values: all.values({ name: "held", figure: "lastMs" }, us),
    atMost: 50,
  };
}
