/** The tables for readers: what they want to know first, in Markdown. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { quantile, shown } from "./figures.mjs";
import { ROOT } from "./options.mjs";
import { Results } from "./results.mjs";

const LIVE = {
  instep: "**Instep**",
  ws: "bare ws",
  socketio: "socket.io",
  hocuspocus: "hocuspocus",
  colyseus: "colyseus",
};

export function tableOf(results, builds) {
  const all = new Results(results, builds);
  return [[...liveTable(all)], [...durableTable(all)]]
    .filter((rows) => rows.length > 0)
    .map((rows) => rows.join("\n"))
    .join("\n\n");
}

/** Between the two comments that docs/operating.md has for them. */
export async function putIntoDocs(table) {
  const path = join(ROOT, "docs", "operating.md");
  const text = await readFile(path, "utf8");
  const place = /(<!-- figures of bench:peers -->\n)[\s\S]*(<!-- end of figures -->)/;
  if (!place.test(text)) throw new Error(`${path} has no place for the table`);
  await writeFile(
    path,
    text.replace(place, (_all, begin, end) => `${begin}\n${table}\n\n${end}`),
  );
}

function* liveTable(all) {
  const columns = Object.keys(LIVE).filter((side) =>
    all.values({ name: "flood", watchers: 200, figure: "updatesPerSecond" }, side),
  );
  yield row(["", ...columns.map((side) => LIVE[side])]);
  yield row(["---", ...columns.map(() => "---:")]);
  yield row([
    "made durable before anyone hears of it",
    ...columns.map((side) => (side === "instep" ? "yes" : "no")),
  ]);
  for (const watchers of all.watchersOf("flood")) {
    const part = { name: "flood", watchers, figure: "updatesPerSecond" };
    yield row([
      `updates a second, 64 in flight, ${shown(watchers)} watchers`,
      ...columns.map((side) => shown(all.median(part, side))),
    ]);
  }
  const single = { name: "single", watchers: 200, figure: "updatesPerSecond" };
  yield row([
    "updates a second, 1 in flight, 200 watchers",
    ...columns.map((side) => shown(all.median(single, side))),
  ]);
  for (const watchers of all.watchersOf("steady")) {
    const part = { name: "steady", watchers, figure: "latencies" };
    const cell = (side) => latency((all.values(part, side) ?? []).flat());
    yield row([
      `50 updates a second, until the last of ${shown(watchers)} watchers has it: p50 / p99, ms`,
      ...columns.map(cell),
    ]);
  }
  const overload = (figure) => ({ name: "overload", watchers: 1_000, figure });
  if (all.values(overload("p50"), "instep")) {
    const cell = (side) =>
      `${shown(all.median(overload("p50"), side))} / ${shown(all.median(overload("p99"), side))}`;
    yield row(["500 updates a second, 1,000 watchers: p50 / p99, ms", ...columns.map(cell)]);
  }
  const storm = { name: "storm", watchers: 1_000, figure: "seconds" };
  if (all.values(storm, "instep"))
    yield row([
      "1,000 tabs come back at once, s",
      ...columns.map((side) => shown(all.median(storm, side))),
    ]);
}

function* durableTable(all) {
  const rate = { name: "durable", figure: "updatesPerSecond" };
  if (!all.values(rate, "instep, 1000 open: one")) return;
  const cells = (what) =>
    [`instep, 1000 open: ${what}`, `append: ${what}`, `sqlite: ${what}`].map((side) =>
      shown(all.median(rate, side)),
    );
  yield row([
    "durable updates a second",
    "**Instep**, 1,000 workflows",
    "a line appended, fdatasync",
    "SQLite, WAL, FULL",
  ]);
  yield row(["---", "---:", "---:", "---:"]);
  yield row(["one at a time", ...cells("one")]);
  yield row(["64 at once, on 64 workflows", ...cells("64 on 64")]);
}

const latency = (values) => `${shown(quantile(values, 0.5))} / ${shown(quantile(values, 0.99))}`;
const row = (cells) => `| ${cells.join(" | ")} |`;
