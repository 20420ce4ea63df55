/** What a list is asked for and in which order, held against a naive reading of the same words. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  comparePlaces,
  durationAt,
  fitting,
  type ListFilter,
  orderOf,
  orderText,
  placing,
  SORTS,
  STATUS_ORDER,
} from "../../../shared/state/listQuery.js";
import type { Summary } from "../../../shared/state/summary.js";
import { WORKFLOW_STATUSES } from "../../../shared/statuses.js";
import { summary } from "../../client/ui/samples.js";

const word = fc.constantFrom("web", "WEB-7", "ß", "İ", "a b", "=", "", "x=y", "Ｅ", "deploy");
const inputs = fc.dictionary(
  fc.constantFrom("host", "env", "constructor", "n"),
  fc.oneof(word, fc.integer({ min: 0, max: 3 }), fc.boolean()),
);
const line = fc
  .record({
    epoch: fc.string({ minLength: 3, maxLength: 4 }),
    title: fc.option(word),
    name: fc.option(word),
    step: fc.option(word),
    definition: fc.option(word),
    by: fc.option(word),
    error_message: fc.option(word),
    retried_from: fc.option(word),
    status: fc.constantFrom(...WORKFLOW_STATUSES),
    start_time: fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-01T00:00:01.5Z", "no time"),
    end_time: fc.option(fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z")),
    inputs,
  })
  .map((part) => summary(part));

const START = Date.parse("2026-01-01T00:00:00Z");
const filter = fc.record(
  {
    status: fc.subarray([...WORKFLOW_STATUSES]),
    q: fc.array(word, { maxLength: 3 }).map((words) => words.join(" ")),
    definition: word,
    input: fc.oneof(
      fc.constantFrom("host", "env", "toString"),
      fc.tuple(fc.constantFrom("host", "n"), word).map((pair) => pair.join("=")),
    ),
    from: fc.constantFrom(START, START + 1_500),
    to: fc.constantFrom(START, START + 1_500),
  },
  { requiredKeys: [] },
);

function naive(one: Summary, asked: ListFilter): boolean {
  const searched = [
    one.title,
    one.name,
    one.workflow_id,
    one.definition,
    one.step,
    one.error_message,
    one.by,
    one.driver,
    one.retried_from,
    ...Object.values(asTexts(one.inputs)),
  ].flatMap((text) => (text === null ? [] : [text.toLowerCase()]));
  const start = Number.isNaN(Date.parse(one.start_time)) ? 0 : Date.parse(one.start_time);
  const [name = "", ...rest] = (asked.input ?? "").split("=");
  const values = new Map(Object.entries(one.inputs));
  const value = String(values.get(name)).toLowerCase();
  return (
    (asked.status === undefined || asked.status.some((status) => status === one.status)) &&
    (asked.q ?? "")
      .split(/\s+/)
      .every((part) => part === "" || searched.some((text) => text.includes(part.toLowerCase()))) &&
    (asked.definition === undefined || asked.definition === one.definition) &&
    (asked.input === undefined ||
      (values.has(name) && (rest.length === 0 || value === rest.join("=").toLowerCase()))) &&
    (asked.from === undefined || start >= asked.from) &&
    (asked.to === undefined || start < asked.to)
  );
}

const asTexts = (values: Summary["inputs"]) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, `${name}=${value}`]));

describe("a filter", () => {
  test("means what a naive reading of it means", () => {
    fc.assert(
      fc.property(line, filter, (one, asked) => {
        expect(fitting(asked)(one)).toBe(naive(one, asked));
      }),
      { numRuns: 2_000 },
    );
  });

  test("a filter finds a value that is too long for a line by the whole of it", () => {
    const long = `${"a".repeat(200)}end`;
    const shown = `${long.slice(0, 74)}…${long.slice(-25)}`;
    expect(fitting({ input: `path=${long}` })(summary({ inputs: { path: shown } }))).toBe(true);
  });
});

describe("an order", () => {
  const orders = SORTS.flatMap((sort) => [sort, `-${sort}`]);

  test("an order is told as it is asked for, and anything else is none", () => {
    for (const text of orders) expect(orderText(orderOf(text)!)).toBe(text);
    for (const text of ["", "-", "--started", "Started", "id"]) expect(orderOf(text)).toBe(null);
  });

  test("an order is total and the same whatever order the lines come in", () => {
    const lines = fc.uniqueArray(line, { selector: ({ epoch }) => epoch, maxLength: 12 });
    fc.assert(
      fc.property(
        lines,
        fc.constantFrom(...orders),
        fc.infiniteStream(fc.nat()),
        (all, text, dice) => {
          const order = orderOf(text)!;
          const place = placing(order, START + 5_000);
          const sorted = (some: readonly Summary[]) =>
            some
              .map(place)
              .sort((one, other) => comparePlaces(order, one, other))
              .map(({ epoch }) => epoch);
          const shuffled = all
            .map((one) => ({ one, at: dice.next().value }))
            .sort((a, b) => a.at - b.at)
            .map(({ one }) => one);
          expect(sorted(shuffled)).toEqual(sorted(all));
        },
      ),
    );
  });

  test("knows every status, and how long what goes on has taken so far", () => {
    expect([...STATUS_ORDER].sort()).toEqual([...WORKFLOW_STATUSES].sort());
    const start_time = "2026-01-01T00:00:00Z";
    expect(durationAt(summary({ start_time }), START + 7)).toBe(7);
    const last_seen = "2026-01-01T00:00:04Z";
    const interrupted = summary({ start_time, status: "interrupted", last_seen });
    expect(durationAt(interrupted, START + 9_000)).toBe(4_000);
    expect(durationAt(summary({ start_time }), START - 50)).toBe(0);
  });
});
