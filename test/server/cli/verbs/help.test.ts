/** The help of the verbs, read side by side: the same thing is said in the same way everywhere. */
import { Command, type Option } from "commander";
import { describe, expect, test } from "vitest";
import type { CliContext } from "../../../../server/cli/process/context.js";
import { addVerbs } from "../../../../server/cli/verbs/index.js";
import { commandLine } from "../../../support/servers/commandLine.js";

const program = new Command("instep");
addVerbs(program, { context: {} as CliContext, ends: () => {} });
const verbs = program.commands.map((verb) => verb.name());

describe("the help of a verb", () => {
  test("the help of a verb has a sentence on top and an example of each verb below", async () => {
    for (const verb of verbs) {
      const { code, stdout } = await commandLine([verb, "--help"]);
      expect([verb, code]).toEqual([verb, 0]);
      expect(stdout).toMatch(/^Usage: instep .*\n\n[A-Z](.+\n)*.*\.\n\n/);
      expect(stdout).toMatch(new RegExp(`^Examples:\\n(.*\\n)*.*instep ${verb}\\b`, "m"));
      expect(stdout).not.toContain("default true");
    }
  });

  test("the help of a verb says the same of an option wherever it is", () => {
    const said = new Map<string, Set<string>>();
    for (const verb of program.commands) {
      for (const option of verb.options.filter((one) => !isOfOne(verb.name(), one))) {
        said.set(option.flags, (said.get(option.flags) ?? new Set()).add(option.description));
      }
    }
    expect([...said].filter(([, sentences]) => sentences.size > 1)).toEqual([]);
  });

  test("the help of a verb that there is not is refused", async () => {
    for (const words of [
      ["strat", "--help"],
      ["strat", "quick", "-h"],
    ]) {
      const { code, stdout, stderr } = await commandLine(words);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain("unknown command 'strat'; did you mean start?");
    }
    expect((await commandLine(["--help"])).code).toBe(0);
  });
});

/** Options of a verb that does something of its own with them: the names are shared, the deeds are not. */
const OF_ONE: Readonly<Record<string, readonly string[]>> = {
  run: ["--server", "--port", "--data-dir"],
  list: ["--input"],
  logs: ["--follow"],
  new: ["--force"],
};

const isOfOne = (verb: string, { long }: Option): boolean =>
  long === "--json" || (OF_ONE[verb] ?? []).includes(long ?? "");
