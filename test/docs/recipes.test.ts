/** docs/recipes.md is the whole reference: its tables hold every key that a recipe may have, and no other. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { FIELD_KEYS_BY_TYPE } from "../../server/fields/fieldSchema.js";
import {
  DefinitionFile,
  QuestionFile,
  StepFile,
} from "../../server/runner/definition/file/definitionSchema.js";
import { commandEnvironment, withDefaults } from "../../server/runner/variables/environment.js";
import { parseMarker } from "../../shared/markers.js";
import { exactDuration } from "../../shared/text/duration.js";
import { textOf } from "../support/docs/documents.js";
import { ROOT } from "../support/docs/packedPackage.js";

const text = textOf("docs/recipes.md");

/** The rows of the first table below a heading whose first column is called so, cell by cell. */
function table(heading: string, first: string): string[][] {
  const section = text.slice(text.indexOf(`\n## ${heading}\n`)).slice(1);
  const lines = section.slice(0, section.indexOf("\n## ", 1)).split("\n");
  const from = lines.findIndex((line) => line.startsWith(`| ${first} |`));
  const rows = lines.slice(from + 2);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return rows.slice(0, end).map((row) => row.slice(2, -2).split(" | "));
}

const bare = (cell: string | undefined): string => (cell ?? "").replaceAll("`", "");

/** Taken, and not recommended. */
const OLD_NAME = "when_failed";

const PLACES = [
  { heading: "The whole recipe", keys: Object.keys(DefinitionFile.out.shape) },
  { heading: "Steps", keys: Object.keys(StepFile.shape).filter((key) => key !== OLD_NAME) },
  { heading: "Questions", keys: Object.keys(QuestionFile.shape) },
];

describe("docs/recipes.md", () => {
  it.each(PLACES)(
    "docs/recipes.md has every key there is, and no other, in $heading",
    ({ heading, keys }) => {
      const documented = table(heading, "key").map(([key]) => bare(key));
      expect([...documented].sort()).toEqual([...keys].sort());
    },
  );

  it("docs/recipes.md has every key of every type of field, and no other", () => {
    const types = [...FIELD_KEYS_BY_TYPE.keys()];
    const typed = table("Inputs and fields", "type").map(([type]) => bare(type));
    expect([...typed].sort()).toEqual([...types].sort());
    const documented = table("Inputs and fields", "key").flatMap(([key, of]) =>
      typesOf(bare(of), types).map((type) => `${type}.${bare(key)}`),
    );
    const known = [...FIELD_KEYS_BY_TYPE].flatMap(([type, keys]) =>
      keys.map((key) => `${type}.${key}`),
    );
    expect(documented.sort()).toEqual(known.sort());
  });

  it("docs/recipes.md names the defaults that count", () => {
    const steps = [{ action: "a", run: "b" }];
    const recipe = DefinitionFile.parse({ name: "n", steps });
    const kept = { "The whole recipe": recipe, Steps: recipe.steps[0]! };
    for (const [heading, values] of Object.entries(kept)) {
      for (const [key, value] of Object.entries(values)) {
        if (typeof value === "object" || key in steps[0]! || key === "name") continue;
        const isTime = key === "backoff" || key === "step_delay";
        const said = table(heading, "key").find(([cell]) => bare(cell) === key)?.[2];
        const shown = isTime ? exactDuration(Number(value)).replace(/^0ms$/, "0s") : String(value);
        expect([key, bare(said)]).toEqual([key, shown]);
      }
    }
  });

  it("docs/recipes.md names the variables that commands find", () => {
    const named = table("What a command finds", "variable").flatMap(([cell]) =>
      bare(cell).split(", "),
    );
    const source = ["step/runValues.ts", "step/attempt.ts", "step/commandRun.ts"].map((file) =>
      readFileSync(path.join(ROOT, "server/runner", file), "utf8"),
    );
    const own = new Set(source.join("\n").match(/\bINSTEP_[A-Z_]+(?=:)/g));
    expect(named.filter((name) => name.startsWith("INSTEP_")).sort()).toEqual([...own].sort());
    const preset = Object.keys(withDefaults({}));
    expect(named).toEqual(expect.arrayContaining(preset));
    const login = named.filter(
      (name) => !/^(INSTEP|INPUT|ANSWER|OUTPUT)_/.test(name) && !preset.includes(name),
    );
    const server = Object.fromEntries(login.map((name) => [name.replace("*", "ALL"), "x"]));
    expect(login.length).toBeGreaterThan(10);
    expect(commandEnvironment(server)).toEqual(server);
  });

  it("docs/recipes.md shows no marker that a server would not take for one", () => {
    const kinds = table("What a command may print", "line").map(([line]) => {
      const marker = parseMarker(bare(line));
      return marker?.kind ?? line;
    });
    expect(kinds).toEqual(["progress", "task", "note", "error", "output", "group", "endgroup"]);
  });
});

function typesOf(of: string, types: readonly string[]): readonly string[] {
  const [, but] = /^all but (\w+)$/.exec(of) ?? [];
  return of === "all" || but ? types.filter((type) => type !== but) : of.split(", ");
}
