/** Editors and the server judge a recipe alike, as far as a schema can tell. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it, test } from "vitest";
import { parse } from "yaml";
import {
  type JsonSchema,
  recipeSchema,
} from "../../../../../server/runner/definition/editors/recipeSchema.js";
import {
  DefinitionError,
  parseDefinition,
} from "../../../../../server/runner/definition/file/definitionFile.js";
import { readableBlocks } from "../../../../support/docs/documents.js";
import { ROOT } from "../../../../support/docs/packedPackage.js";

const schema = recipeSchema();
const ajv = new Ajv({
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  allErrors: true,
});
const validate = ajv.compile(schema);

/** As an editor reads it. */
const complaints = (source: string): readonly string[] =>
  validate(parse(source, { merge: true }))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);

function problems(source: string): readonly string[] {
  try {
    parseDefinition(source, "r.yaml", "/");
    return [];
  } catch (error) {
    if (error instanceof DefinitionError) return error.message.split("\n");
    throw error;
  }
}

/** With what a recipe cannot do without. */
const recipe = (lines: string) =>
  `${/^name:/m.test(lines) ? "" : "name: a\n"}${lines}\n${/^steps:/m.test(lines) ? "" : "steps: [{ action: a, run: b }]\n"}`;
const step = (keys: string) => `name: a\nsteps:\n  - { action: a, ${keys} }\n`;
const field = (keys: string) => recipe(`inputs: { host: { ${keys} } }`);
const ask = (keys: string) => step(`ask: { ${keys} }`);

const GOOD: readonly string[] = [
  recipe(
    "title: A\ndescription: |\n  b\n  c\nstep_delay: 500ms\non_restart: resume\non_node_loss: resume",
  ),
  recipe("env: { A: 1, b_2: x, C: true, x-own: [1] }\nx-own: { any: [thing] }"),
  recipe("x-s: &s { action: a, run: b }\nsteps: [*s, { <<: *s, action: c, retries: 3 }]"),
  step("argv: [ls, -l], cwd: .., env: { A: b }"),
  step("run: b, timeout: 0.5s, backoff: 0s, retries: 100, progress: rsync"),
  step("run: b, timeout: ' 10m ', progress: '(\\d+)%', idempotent: true, enabled: true"),
  step("ask: { prompt: Sure? }, run: b, x-why: c"),
  step("run: b, when: always, continue_on_error: true"),
  step("run: b, when_failed: continue"),
  step("ask: { prompt: Sure? }, when: failure"),
  step("parallel: [{ action: b, run: c, retries: 2, x-y: 1 }, { action: d, argv: [e] }], max: 1"),
  step("parallel: [{ action: b, run: c }], fail_fast: true, when: always, x-y: 1, enabled: false") +
    "  - { action: z, run: b }\n",
  step("run: print(1), shell: [python3, -c]"),
  recipe("shell: bash\ntimeout: 1h"),
  ask("prompt: Sure?, fields: { go: { type: boolean } }, deadline: 2h, default: { go: false }"),
  ask("prompt: Sure?, x-note: n, fields: { x-s: 1 }, when: test -e a"),
  field("type: string, pattern: '^a', default: abc, title: t, description: d, required: true"),
  field("type: number, min: 1, max: 5, default: 2.5"),
  field("type: boolean, default: false"),
  field("type: choice, options: [a, 1, true], default: a"),
  field("type: secret, x-owner: me"),
  field("type: ssh, default: ssh root@host"),
];

const BAD: readonly string[] = [
  "[]",
  "text",
  "name: a",
  "steps: [{ action: a, run: b }]",
  recipe("steps: []"),
  recipe("steps: { action: a, run: b }"),
  recipe("nome: a"),
  recipe("X-own: a"),
  recipe("name: ''"),
  recipe("name: 5"),
  recipe(`name: ${"a".repeat(201)}`),
  recipe('name: "a\\nb"'),
  recipe("title: [a]"),
  recipe(`description: ${"a".repeat(4_001)}`),
  recipe("on_restart: maybe"),
  recipe("on_node_loss: ask"),
  recipe("step_delay: 5"),
  recipe("step_delay: 5 seconds"),
  recipe("step_delay: -1s"),
  recipe("env: [A=1]"),
  recipe("env: { 1A: b }"),
  recipe("env: { A: [b] }"),
  recipe("env: { A: }"),
  recipe("inputs: [host]"),
  recipe("inputs: { host: string }"),
  recipe("inputs: { 1st: { type: string } }"),
  recipe("inputs: { a-b: { type: string } }"),
  recipe(
    `inputs:\n${Array.from({ length: 51 }, (_, i) => `  f${i}: { type: string }`).join("\n")}`,
  ),
  field("type: text"),
  field("title: a"),
  field("type: string, min: 1"),
  field("type: string, default: 1"),
  field("type: number, default: '1'"),
  field("type: boolean, default: yes please"),
  field("type: choice"),
  field("type: choice, options: []"),
  field("type: secret, default: a"),
  field("type: string, required: very"),
  "name: a\nsteps: [{ run: b }]",
  "name: a\nsteps: [b]",
  step("title: no command"),
  step("run: b, argv: [c]"),
  step("run: ' '"),
  step("run: [b]"),
  step("argv: []"),
  step("argv: ls"),
  step("argv: [ls, 1]"),
  step("run: b, cwd: ''"),
  step("run: b, timeout: 0s"),
  step("run: b, timeout: 0.0m"),
  step("run: b, timeout: 10"),
  step("run: b, backoff: 1d"),
  step("run: b, retries: -1"),
  step("run: b, retries: 101"),
  step("run: b, retries: 1.5"),
  step("run: b, retries: '3'"),
  step("run: b, idempotent: 'yes'"),
  step("run: b, enabled: 1"),
  step("run: b, max: 2"),
  step("run: b, fail_fast: true"),
  step("parallel: []"),
  step("parallel: [{ action: b, run: c }], run: d"),
  step("parallel: [{ action: b, run: c }], retries: 3"),
  step("parallel: [{ action: b }]"),
  step("parallel: [{ action: b, ask: { prompt: Sure? } }]"),
  step("parallel: [{ action: b, parallel: [{ action: c, run: d }] }]"),
  step("parallel: [{ action: b, run: c, when: always }]"),
  step("parallel: [{ action: b, run: c }], max: 0"),
  step("run: b, shell: zsh"),
  step("run: b, shell: [1]"),
  step("argv: [b], shell: bash"),
  step("run: b, rum: c"),
  step("run: b, when: never"),
  step("run: b, continue_on_error: 'no'"),
  step("run: b, when_failed: stop, continue_on_error: false"),
  step("ask: { prompt: Sure? }, when: always"),
  ask("fields: {}"),
  ask("prompt: ''"),
  ask("prompt: Sure?, default: { go: true }"),
  ask("prompt: Sure?, deadline: 0s"),
  ask("prompt: Sure?, when: ' '"),
  ask("prompt: Sure?, filds: {}"),
];

/** Only a look at the whole recipe, or into a pattern, tells these. */
const ONLY_CHECKED: readonly string[] = [
  field("type: string, pattern: '(?=a)'"),
  field("type: string, pattern: '^a', default: b"),
  field("type: number, min: 5, max: 1"),
  field("type: choice, options: [a], default: b"),
  recipe("inputs: { a: { type: string }, A: { type: string } }"),
  recipe("inputs: { constructor: { type: string } }"),
  step("run: b, timeout: 9000h"),
  step("run: b, progress: no group"),
  step("run: b, enabled: false"),
];

describe("the JSON Schema of a recipe", () => {
  it.each(GOOD)("the JSON Schema of a recipe takes what the server takes: %s", (source) => {
    expect(problems(source)).toEqual([]);
    expect(complaints(source)).toEqual([]);
  });

  it.each(BAD)("the JSON Schema of a recipe refuses what the server refuses: %s", (source) => {
    expect(problems(source)).not.toEqual([]);
    expect(complaints(source)).not.toEqual([]);
  });

  it.each(ONLY_CHECKED)(
    "the JSON Schema of a recipe leaves to `instep check` what no schema tells: %s",
    (source) => {
      expect(problems(source)).not.toEqual([]);
      expect(complaints(source)).toEqual([]);
    },
  );

  const written = [
    ...readdirSync(path.join(ROOT, "examples"))
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => [name, readFileSync(path.join(ROOT, "examples", name), "utf8")] as const),
    ...readableBlocks()
      .filter(
        ({ language, marker, text }) => language === "yaml" && !marker && /^steps:/m.test(text),
      )
      .map(({ place, text }) => [place, recipe(text)] as const),
  ];

  it.each(written)("the JSON Schema of a recipe takes %s", (_, source) => {
    expect(complaints(source)).toEqual([]);
  });

  it("the JSON Schema of a recipe was held against the examples and the recipes of docs/", () => {
    expect(written.length).toBeGreaterThan(10);
  });

  test("explains every key, and every example of a key is one", () => {
    const keys = keysIn(schema, "");
    expect(keys.length).toBeGreaterThan(40);
    expect(keys.filter(({ key }) => !key.description).map(({ name }) => name)).toEqual([]);
    const wrong = keys.flatMap(({ name, key }) =>
      [...(key.examples ?? []), ...(key.default === undefined ? [] : [key.default])]
        .filter((one) => !new Ajv({ strict: false }).validate(key, one))
        .map((one) => `${name}: ${JSON.stringify(one)}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** Every key there is, with the keys on the way to it. */
function keysIn(inside: JsonSchema, name: string): { name: string; key: JsonSchema }[] {
  const { properties = {}, patternProperties = {}, items, oneOf = [], anyOf = [] } = inside;
  return [
    ...Object.entries(properties).flatMap(([word, key]) => [
      { name: `${name}.${word}`, key },
      ...keysIn(key, `${name}.${word}`),
    ]),
    ...Object.values(patternProperties).flatMap((entry) => keysIn(entry, `${name}.*`)),
    ...[...(items ? [items] : []), ...oneOf, ...anyOf].flatMap((one) => keysIn(one, name)),
  ];
}
