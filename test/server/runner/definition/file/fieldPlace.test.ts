import { expect, test } from "vitest";
import { fieldPlace } from "../../../../../server/runner/definition/file/fieldPlace.js";

const RAW = { steps: [{ action: "copy" }, { action: 7 }, null, { action: "a\nb\u001b[2J" }] };

test.each([
  [["steps", 0, "runn"], "steps.0.runn", "step 1 (copy): runn"],
  [["steps", 1, "action"], "steps.1.action", "step 2: action"],
  [["steps", 2], "steps.2", "step 3"],
  [["steps", 3, "env", "1st"], "steps.3.env.1st", "step 4 (a b): env.1st"],
  [["steps", 9, "argv", 0], "steps.9.argv.0", "step 10: argv: entry 1"],
  [["inputs", "v", "options", 1], "inputs.v.options.1", "inputs.v.options: entry 2"],
  [["inputs", "v", "min"], "inputs.v.min", undefined],
  [["steps"], "steps", undefined],
  [[], null, undefined],
])("%j is %j for programs, and for people %j", (path, field, where) => {
  expect(fieldPlace(path, RAW)).toEqual({ field, ...(where === undefined ? {} : { where }) });
});

test("the place of a problem is short whatever is written there", () => {
  const raw = { steps: [{ action: "a".repeat(100_000) }] };
  const { field, where } = fieldPlace(["steps", 0, "b".repeat(100_000)], raw);
  expect(field!.length + where!.length).toBeLessThan(700);
  expect(fieldPlace(["steps", 0, "x"], "text").where).toBe("step 1: x");
});
