import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DefinitionError, parseDefinition } from "../../server/cli/definition.js";

const problemsOf = (source: string): string[] => {
  try {
    parseDefinition(source, "flow.yaml");
  } catch (error) {
    if (error instanceof DefinitionError) return error.message.split("\n");
    throw error;
  }
  return [];
};

describe("a definition", () => {
  test("has a name and steps with commands", () => {
    const source = `
name: deploy
title: Deploy the shop
steps:
  - action: copy
    title: Copy
    run: |
      echo one
      echo two
    cwd: site
    env: { HOST: example.com, PORT: 8080, DRY: true }
    timeout: 10m
  - action: switch
    run: ./switch.sh
`;
    expect(parseDefinition(source, "flow.yaml")).toEqual({
      name: "deploy",
      title: "Deploy the shop",
      steps: [
        {
          action: "copy",
          title: "Copy",
          run: "echo one\necho two\n",
          cwd: "site",
          env: { HOST: "example.com", PORT: "8080", DRY: "true" },
          timeoutMs: 600_000,
        },
        { action: "switch", run: "./switch.sh", env: {}, timeoutMs: undefined },
      ],
    });
  });

  test("the example is one", () => {
    const source = readFileSync(new URL("../../examples/backup.yaml", import.meta.url), "utf8");
    expect(parseDefinition(source, "backup.yaml").steps.length).toBeGreaterThan(3);
  });

  test("every mistake is named with its line and field, in the order of the file", () => {
    const source = [
      "name: deploy",
      "steps:",
      "  - action: copy",
      "    run: true",
      "    tmeout: 3s",
      "    timeout: 3",
      "  - run: ls",
      "    env: { 1st: 3, LIST: [1] }",
      "  - just text",
      "inputs: {}",
    ].join("\n");
    expect(problemsOf(source)).toEqual([
      'flow.yaml:4:5: steps.0.run: must be text: put it in quotes, "true"',
      "flow.yaml:5:5: steps.0.tmeout: no such field; did you mean `timeout`?",
      'flow.yaml:6:5: steps.0.timeout: needs a unit: "3s" for seconds, or ms, m, h',
      "flow.yaml:7:5: steps.1.action: is required",
      "flow.yaml:8:12: steps.1.env.1st: is not a name a variable can have",
      "flow.yaml:8:20: steps.1.env.LIST: must be text or a number",
      "flow.yaml:9:5: steps.2: must have `action` and `run`",
      "flow.yaml:10:1: inputs: no such field; known are name, title, steps",
    ]);
  });

  test.each([
    ["nothing", "", "must be a definition"],
    ["a list", "- 1", "must be a definition"],
    ["broken YAML", "name: [", "flow.yaml:1:8: "],
    ["a key twice", "name: a\nname: b\n", "flow.yaml:2:1: Map keys must be unique"],
    ["no steps", "name: a\nsteps: []", "flow.yaml:2:1: steps: must have at least one step"],
    ["steps that are no list", "name: a\nsteps: 3", "steps: must be a list of steps"],
    ["two documents", "name: a\n---\nname: b\n", "flow.yaml:"],
    ["an empty command", 'name: a\nsteps: [{ action: a, run: " " }]', "run: must not be empty"],
    [
      "no time at all",
      "name: a\nsteps: [{ action: a, run: b, timeout: 0s }]",
      "longer than nothing",
    ],
    ["a title of two lines", 'name: "a\\nb"\nsteps: []', "name: must be one line"],
  ])("%s is refused", (_, source, expected) => {
    expect(problemsOf(source).join("\n")).toContain(expected);
  });

  test("a small file that would grow into a huge one is refused", () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const before =
        level === 0
          ? '"lol"'
          : Array(9)
              .fill(`*a${level - 1}`)
              .join(", ");
      return `a${level}: &a${level} [${before}]`;
    });
    expect(problemsOf(levels.join("\n"))[0]).toContain("Excessive alias count");
  });

  test("a hostile key reaches no prototype", () => {
    const source = "name: a\n__proto__: { polluted: true }\nsteps: [{ action: a, run: b }]";
    expect(problemsOf(source)[0]).toContain("flow.yaml:2:1: __proto__: no such field");
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
