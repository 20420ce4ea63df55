/** Definition files: what is understood, and what is refused with its line and field. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  DefinitionError,
  parseDefinition,
} from "../../../../../server/runner/definition/file/definitionFile.js";
import { definitionFromSource } from "../../../../../server/runner/definition/file/keptDefinition.js";

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
  test("a definition has a name and steps with commands", () => {
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
    expect(parseDefinition(source, "flow.yaml")).toMatchObject({
      name: "deploy",
      title: "Deploy the shop",
      steps: [
        {
          action: "copy",
          title: "Copy",
          argv: ["/bin/sh", "-e", "-c", "echo one\necho two\n"],
          cwd: "site",
          env: { HOST: "example.com", PORT: "8080", DRY: "true" },
          timeoutMs: 600_000,
        },
        {
          action: "switch",
          argv: ["/bin/sh", "-e", "-c", "./switch.sh"],
          env: {},
          retries: 0,
          continueOnError: false,
          when: "success",
          idempotent: false,
          enabled: true,
        },
      ],
    });
  });

  test("a definition may ask, try again, take inputs and say what happens after a restart", () => {
    const source = `
name: deploy
description: Puts the shop on its machines.
inputs:
  host:   { type: string, pattern: '^[a-z0-9.-]+$', required: true }
  mode:   { type: choice, options: [blue, 2], default: blue }
  secret: { type: secret }
env: { LANG: C }
on_restart: resume
step_delay: 2s
steps:
  - action: copy
    argv: [rsync, -a, ./site/, target]
    progress: rsync
    retries: 2
    backoff: 1m
    when_failed: continue
    idempotent: true
  - action: sure
    ask:
      prompt: Switch over now?
      fields:
        go: { type: boolean, required: true }
      deadline: 30m
      default: { go: false }
  - action: never
    run: "true"
    enabled: false
    progress: '(\\d+) percent'
`;
    const definition = parseDefinition(source, "/etc/flows/flow.yaml");
    expect(definition).toMatchObject({
      description: "Puts the shop on its machines.",
      folder: "/etc/flows",
      env: { LANG: "C" },
      onRestart: "resume",
      stepDelayMs: 2_000,
      inputs: { mode: { options: ["blue", "2"] } },
      steps: [
        {
          argv: ["rsync", "-a", "./site/", "target"],
          progress: "rsync",
          retries: 2,
          backoffMs: 60_000,
          continueOnError: true,
          idempotent: true,
        },
        { argv: undefined, ask: { deadlineMs: 1_800_000, default: { go: false } } },
        { enabled: false, progress: "(\\d+) percent" },
      ],
    });
    expect(definitionFromSource(definition.source, definition)).toEqual(definition);
  });

  test("the example is one", () => {
    const source = readFileSync(
      new URL("../../../../../examples/backup.yaml", import.meta.url),
      "utf8",
    );
    expect(parseDefinition(source, "backup.yaml").steps.length).toBeGreaterThan(3);
  });

  test.each([
    ["shell: zsh -e", "must be sh, bash or a list, such as [zsh, -e]"],
    ["shell: bash -e {0}", 'must be sh, bash or a list, such as [bash, -e, "{0}"]'],
    ['shell: [bash, -e, "{0}"]', `write "{{file}}" for the script's file`],
    ["shell: true", "must be sh, bash or a list, such as [python3]"],
    ["shell: [true]", "must be a list of text: the program and its arguments"],
    ["shell: []", "must name a program"],
    [
      "shell: [ssh, web-7, sh]",
      "ssh runs it elsewhere, where no file of this machine is: end the list with the shell there, [ssh, …, sh, -ec]",
    ],
  ])("a definition refuses %s at its line, of a step and of the whole", (line, words) => {
    const whole = `name: a\n${line}\nsteps: [{ action: a, run: b }]\n`;
    expect(problemsOf(whole)).toEqual([`flow.yaml:2:1: shell: ${words}`]);
    const step = `name: a\nsteps:\n  - action: a\n    run: b\n    ${line}\n`;
    expect(problemsOf(step)).toEqual([`flow.yaml:5:5: step 1 (a): shell: ${words}`]);
  });

  test("a definition refuses two steps of one action, each at its line, with a name that is free", () => {
    const lines = [
      "name: a",
      "steps:",
      "  - { action: test, run: b }",
      "  - { action: test_2, run: b }",
    ];
    const again = "  - { action: test, title: Again, run: b }";
    expect(
      problemsOf(
        [
          ...lines,
          again,
          again,
          "  - { action: build it, run: b }",
          "  - { action: build it }",
        ].join("\n"),
      ),
    ).toEqual([
      "flow.yaml:5:7: step 3 (test): action: is the name of step 1 (line 3) too: give this one another, such as test_3",
      "flow.yaml:6:7: step 4 (test): action: is the name of step 1 (line 3) too: give this one another, such as test_4",
      "flow.yaml:8:5: step 6 (build it): run: is required (or `argv`, or `ask`, or `parallel`)",
      'flow.yaml:8:7: step 6 (build it): action: is the name of step 5 (line 7) too: give this one another, such as "build it_2"',
    ]);
  });

  test("a definition refuses a step that is used twice as it is", () => {
    const source = "name: a\nsteps:\n  - &one { action: test, run: b }\n  - *one\n";
    expect(problemsOf(source)).toEqual([
      "flow.yaml:3:12: step 2 (test): action: is the name of step 1 too: give this one another, such as test_2",
    ]);
  });

  test("a recipe with two steps of one action that was started once goes on", () => {
    const steps = [
      { action: "a", run: "b" },
      { action: "a", run: "c" },
    ];
    const kept = definitionFromSource({ name: "n", steps }, { folder: "/tmp" });
    expect(kept?.steps.map(({ action }) => action)).toEqual(["a", "a"]);
  });

  test("a definition of thousands of steps of one action is refused at once", () => {
    const source = `name: a\nsteps:\n${"- action: a\n".repeat(4_000)}`;
    const begun = process.cpuUsage();
    expect(problemsOf(source)).toHaveLength(51);
    expect(process.cpuUsage(begun).user / 1_000).toBeLessThan(5_000);
  });

  test("a definition refuses a shell where there is no script for it", () => {
    const of = (rest: string) =>
      problemsOf(`name: a\nsteps:\n  - action: a\n    shell: bash\n    ${rest}\n`);
    expect(of("argv: [ls]")).toEqual([
      "flow.yaml:4:5: step 1 (a): shell: is for `run`: `argv` is started without a shell",
    ]);
    expect(of("ask: { prompt: Sure? }")).toEqual([
      "flow.yaml:4:5: step 1 (a): shell: is for `run`, or for `when` of a question",
    ]);
    expect(
      parseDefinition("name: a\nshell: bash\nsteps: [{ action: a, argv: [ls] }]", "a.yaml").steps[0]
        ?.argv,
    ).toEqual(["ls"]);
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
      "outputs: {}",
    ].join("\n");
    expect(problemsOf(source)).toEqual([
      'flow.yaml:4:5: step 1 (copy): run: must be text: put it in quotes, "true"',
      "flow.yaml:5:5: step 1 (copy): tmeout: no such field; did you mean timeout?",
      'flow.yaml:6:5: step 1 (copy): timeout: needs a unit: "3s" for seconds, or ms, m, h',
      "flow.yaml:7:5: step 2: action: is required",
      "flow.yaml:8:12: step 2: env.1st: is not a name a variable can have",
      "flow.yaml:8:20: step 2: env.LIST: must be text or a number",
      "flow.yaml:9:5: step 3: must have `action` and `run`",
      "flow.yaml:10:1: outputs: no such field; known are name, title, description, inputs, env, shell, on_restart, on_node_loss, step_delay, timeout, concurrency, node, …, and 4 more",
    ]);
  });

  test("what goes on by itself on another node has only commands that end with theirs", () => {
    const source = [
      "name: a",
      "on_node_loss: resume",
      "inputs: { host: { type: ssh, required: true } }",
      "steps:",
      "  - { action: far, run: b, on: ssh }",
      "  - { action: screen, run: b, tty: true }",
      "  - action: both",
      "    parallel: [{ action: short, run: b, survives: false }]",
      "  - { action: sure, ask: { prompt: Sure?, when: test -e x } }",
      "  - { action: fine, run: b, ask: { prompt: Sure? } }",
    ].join("\n");
    const why = (step: string, what: string) =>
      `flow.yaml:2:1: on_node_loss: must be wait: the step "${step}" ${what}, and nothing ends that where its node is lost`;
    expect(problemsOf(source).sort()).toEqual(
      [
        why("far", "runs on another machine (`on`)"),
        why("screen", "prints to a terminal (`tty`)"),
        why("short", "has `survives: false`"),
        why("sure", "runs a command before it asks (`ask.when`)"),
      ].sort(),
    );
    const waits = parseDefinition(source.replace("resume", "wait"), "/flow.yaml");
    expect(waits.onNodeLoss).toBe("wait");
    const own = "name: a\non_node_loss: resume\nsteps: [{ action: a, run: b }]";
    expect(parseDefinition(own, "/flow.yaml").onNodeLoss).toBe("resume");
  });

  test("a definition may have numbers for texts where they read as they are written", () => {
    const source =
      "name: a\nenv: { PORT: 8080, RATIO: 0.5, BELOW: -3 }\ninputs: { n: { type: number, max: 1.50 } }\nsteps: [{ action: a, run: b }]";
    expect(problemsOf(source)).toEqual([]);
  });

  test("a definition has one thing wrong where it has no steps", () => {
    expect(problemsOf("name: a\nsteps: []")).toHaveLength(1);
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
    ["a step that does nothing", "name: a\nsteps: [{ action: a }]", "step 1 (a): run: is required"],
    [
      "a step with two commands",
      "name: a\nsteps: [{ action: a, run: b, argv: [c] }]",
      "step 1 (a): argv: cannot stand beside `run`",
    ],
    [
      "an input of no type",
      "name: a\ninputs: { x: {} }\nsteps: [{ action: a, run: b }]",
      "flow.yaml:2:11: inputs.x.type: must be string, number,",
    ],
    [
      "an input with an unknown key",
      "name: a\ninputs: { x: { type: string, patern: a } }\nsteps: [{ action: a, run: b }]",
      "inputs.x.patern: no such field; did you mean pattern?",
    ],
    [
      "a secret with a default in a question",
      "name: a\nsteps: [{ action: a, ask: { prompt: p, fields: { k: { type: secret } }, deadline: 5s, default: { k: x } } }]",
      "ask.default.k: a secret has no default",
    ],
    [
      "a version that would lose its zero",
      "name: a\nenv: { VERSION: 1.10 }\nsteps: [{ action: a, run: b }]",
      'flow.yaml:2:8: env.VERSION: would become 1.1: write "1.10", in quotes',
    ],
    [
      "a mode that would lose its zero",
      "name: a\nsteps: [{ action: a, run: b, env: { MODE: 0644 } }]",
      'step 1 (a): env.MODE: would become 644: write "0644", in quotes',
    ],
    [
      "an option that would lose its zero",
      "name: a\ninputs: { v: { type: choice, options: [1.10, 1.2] } }\nsteps: [{ action: a, run: b }]",
      'inputs.v.options: entry 1: would become 1.1: write "1.10", in quotes',
    ],
    [
      "a number of more digits than can be kept",
      "name: a\ninputs: { x: { type: number, default: 12345678901234567890 } }\nsteps: [{ action: a, run: b }]",
      "flow.yaml:2:30: inputs.x.default: would become 12345678901234567000: no number keeps so much of it",
    ],
    [
      "a number that is too large",
      "name: a\ninputs: { x: { type: number, max: 1e400 } }\nsteps: [{ action: a, run: b }]",
      "inputs.x.max: would become Infinity: no number keeps so much of it",
    ],
    [
      "a number that no value fits",
      "name: a\ninputs: { x: { type: number, min: 5, max: 1 } }\nsteps: [{ action: a, run: b }]",
      "inputs.x.max: must not be less than min",
    ],
    [
      "an input called like a part of a connection",
      "name: a\ninputs: { conn_host: { type: string }, conn: { type: ssh } }\nsteps: [{ action: a, run: b }]",
      'inputs.conn_host: is what a part of "conn" is called',
    ],
    [
      "a key that only another type has",
      "name: a\ninputs: { x: { type: secret, default: a } }\nsteps: [{ action: a, run: b }]",
      "inputs.x.default: is no field of this type",
    ],
    [
      "a secret from two places at once",
      "name: a\ninputs: { x: { type: secret, from: { env: A, file: b } } }\nsteps: [{ action: a, run: b }]",
      "inputs.x.from: must be {env: NAME} or {file: path}",
    ],
    [
      "a secret from a place that is none",
      "name: a\ninputs: { x: { type: secret, from: DEPLOY_KEY } }\nsteps: [{ action: a, run: b }]",
      "inputs.x.from: must be {env: NAME} or {file: path}",
    ],
    [
      "a secret from a variable that cannot be",
      "name: a\ninputs: { x: { type: secret, from: { env: A-B } } }\nsteps: [{ action: a, run: b }]",
      "inputs.x.from.env: is not a name a variable can have",
    ],
    [
      "a secret from a place that nobody knows",
      "name: a\ninputs: { x: { type: secret, from: { vault: a } } }\nsteps: [{ action: a, run: b }]",
      "inputs.x.from.vault: no such field",
    ],
    [
      "a text from the server",
      "name: a\ninputs: { x: { type: string, from: { env: A } } }\nsteps: [{ action: a, run: b }]",
      "inputs.x.from: is no field of this type",
    ],
    [
      "a limit of nothing",
      "name: a\nconcurrency: 0\nsteps: [{ action: a, run: b }]",
      "concurrency.limit: must be 1 or more",
    ],
    [
      "a group of nobody's input",
      "name: a\nconcurrency: a $INPUT_HOST\nsteps: [{ action: a, run: b }]",
      "concurrency.group: names $INPUT_HOST, and there is no such input",
    ],
    [
      "a group that names a secret",
      "name: a\ninputs: { k: { type: secret } }\nconcurrency: { group: $INPUT_K }\nsteps: [{ action: a, run: b }]",
      "concurrency.group: names the input k, which not everybody may see",
    ],
    [
      "a group that is a list",
      "name: a\nconcurrency: [a]\nsteps: [{ action: a, run: b }]",
      "concurrency: must be a group, a limit, or {group, limit, when_busy}",
    ],
    [
      "what nobody does when a group is busy",
      "name: a\nconcurrency: { when_busy: kill }\nsteps: [{ action: a, run: b }]",
      "concurrency.when_busy: must be wait, refuse or cancel_running",
    ],
    [
      "a label that is none",
      "name: a\nnode: [gpu, -x]\nsteps: [{ action: a, run: b }]",
      "node: entry 2: must be a label: up to 64 letters",
    ],
    [
      "no label at all",
      "name: a\nnode: []\nsteps: [{ action: a, run: b }]",
      "node: must have at least one label",
    ],
    [
      "labels that are a map",
      "name: a\nnode: { gpu: true }\nsteps: [{ action: a, run: b }]",
      "node: must be a label or a list of labels",
    ],
    [
      "a question that the server would answer",
      "name: a\nsteps: [{ action: a, ask: { prompt: p, fields: { k: { type: secret, from: { env: A } } } } }]",
      "ask.fields.k.from: is for inputs: a question is answered by somebody",
    ],
    [
      "a pattern that is none",
      "name: a\ninputs: { x: { type: string, pattern: '(' } }\nsteps: [{ action: a, run: b }]",
      "inputs.x.pattern: is not a regular expression",
    ],
    [
      "a pattern with a lookahead",
      "name: a\nsteps: [{ action: a, ask: { prompt: b, fields: { x: { type: string, pattern: 'a(?=b)', default: c } } } }]",
      "step 1 (a): ask.fields.x.pattern: must not use a lookahead, (?=…), at character 2",
    ],
    [
      "progress with a large pattern",
      "name: a\nsteps: [{ action: a, run: b, progress: '([0-9]{300})%' }]",
      "step 1 (a): progress: is too large for a pattern of progress",
    ],
    [
      "patterns that are too much together",
      `name: a\ninputs:\n${Array.from({ length: 12 }, (_, i) => `  x${i}: { type: string, pattern: '[a-z]{1,9${80 + i}}' }`).join("\n")}\nsteps: [{ action: a, run: b }]`,
      "inputs.x10.pattern: is too large together with the other patterns",
    ],
    [
      "patterns of progress that are too much together",
      `name: a\nsteps:\n${Array.from({ length: 1_000 }, (_, i) => `  - { action: a, run: b, progress: '([0-9]+)%(.*a){1,20}${i}' }`).join("\n")}`,
      "progress: is too large together with the other patterns",
    ],
    [
      "patterns of inputs and questions that are too much together",
      `name: a\ninputs: { x: { type: string, pattern: '[a-z]{1,999}' } }\nsteps:\n${Array.from({ length: 12 }, (_, i) => `  - { action: a, ask: { prompt: b, fields: { y: { type: string, pattern: '[a-z]{1,9${10 + i}}' } } } }`).join("\n")}`,
      "step 10 (a): ask.fields.y.pattern: is too large together with the other patterns",
    ],
    ...["constructor", "toString", "prototype"].map((name): [string, string, string] => [
      `an input called ${name}`,
      `name: a\ninputs: { ${name}: { type: string } }\nsteps: [{ action: a, run: b }]`,
      `inputs.${name}: is not a name a field can have: every object has it`,
    ]),
    [
      "an input called __proto__",
      "name: a\ninputs: { __proto__: { type: string } }\nsteps: [{ action: a, run: b }]",
      "flow.yaml:2:11: inputs.__proto__: is not a name anything can have",
    ],
    [
      "a variable called __proto__",
      "name: a\nsteps: [{ action: a, run: b, env: { __proto__: c } }]",
      "step 1 (a): env.__proto__: is not a name anything can have",
    ],
    [
      "a default that is wrong",
      "name: a\ninputs: { x: { type: choice, options: [a], default: b } }\nsteps: [{ action: a, run: b }]",
      "inputs.x.default: must be one of a",
    ],
    [
      "two inputs that are one variable",
      "name: a\ninputs: { x: { type: string }, X: { type: string } }\nsteps: [{ action: a, run: b }]",
      "inputs: must not have two names",
    ],
    [
      "a default answer without a deadline",
      "name: a\nsteps: [{ action: a, ask: { prompt: b, default: {} } }]",
      "step 1 (a): ask.default: is for the deadline",
    ],
    [
      "progress without a group",
      "name: a\nsteps: [{ action: a, run: b, progress: '\\d+%' }]",
      "step 1 (a): progress: must be rsync",
    ],
    [
      "nothing but steps that are switched off",
      "name: a\nsteps: [{ action: a, run: b, enabled: false }]",
      "steps: are all switched off",
    ],
    ["a title of two lines", 'name: "a\\nb"\nsteps: []', "name: must be one line"],
  ])("%s is refused", (_, source, expected) => {
    expect(problemsOf(source).join("\n")).toContain(expected);
  });

  test("every step may have a pattern of progress, and many the same", () => {
    let count = 0;
    const step = (progress: string) =>
      `  - { action: a${count++}, run: b, progress: '${progress}' }`;
    const each = Array.from({ length: 200 }, (_, i) => step(`file ${i}: (\\d+)%`));
    const same = Array.from({ length: 800 }, () => step("(.*a){1,20}([0-9]+)%"));
    expect(problemsOf(["name: a", "steps:", ...each, ...same].join("\n"))).toEqual([]);
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
    expect(problemsOf(levels.join("\n"))).toEqual([
      "flow.yaml:6:9: becomes more than 50000 words where its aliases are written out",
    ]);
  });

  test("a definition that was taken when other patterns were goes on, and what is none is none", () => {
    const source = {
      name: "a",
      inputs: { x: { type: "string", pattern: "^(?=a)", default: "b" } },
      steps: [{ action: "a", run: "b", progress: "(a)\\1" }],
    };
    expect(definitionFromSource(source, { folder: "/" })).toMatchObject({ inputs: source.inputs });
    expect(definitionFromSource({ name: "a" }, { folder: "/" })).toBeNull();
  });

  test("a hostile key reaches no prototype", () => {
    const source = "name: a\n__proto__: { polluted: true }\nsteps: [{ action: a, run: b }]";
    expect(problemsOf(source)[0]).toContain("flow.yaml:2:1: __proto__: no such field");
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test.for([
    ["? ? ? ?", "? ".repeat(100_000), "is nested deeper than 32"],
    ["lists in lists", "- ".repeat(100_000), "is nested deeper than 32"],
    ["brackets", "[".repeat(200_000), "is nested deeper than 32"],
    ["braces", "{a: ".repeat(50_000), "is nested deeper than 32"],
    ["documents", "---\n".repeat(50_000), "has more than one document"],
    ["a second document", "name: a\n---\nname: b", "has more than one document"],
    ["anchors", "- &a x\n".repeat(5_000), "has more than 200 anchors"],
    ["aliases", `- &a x\n${"- *a\n".repeat(5_000)}`, "has more than 200 anchors"],
    ["tags", "- !t x\n".repeat(5_000), "has more than 200 anchors"],
    ["directives", "%X\n".repeat(5_000), "has more than 200 anchors"],
    ["empty lines", "\n".repeat(200_000), "has more than 50000 words and signs"],
    ["entries", "-\n".repeat(100_000), "has more than 50000 words and signs"],
    ["megabytes", "a".repeat(300_000), "is larger than 262144 bytes"],
    ["megabytes of wide letters", "ä".repeat(150_000), "is larger than 262144 bytes"],
  ])("%s without end are refused before they are composed", ([, source, expected]) => {
    expect(problemsOf(source!)[0]).toContain(expected);
  });

  test("a file that is wrong in every line names the first problems, and counts the others", () => {
    const lines = Array.from({ length: 6_000 }, (_, i) => `k${i}: 1`);
    const problems = problemsOf(lines.join("\n"));
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)).toBe("flow.yaml: and 5952 more problems");
    expect(problems.join("").length).toBeLessThan(10_000);
  });

  test("a key that stands twice is refused where it does for the second time", () => {
    expect(problemsOf("name: a\nsteps: [{ action: a, run: b }]\nname: c")).toEqual([
      "flow.yaml:3:1: Map keys must be unique",
    ]);
    const twice = Array.from({ length: 6_000 }, (_, i) => `k${i % 5_999}: 1`).join("\n");
    expect(problemsOf(twice)).toEqual(["flow.yaml:6000:1: Map keys must be unique"]);
  });

  test("a slip in a command that is told of the end is shown with what it may have meant", () => {
    expect(() =>
      parseDefinition(
        "name: a\nsteps: [{ action: b, run: c }]\non_end: { run: d, timout: 5s }\n",
        "a.yaml",
      ),
    ).toThrow(/^a\.yaml:3:\d+: on_end\.timout: no such field; did you mean timeout\?/);
  });
});
