/** The keys of a step that clash, beyond those of `parallel`: refused at their line, with the reason. */
import { expect, it } from "vitest";
import { parseDefinition } from "../../../../../server/runner/definition/file/definitionFile.js";

const recipe = (rest: string) => `name: n\nsteps:\n  - action: one\n    ${rest}\n`;

it.each([
  ["run: make", true],
  ["run: make\n    survives: true", true],
  ["run: make\n    survives: false", false],
  ["run: make\n    tty: true", false],
  ["run: make\n    tty: true\n    survives: false", false],
])("a step of %j outlives the server: %s", (rest, survives) => {
  expect(parseDefinition(recipe(rest), "n.yaml").steps[0]?.survives).toBe(survives);
});

it.each([
  [
    "run: make\n    tty: true\n    survives: true",
    /:6:5: step 1 \(one\): survives: cannot be true beside `tty`: a terminal ends with the server/,
  ],
  [
    "ask: { prompt: Sure? }\n    survives: false",
    /:5:5: step 1 \(one\): survives: is for a command: `run` or `argv`/,
  ],
  ["run: make\n    survives: maybe", /:5:5: step 1 \(one\): survives: must be true or false/],
  [
    "survives: false\n    parallel: [{ action: two, run: make }]",
    /:4:5: step 1 \(one\): survives: belongs to the branches/,
  ],
])("a step of %j is refused", (rest, message) => {
  expect(() => parseDefinition(recipe(rest), "n.yaml")).toThrow(message);
});
