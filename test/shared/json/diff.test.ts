/** What a patch costs: never much more than the document it leads to, in bytes and in work. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diff } from "../../../shared/json/diff.js";
import { apply, type PatchOperation } from "../../../shared/json/patch.js";
import { countedReads } from "../../support/samples/countedReads.js";
import { documentAndNext, jsonDocument } from "../../support/samples/jsonDocuments.js";

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const list = <T>(length: number, of: (i: number) => T): T[] =>
  Array.from({ length }, (_, i) => of(i));

/** A sequence of digits that looks like chance and is the same every time. */
function digits(length: number): number[] {
  let seed = 7;
  return list(length, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >> 12) % 10;
  });
}

function nested(depth: number, key: string, leaf: unknown): unknown {
  return depth === 0 ? leaf : { [key]: nested(depth - 1, key, leaf) };
}

const inLists = (depth: number, leaf: unknown): unknown =>
  depth === 0 ? leaf : [list(50, (i) => `s${i}`), inLists(depth - 1, leaf)];

const keyed = <T>(count: number, key: (i: number) => string, of: (i: number) => T) =>
  Object.fromEntries(list(count, (i) => [key(i), of(i)]));

const lines = (first: number, count = 1_000) => list(count, (i) => `line ${first + i}`);

const stepNamed = (name: string) => ({
  action: `step_${name}`,
  title: `What happens in step ${name}`,
  status: "pending",
  data: { note: "as before" },
});
const numbered = (steps: readonly object[]) => steps.map((step, index) => ({ ...step, index }));
const thousand = list(1_000, (i) => stepNamed(`${i}`));
const fat = (letter: string) =>
  list(1_000, (i) => ({ ...stepNamed(`${i}`), index: i, text: letter.repeat(900) }));

/** The patch takes at most so many bytes (where nothing is said, what the document takes), and so many reads for each part of the two documents. */
const SHAPES: Record<string, { before: unknown; after: unknown; most?: number; reads?: number }> = {
  "55 nested keys of 600 characters around 20,000 numbers": {
    before: nested(
      55,
      "k".repeat(600),
      list(20_000, (i) => i),
    ),
    after: nested(
      55,
      "k".repeat(600),
      list(20_000, (i) => i + 7),
    ),
  },
  "a key of 2,000 characters above 100,000 numbers": {
    before: nested(
      1,
      "k".repeat(2_000),
      list(100_000, (i) => i),
    ),
    after: nested(
      1,
      "k".repeat(2_000),
      list(100_000, (i) => i * 3),
    ),
  },
  "one change below 60 nested keys of 1,000 characters": {
    before: nested(60, "k".repeat(1_000), 1),
    after: nested(60, "k".repeat(1_000), 2),
  },
  "a window of 1,000 lines that moved by one": { before: lines(0), after: lines(1), most: 200 },
  "a window of 1,000 lines that moved by one, with its last line finished meanwhile": {
    before: lines(0),
    after: lines(1).with(998, "finished"),
    most: 300,
  },
  "a window of 1,000 lines that moved back by three": {
    before: lines(3),
    after: lines(0),
    most: 400,
  },
  "a window of 1,000 samples that moved by five": {
    before: list(1_000, (i) => ({ t: i, v: i % 7 })),
    after: list(1_000, (i) => ({ t: i + 5, v: (i + 5) % 7 })),
    most: 600,
  },
  "a window of 100,000 digits that moved by one": {
    before: digits(100_001).slice(0, -1),
    after: digits(100_001).slice(1),
    most: 200,
  },
  "a window of 100,000 repeating digits that moved by one": {
    before: list(100_000, (i) => i % 10),
    after: list(100_000, (i) => (i + 1) % 10),
    most: 200,
  },
  "16 windows of 10,000 that all moved": {
    before: list(16, () => digits(10_001).slice(0, -1)),
    after: list(16, () => digits(10_001).slice(1)),
    most: 2_000,
  },
  "16 lists of 10,000 with nothing in common": {
    before: list(16, () => list(10_000, (i) => i)),
    after: list(16, () => list(10_000, (i) => -i)),
  },
  "a step inserted in front of 1,000": {
    before: { steps: numbered(thousand) },
    after: { steps: numbered([stepNamed("new"), ...thousand]) },
    most: 58_000,
  },
  "three steps inserted among 1,000": {
    before: { steps: numbered(thousand) },
    after: {
      steps: numbered(
        [10, 500, 900].reduce<object[]>(
          (steps, at) => steps.toSpliced(at, 0, stepNamed(`new ${at}`)),
          thousand,
        ),
      ),
    },
    most: 58_000,
  },
  "a step removed from the middle of 1,000": {
    before: { steps: numbered(thousand) },
    after: { steps: numbered(thousand.toSpliced(500, 1)) },
    most: 29_000,
  },
  "two lines inserted and one removed among 20,000": {
    before: lines(0, 20_000),
    after: lines(0, 20_000).toSpliced(15_000, 0, "a").toSpliced(9_000, 1).toSpliced(100, 0, "b"),
    most: 300,
  },
  "50,000 keys with other values": {
    before: keyed(
      50_000,
      (i) => `k${i}`,
      (i) => i,
    ),
    after: keyed(
      50_000,
      (i) => `k${i}`,
      (i) => i + 1,
    ),
  },
  "50,000 keys with other names": {
    before: keyed(
      50_000,
      (i) => `k${i}`,
      (i) => i,
    ),
    after: keyed(
      50_000,
      (i) => `j${i}`,
      (i) => i,
    ),
  },
  "one of 50,000 keys": {
    before: keyed(
      50_000,
      (i) => `k${i}`,
      (i) => i,
    ),
    after: {
      ...keyed(
        50_000,
        (i) => `k${i}`,
        (i) => i,
      ),
      k7: "x",
    },
    most: 100,
  },
  "1,000 keys of control characters": {
    before: keyed(
      1_000,
      (i) => `${"\u0001".repeat(100)}${i}`,
      (i) => i,
    ),
    after: keyed(
      1_000,
      (i) => `${"\u0001".repeat(100)}${i}`,
      (i) => i + 1,
    ),
  },
  "1,000 keys full of what a pointer escapes": {
    before: keyed(
      1_000,
      (i) => `${"~/".repeat(100)}${i}`,
      (i) => i,
    ),
    after: keyed(
      1_000,
      (i) => `${"~/".repeat(100)}${i}`,
      (i) => i + 1,
    ),
  },
  "lists nested 60 deep with a change at the bottom": {
    before: inLists(60, 1),
    after: inLists(60, 2),
  },
  "100,000 empty lists that became objects": {
    before: list(100_000, () => []),
    after: list(100_000, (i) => (i % 2 ? [] : {})),
  },
  "300,000 empty lists, half of which became objects": {
    before: list(300_000, () => []),
    after: list(300_000, (i) => (i % 2 ? [] : {})),
    reads: 6,
  },
  "60,000 keys whose lists became objects": {
    before: keyed(
      60_000,
      (i) => `k${i}`,
      () => [],
    ),
    after: keyed(
      60_000,
      (i) => `k${i}`,
      () => ({}),
    ),
    reads: 4,
  },
  "200,000 entries that were nothing and are lists": {
    before: list(200_000, () => null),
    after: list(200_000, (i) => (i % 2 ? null : [])),
    reads: 5,
  },
  "14,000 lists of ten numbers, all with other numbers": {
    before: list(14_000, (i) => list(10, (j) => 10_000 + i * j)),
    after: list(14_000, (i) => list(10, (j) => 10_001 + i * j)),
    reads: 5,
  },
  "14,000 lists of ten numbers, a third with other numbers": {
    before: list(14_000, (i) => list(10, (j) => 10_000 + i * j)),
    after: list(14_000, (i) => list(10, (j) => 10_000 + i * j + Number(i % 3 === 0))),
    most: 500_000,
  },
  "2,000 short texts that changed around a long one that did not": {
    before: list(2_000, (i) => (i === 99 ? "x".repeat(500_000) : `a${i}`)),
    after: list(2_000, (i) => (i === 99 ? "x".repeat(500_000) : `b${i}`)),
    most: 120_000,
  },
  ...Object.fromEntries(
    [0, 1, 618, 1_236, 1_854, 1_999].map((place) => [
      `2,000 records of which number ${place} got a long text`,
      {
        before: list(2_000, (i) => ({ i, text: "x".repeat(100) })),
        after: list(2_000, (i) => ({ i, text: "x".repeat(i === place ? 10_000 : 100) })),
        most: 10_100,
      },
    ]),
  ),
  "1,000 fat steps, all with another text": {
    before: { steps: fat("x") },
    after: { steps: fat("y") },
  },
  "one text of a million letters": {
    before: { s: "x".repeat(1e6) },
    after: { s: "y".repeat(1e6) },
  },
  "a text of control characters": {
    before: { s: "\u0001".repeat(100_000) },
    after: { s: "\u0002".repeat(100_000) },
  },
  "a text of emoji": { before: { s: "🙂".repeat(100_000) }, after: { s: "🙃".repeat(100_000) } },
  "every other of 40,000 numbers gone": {
    before: list(40_000, (i) => i),
    after: list(20_000, (i) => 2 * i),
  },
  "all of it gone": {
    before: keyed(
      20_000,
      (i) => `k${i}`,
      (i) => i,
    ),
    after: {},
    most: 400,
  },
};

/** What single operations may take more than the document before it is told anew. */
const SPARED = 400;
/** How often anything of the two documents may be looked at, for each part they have. */
const READS_FOR_EACH_PART = 40;

function partsOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce<number>((sum, part) => sum + partsOf(part), 1);
}

describe.each(Object.entries(SHAPES))("the patch for %s", (_name, shape) => {
  const { before, after, most, reads: mostReads = READS_FOR_EACH_PART } = shape;
  it("a patch takes no more than what changed, leads there, and takes no more work than reading both", () => {
    const reads = countedReads();
    const patch = diff(reads.of(before), reads.of(after));
    expect(reads.count).toBeLessThan(mostReads * (partsOf(before) + partsOf(after)));
    const sent = JSON.parse(JSON.stringify(patch)) as PatchOperation[];
    expect(bytesOf(sent)).toBeLessThanOrEqual(most ?? bytesOf(after) + SPARED);
    expect(JSON.stringify(apply(before, sent))).toBe(JSON.stringify(after));
  });
});

describe("any patch", () => {
  it("any patch takes hardly more than the document it leads to", () => {
    const pair = fc.oneof(documentAndNext, fc.tuple(jsonDocument, jsonDocument));
    fc.assert(
      fc.property(pair, fc.string({ minLength: 1, maxLength: 500 }), ([before, after], key) => {
        const [old, now] = [nested(5, key, before), nested(5, key, after)];
        expect(bytesOf(diff(old, now))).toBeLessThanOrEqual(1.1 * bytesOf(now) + SPARED);
      }),
      { numRuns: 1_000 },
    );
  });

  it("lists that share elements are compared by a look at each, and what is in a shared one is not read", () => {
    const before = list(1_000, (index) => ({ action: `step ${index}`, index, data: { n: index } }));
    const after = before.with(700, { ...before[700]!, action: "done" });
    const reads = countedReads();
    expect(diff(reads.of({ steps: before }), reads.of({ steps: after }))).toEqual([
      { op: "replace", path: "/steps/700/action", value: "done" },
    ]);
    expect(reads.count).toBeLessThan(2_100);
  });

  it("what shares elements with a list is led to from it, whatever moved, changed, came or went", () => {
    const element = fc.record({ id: fc.nat(9), text: fc.string({ maxLength: 3 }) });
    const edit = fc.record({
      kind: fc.constantFrom("change", "swap", "insert", "remove", "repeat"),
      at: fc.nat(30),
      to: fc.nat(30),
      element,
    });
    fc.assert(
      fc.property(
        fc.array(element, { maxLength: 30 }),
        fc.array(edit, { maxLength: 4 }),
        (before, edits) => {
          const after = [...before];
          for (const { kind, at, to, element: fresh } of edits) {
            const [here, there] = [at % (after.length + 1), to % (after.length + 1)];
            const [old, other] = [after[here], after[there]];
            if (kind === "insert") after.splice(here, 0, fresh);
            else if (kind === "remove") after.splice(here, 1);
            else if (old && other) {
              after[here] = kind === "change" ? fresh : other;
              if (kind === "swap") after[there] = old;
            }
          }
          expect(apply(before, diff(before, after))).toEqual(after);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
