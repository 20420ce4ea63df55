/** Documents as they can stand in a state, for property tests: JSON, without the keys that are refused at the door. */
import fc from "fast-check";

const FORBIDDEN = ["__proto__", "constructor", "prototype"];

export const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

export const jsonDocument = fc
  .jsonValue({ maxDepth: 4 })
  .map(asJson)
  .filter((value) => !FORBIDDEN.some((key) => JSON.stringify(value).includes(`"${key}"`)));

/** Keys that a pointer has to escape, that are empty, or that every object inherits. */
const awkwardKey = fc.constantFrom(
  "",
  "/",
  "~",
  "~1",
  "~0",
  "a/b",
  "toString",
  "valueOf",
  "-",
  "0",
);

const awkwardRecord = fc.dictionary(
  fc.oneof(awkwardKey, fc.string({ maxLength: 3 })).filter((key) => !FORBIDDEN.includes(key)),
  fc.oneof(fc.constantFrom(0, -0, null, "", [], {}, "x"), jsonDocument),
  { maxKeys: 6, noNullPrototype: true },
);

const element = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 9 }) },
  { weight: 2, arbitrary: awkwardRecord },
  fc.record({ action: fc.string({ maxLength: 2 }), index: fc.nat(20), done: fc.boolean() }),
  fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 }),
);

/** A list and what became of it: slid, grown and shrunk in places, edited, renumbered. */
const listAndNext = fc
  .tuple(
    fc.array(element, { maxLength: 30 }),
    fc.array(
      fc.record({
        at: fc.nat(30),
        gone: fc.nat(4),
        come: fc.array(element, { maxLength: 4 }),
      }),
      { maxLength: 4 },
    ),
    fc.boolean(),
  )
  .map(([list, cuts, isRenumbered]) => {
    const next = list.map((value) => structuredClone(value) as unknown);
    for (const { at, gone, come } of cuts) next.splice(at, gone, ...come);
    return [list, isRenumbered ? next.map(numbered) : next] as const;
  });

const numbered = (value: unknown, index: number): unknown =>
  typeof value === "object" && value !== null && "action" in value ? { ...value, index } : value;

/** Two documents that have much in common, lists above all. */
export const documentAndNext: fc.Arbitrary<readonly [unknown, unknown]> = fc.oneof(
  listAndNext,
  fc.tuple(awkwardRecord, awkwardRecord),
  fc
    .tuple(fc.string({ maxLength: 4 }), listAndNext, awkwardRecord, listAndNext)
    .filter(([key]) => !FORBIDDEN.includes(key))
    .map(
      ([key, [list, next], same, [inner, innerNext]]) =>
        [
          { [key]: [list, { list: inner }], same },
          { [key]: [next, { list: innerNext }], same: structuredClone(same) },
        ] as const,
    ),
);
