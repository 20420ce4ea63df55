/** Rows as a table: complete in a pipe, and as wide as the terminal where a person looks. */
import { type Colors, statusPaint } from "../display/stepLine.js";
import { cut, type Measure, measureFor, padded, wrapped } from "../text/measure.js";
import { COLUMNS, type Column, type Row } from "./rows.js";

const ALL = Object.keys(COLUMNS) as Column[];
/** Not shown where nobody has anything in them. */
const RARE: readonly Column[] = ["definition", "retryOf", "node", "why"];
/** May be cut, down to so many cells: neither an id nor a reason. */
const LEAST: Readonly<Partial<Record<Column, number>>> = {
  step: 8,
  definition: 8,
  title: 12,
};
/** Where not all fits: first the reason gets a line of its own, then what is missed least goes. */
const LAYOUTS: readonly (readonly Column[])[] = [
  [],
  ["why"],
  ["why", "node"],
  ["why", "node", "retryOf"],
  ["why", "node", "retryOf", "definition"],
  ["why", "node", "retryOf", "definition", "started"],
];
const GAP = "  ";

/** `columns`: of the terminal; null for a pipe. */
export async function table(
  rows: readonly Row[],
  columns: number | null,
  colors: Colors,
): Promise<string> {
  const measure = await measureFor(rows.flatMap((row) => Object.values(row)));
  const used = ALL.filter(
    (column) => !RARE.includes(column) || rows.some((row) => row[column] !== ""),
  );
  for (const away of LAYOUTS) {
    const shown = used.filter((column) => !away.includes(column));
    const widths = fitted(shown, rows, columns ?? Number.POSITIVE_INFINITY, measure);
    if (widths === null) continue;
    const isWhyBelow = away.includes("why");
    const head = line(COLUMNS, widths, measure, (text) => colors.dim(text));
    const lines = rows.flatMap((row) => [
      line(row, widths, measure, (text, column) =>
        column === "status" ? statusPaint(colors, row.status)(text) : text,
      ),
      ...(isWhyBelow ? below(row.why, columns ?? 80, measure, colors.red) : []),
    ]);
    return [head, ...lines].map((one) => `${one}\n`).join("");
  }
  return stacked(rows, columns ?? 80, measure, colors);
}

type Widths = ReadonlyMap<Column, number>;

/** How wide each column gets; null where they do not fit, even cut as short as they may be. */
function fitted(
  shown: readonly Column[],
  rows: readonly Row[],
  room: number,
  { cells }: Measure,
): Widths | null {
  const widths = new Map(
    shown.map((column) => [
      column,
      Math.max(COLUMNS[column].length, ...rows.map((row) => cells(row[column]))),
    ]),
  );
  let left = room - GAP.length * (shown.length - 1);
  for (const width of widths.values()) left -= width;
  while (left < 0) {
    const [column, width] =
      [...widths]
        .filter(([column, width]) => width > (LEAST[column] ?? width))
        .sort(([, one], [, other]) => other - one)[0] ?? [];
    if (column === undefined || width === undefined) return null;
    widths.set(column, width - 1);
    left += 1;
  }
  return widths;
}

function line(
  row: Row,
  widths: Widths,
  measure: Measure,
  paint: (text: string, column: Column) => string,
): string {
  const last = [...widths.keys()].at(-1);
  return [...widths]
    .map(([column, width]) => {
      const text = cut(row[column], width, measure);
      return paint(column === last ? text : padded(text, width, measure), column);
    })
    .join(GAP)
    .trimEnd();
}

/** For a terminal that is narrower than any table: what a row says, one below the other. */
function stacked(rows: readonly Row[], columns: number, measure: Measure, colors: Colors): string {
  const lines = rows.flatMap(({ id, status, done, step, started, ...more }) => {
    const paint = statusPaint(colors, status);
    const [facts = "", ...others] = packed([status, done, step, started], columns, measure);
    const retry = more.retryOf === "" ? "" : `retry of ${more.retryOf}`;
    const where = more.node === "" ? "" : `on ${more.node}`;
    return [
      id,
      GAP + facts.replace(status, paint),
      ...others.map((other) => GAP + other),
      ...below(more.title, columns, measure),
      ...packed([more.definition, retry, where], columns, measure).map((fact) => GAP + fact),
      ...below(more.why, columns, measure, colors.red),
    ];
  });
  return lines.map((one) => `${one}\n`).join("");
}

const room = (columns: number): number => Math.max(8, columns - GAP.length);

/** As many of them in a line as fit; none is broken that a line has room for. */
function packed(facts: readonly string[], columns: number, measure: Measure): string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    if (fact === "" || fact === "-") continue;
    const longer = `${lines.at(-1) ?? ""}${GAP}${fact}`;
    if (lines.length > 0 && measure.cells(longer) <= room(columns)) lines.splice(-1, 1, longer);
    else lines.push(...wrapped(fact, room(columns), measure));
  }
  return lines;
}

function below(
  text: string,
  columns: number,
  measure: Measure,
  paint = (line: string) => line,
): string[] {
  if (text === "") return [];
  return wrapped(text, room(columns), measure).map((line) => GAP + paint(line));
}
