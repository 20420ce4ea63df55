/** `on` in a recipe: the machine it means, and what is refused at its line with what to write instead. */
import { expect, it } from "vitest";
import { parseDefinition } from "../../../../../server/runner/definition/file/definitionFile.js";
import { defineWorkflow } from "../../../../../server/runner/definition/source/defineWorkflow.js";

const ONE = "{ box: { type: ssh, required: true }, note: { type: string } }";
const TWO = "{ box: { type: ssh, required: true }, far: { type: ssh, default: ssh root@far } }";
const recipe = (step: string, inputs = ONE) => `name: n
inputs: ${inputs}
steps:
  - action: there
    ${step}
`;

it.each([
  [ONE, "on: ssh", { input: "box" }],
  [ONE, "on: { ssh: box }", { input: "box" }],
  [TWO, "on: { ssh: far }", { input: "far" }],
  [ONE, "on: { identity_file: ~/.ssh/id }", { input: "box", identityFile: "~/.ssh/id" }],
])("with the inputs %s, `%s` means one machine", (inputs, on, meant) => {
  const { steps } = parseDefinition(recipe(`run: echo\n    ${on}`, inputs), "n.yaml");
  expect(steps[0]!.on).toEqual(meant);
});

it("a branch of a parallel step may run on another machine", () => {
  const branch = "parallel: [{ action: one, run: echo, on: ssh }, { action: two, run: echo }]";
  const { steps } = parseDefinition(recipe(branch), "n.yaml");
  expect(steps[0]!.parallel!.map(({ on }) => on)).toEqual([{ input: "box" }, undefined]);
});

it.each([
  ["run: x\n    on: ssh", "{}", /:6:\d+: .*on: needs an input of type ssh.*there is none/],
  ["run: x\n    on: ssh", TWO, /on: may mean box or far: write \{ssh: box\}/],
  ["run: x\n    on: { ssh: boks }", ONE, /on\.ssh: names boks, and there is no such input.*box/],
  ["run: x\n    on: { ssh: note }", ONE, /on\.ssh: names note, which is no input of type ssh/],
  ["run: x\n    on: ssh", "{ box: { type: ssh } }", /at every start: make box required/],
  ["run: x\n    on: docker", ONE, /on: must be ssh, or \{ssh, identity_file\}/],
  ["run: x\n    on: { ssh: box, user: me }", ONE, /on\.user: no such field; known are ssh/],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a recipe has it.
  ["run: x\n    on: { identity_file: '${A' }", ONE, /identity_file: `\$\{A` is not understood/],
  ["run: x\n    tty: true\n    on: ssh", ONE, /on: cannot stand beside `tty`/],
  ["run: x\n    survives: false\n    on: ssh", ONE, /survives: cannot be false beside `on`/],
  ["ask: { prompt: Sure? }\n    on: ssh", ONE, /on: is for a command: `run` or `argv`/],
  ["on: ssh\n    parallel: [{ action: one, run: x }]", ONE, /on: belongs to the branches/],
  [
    "parallel: [{ action: one, run: x, on: { ssh: no } }]",
    ONE,
    /step 1\.1 \(one\): on\.ssh: names/,
  ],
])("%j with the inputs %s is refused in words that say what to write", (step, inputs, message) => {
  expect(() => parseDefinition(recipe(step, inputs), "n.yaml")).toThrow(message);
});

it("a step in code is told that a function runs where the server does", () => {
  const steps = [{ action: "there", run: () => {}, on: "ssh" }] as never;
  expect(() => defineWorkflow({ name: "n", steps })).toThrow(
    /is for a command of a recipe: a function runs where the server does\s+→ at steps\[0\]\.on/,
  );
});
