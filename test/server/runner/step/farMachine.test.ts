/** The connection to a step's machine: out of what was given, with nothing of it left to ssh to understand. */
import { expect, it } from "vitest";
import { defineWorkflow } from "../../../../server/runner/definition/source/defineWorkflow.js";
import { farConnectionOf } from "../../../../server/runner/step/farMachine.js";
import { commandVariables } from "../../../../server/runner/variables/commandVariables.js";
import { FAR_VALUE, farLogin, toBeSet } from "../../../../server/runner/variables/farVariables.js";

const definition = defineWorkflow({
  name: "n",
  inputs: { box: { type: "ssh", required: true }, key: { type: "string" } },
  steps: [{ action: "a", run: () => {} }],
});
const given = {
  definition,
  inputs: { box: "ssh -p 2222 me@far.example", key: "~/keys/odd name" },
  env: { HOME: "/home/server" },
  stateDir: "/data/private",
};
const knownHosts = "/data/private/known_hosts";

it("a pasted connection says host, port and user", () => {
  expect(farConnectionOf({ input: "box" }, given)).toEqual({
    connection: { host: "far.example", port: 2222, user: "me", knownHosts },
  });
});

it.each([
  ["$INPUT_KEY", "/home/server/keys/odd name"],
  ["~/id", "/home/server/id"],
  ["/etc/id", "/etc/id"],
])("the private key %s is the file %s of this machine", (identityFile, file) => {
  expect(farConnectionOf({ input: "box", identityFile }, given)).toMatchObject({
    connection: { identityFile: file },
  });
});

it("a key that was not given is none", () => {
  const inputs = { box: "far" };
  expect(
    farConnectionOf({ input: "box", identityFile: "$INPUT_KEY" }, { ...given, inputs }),
  ).toEqual({ connection: { host: "far", port: 22, user: "", knownHosts } });
});

it("a machine that was not given is named", () => {
  expect(farConnectionOf({ input: "box" }, { ...given, inputs: {} })).toEqual({
    problem: "box was not given, which says where it runs",
  });
});

it("a variable of a login stands for its value on the other machine, and is set only where it is changed", () => {
  const { env } = commandVariables({
    below: { ...farLogin(), INPUT_A: "a" },
    recipe: { PATH: "/opt/tools:$PATH" },
    instep: { INSTEP_STEP: "0" },
    step: { LANG: "C" },
    mayBeUnset: () => false,
  });
  expect(toBeSet(env)).toEqual({
    ...{ PATH: `/opt/tools:${FAR_VALUE}PATH${FAR_VALUE}`, LANG: "C" },
    ...{ INPUT_A: "a", INSTEP_STEP: "0", TERM: "dumb", PYTHONUNBUFFERED: "1" },
  });
});
