/** The messages that are read by hand: what comes out is what the schemas give, and nothing that they refuse. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClientMessage } from "../../../shared/schema/clientMessages.js";
import { Command } from "../../../shared/schema/command.js";
import { plainCommand, plainMessage } from "../../../shared/schema/plainMessages.js";
import { StepUpdate } from "../../../shared/schema/workflow.js";

const report = (update: object, more: object = {}) => ({
  type: "propose",
  request_id: "r1",
  command: { kind: "step", workflow_id: "w1", index: 3, update },
  ...more,
});

/** As the message comes off the wire. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("a message that is read by hand", () => {
  it.each([
    report({ status: "in_progress", progress: 0.5, message: "copying" }),
    report({ progress: 0 }, { token: 7, expected_revision: 0, expected_epoch: "e" }),
    report({ mine: [1], data: { a: {} }, started_at: "2026-01-01T00:00:00.5Z", error: null }),
    { ...report({}), command: { update: { action: "a" }, index: 0, kind: "step" } },
    { type: "subscribe", workflow_id: "*" },
    { last: { revision: 4, epoch: "e" }, workflow_id: "current", type: "subscribe" },
    { type: "subscribe", workflow_id: "w", last: null },
    { type: "ping" },
  ])("what comes most often is read by hand (%#)", (message) => {
    const read = plainMessage(sent(message));
    expect(JSON.stringify(read)).toBe(JSON.stringify(ClientMessage.parse(sent(message))));
  });

  it.each([
    report({}),
    report({ status: "done" }),
    report({ started_at: "2026-01-01T00:00:00+01:00" }),
    report({ started_at: "2026-02-30T00:00:00Z" }),
    report({ progress: 1.1 }),
    report({ tasks: [{ name: 1 }] }),
    report({ progress: 0.5 }, { token: 0 }),
    report({ progress: 0.5 }, { expected_epoch: "e" }),
    report({ progress: 0.5 }, { other: null }),
    { ...report({}), command: { kind: "step", index: -1, update: { title: "a" } } },
    { type: "ping", workflow_id: "w" },
    { type: "subscribe", workflow_id: "w", last: { epoch: "", revision: 1 } },
    { type: "unsubscribe", workflow_id: "w" },
    [],
    null,
    "ping",
  ])("what is wrong, or out of the common, is left to the schemas (%#)", (message) => {
    expect(plainMessage(sent(message))).toBeNull();
  });

  it("a field that the schema has and nobody reads by hand goes to the schema", () => {
    const update = Object.fromEntries(Object.keys(StepUpdate.shape).map((key) => [key, {}]));
    for (const key of Object.keys(update))
      expect(["data", "answer", undefined]).toContain(
        plainMessage(report({ [key]: {} })) ? key : undefined,
      );
  });
});

const TIMES = [
  ...[
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.123456Z",
    "2026-01-01 00:00",
    "2026-02-30T00:00:00Z",
  ],
  ...[
    "2026-01-01T00:00:00+01:00",
    "2026-01-01t00:00:00z",
    `2026-01-01T00:00:00.${"0".repeat(60)}Z`,
    "",
  ],
];
const HOSTILE = [
  null,
  true,
  0,
  -0,
  -1,
  0.5,
  1,
  1.5,
  2 ** 53,
  1e300,
  "",
  "\n",
  "\ud800",
  "x".repeat(129),
  [],
  {},
  [[]],
];
const anything = fc.oneof(fc.constantFrom(...HOSTILE, ...TIMES), fc.jsonValue({ maxDepth: 2 }));

/** Mostly what belongs there, else anything. */
const mostly = (...values: unknown[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...values) },
    { weight: 1, arbitrary: anything },
  );

const step = {
  action: mostly("copy"),
  status: mostly("pending", "in_progress", "completed"),
  index: mostly(0, 3),
  title: mostly("Copy", ""),
  attempt: mostly(1, 2),
  started_at: mostly(null, ...TIMES),
  first_started_at: mostly(null, ...TIMES),
  finished_at: mostly(null, ...TIMES),
  progress: mostly(0, 1, 0.25, null, -0),
  message: mostly("a line", null),
  message_from: mostly("output", null),
  error: mostly("it failed", null),
  error_line: mostly(null, { offset: 3, line: 1 }),
  data: anything,
  tasks: mostly([], [{ name: "a" }]),
  completion_note: mostly("done", null),
  notes: mostly([], ["a"]),
  attempts: mostly([], [{ attempt: 1, status: "failed" }]),
  retry_at: mostly(null, ...TIMES),
  answer: anything,
  answered: mostly(null, { at: TIMES[0] }),
  log_bytes: mostly(0, 10),
  steps: mostly([], [{ action: "branch" }]),
  "7": anything,
  mine: anything,
  constructor: anything,
  toString: anything,
};

/** Some of the fields, in any order. */
const someOf = (fields: Record<string, fc.Arbitrary<unknown>>, most = 5) =>
  fc
    .shuffledSubarray(Object.keys(fields), {
      maxLength: Math.min(most, Object.keys(fields).length),
    })
    .chain((keys) => fc.tuple(...keys.map((key) => fc.tuple(fc.constant(key), fields[key]!))))
    .map((entries) => Object.fromEntries(entries));

/** Those fields and some of the others, in any order. */
const withSome = (
  always: Record<string, fc.Arbitrary<unknown>>,
  others: Record<string, fc.Arbitrary<unknown>>,
) =>
  fc
    .tuple(fc.record(always), someOf(others, 2))
    .chain(([one, other]) =>
      fc.shuffledSubarray(Object.entries({ ...one, ...other }), {
        minLength: Object.keys({ ...one, ...other }).length,
      }),
    )
    .map((entries) => Object.fromEntries(entries));

const names = ["w1", "current", "*", "a b", "", `a${"b".repeat(127)}`, `a${"b".repeat(128)}`];
const command = withSome(
  {
    kind: mostly("step"),
    index: mostly(0, 3, 1_002),
    update: fc.oneof({ weight: 9, arbitrary: someOf(step) }, { weight: 1, arbitrary: anything }),
  },
  {
    workflow_id: mostly(...names),
    merge: mostly(true, false),
    state: mostly({ title: "a" }),
    other: anything,
  },
);
const message = fc.oneof(
  withSome(
    {
      type: mostly("propose"),
      request_id: mostly("r1", "~!", "é", "r 1"),
      command: fc.oneof({ weight: 20, arbitrary: command }, { weight: 1, arbitrary: anything }),
    },
    {
      token: mostly(1, 5),
      expected_revision: mostly(0, 4),
      expected_epoch: mostly("e", "x".repeat(64), "x".repeat(65)),
      other: anything,
    },
  ),
  withSome(
    { type: mostly("subscribe", "unsubscribe"), workflow_id: mostly(...names) },
    {
      last: fc.oneof(
        mostly(null),
        withSome({ epoch: mostly("e"), revision: mostly(0, 7) }, { other: anything }),
      ),
      other: anything,
    },
  ),
  withSome({ type: mostly("ping") }, { other: anything }),
  anything,
);

describe("every message that is read by hand", () => {
  it("a message that is read by hand is one that the schemas take, and what they make of it, key for key", () => {
    let read = 0;
    fc.assert(
      fc.property(message, (given) => {
        const plain = plainMessage(sent(given));
        if (plain === null) return;
        read += 1;
        const parsed = ClientMessage.parse(sent(given));
        expect(JSON.stringify(plain)).toBe(JSON.stringify(parsed));
        expect(plain).toStrictEqual(parsed);
      }),
      { numRuns: 6_000 },
    );
    expect(read).toBeGreaterThan(600);
  });

  it("a command that is read by hand is one, too, though it comes with its body's fields in another order", () => {
    fc.assert(
      fc.property(command, (given) => {
        const plain = plainCommand(sent(given));
        if (plain === null) return;
        const parsed = Command.parse(sent(given));
        expect(JSON.stringify(plain)).toBe(JSON.stringify(parsed));
        expect(plain).toStrictEqual(parsed);
      }),
      { numRuns: 3_000 },
    );
  });
});
