/** What `parallel` may hold in a recipe, and what is refused at its line with what to write instead. */
import { expect, it } from "vitest";
import { parseDefinition } from "../../../../../server/runner/definition/file/definitionFile.js";

const recipe = (own: string, branch = "") => `name: n
steps:
  - action: all
    ${own}
    parallel:
      - action: one
        run: echo one
        ${branch}
      - { action: two, run: echo two }
`;

it("a parallel step takes steps with all that a step has, each under its own keys", () => {
  const { steps } = parseDefinition(
    recipe("max: 1\n    fail_fast: true\n    when: always", "retries: 2\n        tty: true"),
    "n.yaml",
  );
  expect(steps).toMatchObject([
    { max: 1, failFast: true, when: "always", parallel: [{ retries: 2 }, { action: "two" }] },
  ]);
});

it.each([
  [recipe("run: echo"), /n\.yaml:4:5: step 1 \(all\): run: cannot stand beside `parallel`/],
  [recipe("retries: 2"), /:4:5: step 1 \(all\): retries: belongs to the branches/],
  [recipe("env: { A: b }"), /:4:5: step 1 \(all\): env: belongs to the branches/],
  [recipe("timeout: 5m"), /:4:5: step 1 \(all\): timeout: belongs to the branches/],
  [recipe("max: 0"), /:4:5: step 1 \(all\): max: must be at least 1/],
  [
    recipe("", "ask: { prompt: Sure? }"),
    /:8:9: step 1\.1 \(one\): ask: cannot stand in `parallel`/,
  ],
  [recipe("", "when: always"), /:8:9: step 1\.1 \(one\): when: cannot stand in `parallel`/],
  [
    recipe("", "parallel: [{ action: deep, run: echo }]"),
    /:8:9: step 1\.1 \(one\): parallel: cannot stand in `parallel`/,
  ],
  [
    recipe("", "retires: 2"),
    /:8:9: step 1\.1 \(one\): retires: no such field; did you mean retries/,
  ],
  [recipe("", "env: { V: 1.10 }"), /:8:\d+: step 1\.1 \(one\): env\.V: would become 1\.1/],
  ["name: n\nsteps:\n  - { action: a, run: echo, max: 2 }\n", /max: is for `parallel`/],
  ["name: n\nsteps:\n  - { action: a, parallel: [] }\n", /parallel: must have at least one step/],
  [
    "name: n\nsteps:\n  - { action: a, parallel: [{ action: b, run: x, enabled: false }] }\n",
    /steps: are all switched off/,
  ],
])("a parallel step refuses %j", (source, message) => {
  expect(() => parseDefinition(source, "n.yaml")).toThrow(message);
});
