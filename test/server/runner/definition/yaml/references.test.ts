/** Pieces that a recipe shares: anchors and aliases, merge keys, and keys of the author's own. */
import { describe, expect, test } from "vitest";
import {
  DefinitionError,
  parseDefinition,
} from "../../../../../server/runner/definition/file/definitionFile.js";
import { definitionFromSource } from "../../../../../server/runner/definition/file/keptDefinition.js";

const read = (source: string) => parseDefinition(source, "flow.yaml", "/flows");

function problemsOf(source: string): readonly string[] {
  try {
    read(source);
    return [];
  } catch (error) {
    if (error instanceof DefinitionError) return error.message.split("\n");
    throw error;
  }
}

describe("a merge key", () => {
  test("stands for the pairs of a map, in a step, in env, in inputs and in a question", () => {
    const { inputs, env, steps } = read(`
x-remote: &remote { timeout: 10m, retries: 3, backoff: 1s }
x-env: &env { LC_ALL: C, LEVEL: 2 }
x-fields: &fields
  host: { type: string, required: true }
  port: { type: number, default: 22 }
name: a
env: { <<: *env, MORE: yes please }
inputs:
  <<: *fields
  user: { type: string }
steps:
  - <<: *remote
    action: copy
    run: scp a b
    retries: 5
  - action: sure
    ask: { prompt: Sure?, fields: { <<: *fields, go: { type: boolean } } }
`);
    expect(steps[0]).toMatchObject({ timeoutMs: 600_000, retries: 5, backoffMs: 1_000 });
    expect(env).toEqual({ LC_ALL: "C", LEVEL: "2", MORE: "yes please" });
    expect(Object.keys(inputs)).toEqual(["host", "port", "user"]);
    expect(Object.keys(steps[1]!.ask!.fields)).toEqual(["host", "port", "go"]);
  });

  test("a merge key loses to what the map says itself, before or after it, and of several maps the first wins", () => {
    const { steps } = read(`
x-one: &one { retries: 1, title: one, backoff: 1s }
x-two: &two { retries: 2, title: two, timeout: 2s }
x-both: &both { <<: [*one, *two], idempotent: true }
name: a
steps:
  - { action: a, run: b, retries: 7, <<: *one }
  - { action: b, run: b, <<: [*one, *two] }
  - { action: c, run: b, <<: [*two, *one] }
  - { action: d, run: b, <<: *both, title: own }
  - { action: e, run: b, <<: [] }
  - { action: f, run: b, <<: { retries: 9 } }
`);
    expect(steps.map(({ retries, title }) => [retries, title])).toEqual([
      [7, "one"],
      [1, "one"],
      [2, "two"],
      [1, "own"],
      [0, undefined],
      [9, undefined],
    ]);
    expect(steps[3]).toMatchObject({ timeoutMs: 2_000, backoffMs: 1_000, idempotent: true });
  });

  test("replaces whole values: what is in them is not mixed", () => {
    const { steps } = read(`
x-base: &base { env: { A: 1, B: 1 } }
name: a
steps: [{ action: a, run: b, <<: *base, env: { B: 2 } }]
`);
    expect(steps[0]!.env).toEqual({ B: "2" });
  });

  test("a merge key may be said of YAML 1.1 as well", () => {
    const { steps } = read(`%YAML 1.1
---
x-base: &base { retries: 4 }
name: a
steps: [{ action: a, run: b, <<: *base }]
`);
    expect(steps[0]!.retries).toBe(4);
  });

  test("a merge key in quotes is a key like any other", () => {
    expect(problemsOf('name: a\nsteps: [{ action: a, run: b, "<<": { retries: 1 } }]')[0]).toMatch(
      /^flow.yaml:2:30: step 1 \(a\): <<: no such field/,
    );
  });

  test.for([
    ["text", "<<: more"],
    ["nothing", "<<:"],
    ["a list of text", "<<: [more]"],
    ["a list", "<<: [*list]"],
    ["an alias of text", "<<: *text"],
    ["a map and text", "<<: [*map, *text]"],
  ])("a merge key of %s is refused where it stands", ([, line]) => {
    const shared = "x-list: &list [1]\nx-text: &text t\nx-map: &map { retries: 1 }\n";
    expect(problemsOf(`${shared}name: a\nsteps:\n  - action: a\n    run: b\n    ${line}`)).toEqual([
      "flow.yaml:8:5: `<<` merges a map, `<<: *base`, or a list of maps, `<<: [*one, *other]`; this is neither",
    ]);
  });

  test("stands once in a map", () => {
    const source = "x-a: &a { retries: 1 }\nname: a\nsteps:\n  - <<: *a\n    <<: *a\n    action: a";
    expect(problemsOf(source)).toEqual([
      "flow.yaml:5:5: stands twice: merge a list, `<<: [*one, *other]`",
    ]);
  });

  test("brings in what is wrong with the line where that stands, once for all who merge it", () => {
    const source = `name: a
x-base: &base
  retires: 3
  timeout: 30
steps:
  - { action: a, run: b, <<: *base }
  - { action: b, run: b, <<: *base }
  - { action: c, run: b, <<: *base, timeout: soon }
`;
    expect(problemsOf(source)).toEqual([
      "flow.yaml:3:3: step 1 (a): retires: no such field; did you mean retries?",
      'flow.yaml:4:3: step 1 (a): timeout: needs a unit: "30s" for seconds, or ms, m, h',
      expect.stringMatching(/^flow.yaml:8:37: step 3 \(c\): timeout: must be a time like/),
    ]);
  });

  test("reaches no prototype", () => {
    const source =
      "x-b: &b { __proto__: { polluted: 1 }, constructor: 1 }\nname: a\nsteps: [{ <<: *b, action: a, run: b }]";
    const problems = problemsOf(source).join("\n");
    expect(problems).toContain("flow.yaml:1:11: step 1 (a): __proto__: is not a name");
    expect(problems).toContain("flow.yaml:1:39: step 1 (a): constructor: no such field");
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(read("x-b: { __proto__: 1 }\nname: a\nsteps: [{ action: a, run: b }]").name).toBe("a");
  });
});

/** Twelve pieces, each made of the one before four times. */
const levelsOf = (written: (before: string) => string): string =>
  Array.from({ length: 12 }, (_, level) =>
    level === 0
      ? "x-0: &a0 { title: t }"
      : `x-${level}: &a${level} ${written(
          Array(4)
            .fill(`*a${level - 1}`)
            .join(", "),
        )}`,
  ).join("\n");

describe("an alias", () => {
  test("stands for what has its anchor, the latest before it", () => {
    const { steps } = read(`
x-run: &run echo one
name: a
steps:
  - action: a
    run: *run
  - { action: b, run: &run echo two }
  - { action: c, run: *run }
  - &whole { action: d, run: echo three }
`);
    expect(steps.map(({ argv }) => argv?.at(-1))).toEqual([
      "echo one",
      "echo two",
      "echo two",
      "echo three",
    ]);
  });

  test("an alias of a merged piece means what it meant where the piece stands", () => {
    const { steps } = read(`
x-t: &time 1s
x-p: &piece { timeout: *time, backoff: &wait 2s }
x-u: [&time 9s, &wait 8s]
name: a
steps:
  - { <<: *piece, action: a, run: b }
  - { action: b, run: b, timeout: *wait }
`);
    expect(steps[0]).toMatchObject({ timeoutMs: 1_000, backoffMs: 2_000 });
    expect(steps[1]).toMatchObject({ timeoutMs: 8_000 });
  });

  test.for([
    ["without an anchor", "name: *a", "flow.yaml:1:7: there is no &a before this"],
    ["before its anchor", "x: *a\ny: &a 1", "flow.yaml:1:4: there is no &a before this"],
    ["within itself", "x-a: &a\n  b: *a", "flow.yaml:2:6: *a stands in what it names"],
    ["merged into itself", "x-a: &a\n  <<: *a", "flow.yaml:2:7: *a stands in what it names"],
    ["within its list", "x-a: &a [1, *a]", "flow.yaml:1:13: *a stands in what it names"],
    ["as a key again", "x-a: &a name\nname: b\n*a : c", "flow.yaml:1:9: Map keys must be unique"],
  ])("%s is refused at its place", ([, source, expected]) => {
    expect(problemsOf(source!)[0]).toBe(expected);
  });

  test("brings no number that would not stay what is written", () => {
    const source = `name: a
x-env: &env { VERSION: 1.10 }
env: *env
steps: [{ action: a, run: b, env: { <<: *env } }]`;
    expect(problemsOf(source)).toEqual([
      'flow.yaml:2:15: env.VERSION: would become 1.1: write "1.10", in quotes',
    ]);
  });

  test.for<[string, (before: string) => string]>([
    ["lists", (before) => `[${before}]`],
    ["merges", (before) => `{ <<: [${before}], own: [${before}] }`],
  ])("that would make a small file huge is refused, of %s", ([, written]) => {
    const begun = process.cpuUsage().user;
    expect(problemsOf(levelsOf(written))[0]).toContain("where its aliases are written out");
    expect(process.cpuUsage().user - begun).toBeLessThan(2_000_000);
  });

  test("an alias of merges of merges costs no more than its lines", () => {
    const rest = "name: a\nsteps: [{ <<: *a11, action: a, run: b }]";
    const { steps } = read(`${levelsOf((before) => `{ <<: [${before}] }`)}\n${rest}`);
    expect(steps[0]!.title).toBe("t");
  });

  test("an alias cannot make a file deeper than one may be written", () => {
    const levels = Array.from({ length: 90 }, (_, level) =>
      level === 0 ? "x-0: &a0 [[[[[[[[1]]]]]]]]" : `x-${level}: &a${level} [[[[*a${level - 1}]]]]`,
    );
    expect(problemsOf(levels.join("\n"))).toEqual([
      expect.stringMatching(/nested deeper than 32 where its aliases are written out$/),
    ]);
  });
});

describe("a key that begins with x-", () => {
  const source = `
x-owner: { team: web, since: 1.10, id: 12345678901234567890 }
name: a
inputs:
  x-shared: &field { type: string, x-why: it is asked for }
  host: *field
steps:
  - action: a
    x-ticket: OPS-12
    ask: { prompt: Sure?, x-note: [1], fields: { x-f: 1, go: { type: boolean } } }
    env: { x-more: &more 1, A: *more }
`;

  test("a key that begins with x- may stand in every map, and says nothing", () => {
    const { inputs, steps } = read(source);
    expect(inputs).toEqual({ host: { type: "string" } });
    expect(steps[0]).toMatchObject({
      env: { A: "1" },
      ask: { fields: { go: { type: "boolean" } } },
    });
    expect(JSON.stringify(steps)).not.toContain("x-");
  });

  test("a key that begins with x- is not kept with a workflow that goes on by the recipe it began with", () => {
    const { source: kept } = read(source);
    expect(JSON.stringify(kept)).not.toContain("x-");
    expect(definitionFromSource(kept, { folder: "/flows" })?.inputs).toHaveProperty("host");
  });

  test.for(["x_owner", "X-owner", "xowner", "x"])("a key that begins with x- is not %s", (key) => {
    expect(problemsOf(`${key}: 1\nname: a\nsteps: [{ action: a, run: b }]`)[0]).toContain(
      `flow.yaml:1:1: ${key}: no such field`,
    );
  });
});
