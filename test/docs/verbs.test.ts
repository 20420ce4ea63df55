/** docs/command-line.md has every verb, option and exit code that the program has, and no document has one that it has not. */
import { Command, type Option } from "commander";
import { describe, expect, it } from "vitest";
import type { CliContext } from "../../server/cli/process/context.js";
import { ExitCode } from "../../server/cli/process/exitCodes.js";
import { addVerbs } from "../../server/cli/verbs/index.js";
import { flagOf } from "../../server/settings/resolveSettings.js";
import { keyOf, SETTINGS } from "../../server/settings/settings.js";
import { DOCUMENTS, textOf } from "../support/docs/documents.js";

const program = new Command("instep").option("-V, --version").helpOption("-h, --help");
addVerbs(program, { context: {} as CliContext, ends: () => {} });
const verbs = program.commands;

const commandLine = textOf("docs/command-line.md");
const common = tableNames(sectionOf("Options of several verbs"));

describe("docs/command-line.md", () => {
  for (const verb of verbs) {
    const name = verb.name();
    it(`docs/command-line.md explains instep ${name}, with an example and each of its options`, () => {
      const section = sectionOf(`instep ${name}`);
      expect(section).toMatch(new RegExp(`^(\\$ )?instep ${name}\\b`, "m"));
      const own = tableNames(section);
      const settings = ["serve", "config", "doctor"].includes(name) ? settingNames() : [];
      const missing = namesOf(verb).filter(
        (option) => ![...own, ...common, ...settings].includes(option),
      );
      expect(missing).toEqual([]);
      expect(own.filter((option) => !namesOf(verb).includes(option))).toEqual([]);
    });
  }

  it("docs/command-line.md has no verb and no common option that the program has not", () => {
    const told = [...commandLine.matchAll(/^#+ instep (\S+)/gm)].map(([, name]) => name!);
    expect(told.toSorted()).toEqual(verbs.map((verb) => verb.name()).toSorted());
    const known = verbs.flatMap(namesOf);
    const shared = common.filter((option) => option !== "-h" && option !== "--help");
    expect(shared.filter((option) => known.indexOf(option) === known.lastIndexOf(option))).toEqual(
      [],
    );
  });

  it("docs/command-line.md has each exit code", () => {
    const rows = [...sectionOf("Exit codes").matchAll(/^\| (\d+) \|/gm)];
    expect(rows.map(([, code]) => Number(code))).toEqual(Object.values(ExitCode));
  });
});

describe("docs/operating.md", () => {
  it("docs/operating.md has a line for every setting: its flag, its variables, its key", () => {
    const rows = textOf("docs/operating.md")
      .split("\n")
      .filter((line) => line.startsWith("| `--"));
    const said = rows.map((row) =>
      row
        .split("|")
        .slice(1, 4)
        .map((cell) => cell.trim()),
    );
    const settings = Object.entries(SETTINGS).map(([name, setting]) => [
      `\`${flagOf(setting)}\``,
      setting.env.map((variable) => `\`${variable}\``).join(", "),
      `\`${keyOf(name)}\``,
    ]);
    expect(said).toEqual(settings);
  });
});

describe("a command in the README or docs/", () => {
  for (const document of DOCUMENTS) {
    it(`a command in a document has a verb and options that there are: ${document}`, () => {
      expect(commandsIn(textOf(document)).flatMap(strangeIn)).toEqual([]);
    });
  }
});

/** The words behind `instep` in code, up to where the shell sees another command. */
function commandsIn(text: string): string[] {
  const fenced = [...text.matchAll(/```(?:sh|console)\n([\s\S]*?)```/g)].map(([, code]) => code!);
  const inline = [...text.replace(/```[\s\S]*?```/g, "").matchAll(/`([^`\n]+)`/g)];
  const code = [
    ...fenced.flatMap((block) => block.split("\n")),
    ...inline.map(([, span]) => span!),
  ];
  return code.flatMap((line) => {
    const found = /^(?:\$ )?(?:.*&& |.*\| )?(?:npx )?instep ([^|&;#]+)/.exec(line);
    return found ? [found[1]!] : [];
  });
}

function strangeIn(command: string): string[] {
  // Words in quotes are a value.
  const words = command
    .replace(/'[^']*'|"[^"]*"/g, "…")
    .trim()
    .split(/\s+/);
  const [name = ""] = words;
  const options = words
    .filter((word) => /^--?[a-z]/i.test(word))
    .map((word) => word.split("=")[0]!);
  const verb = verbs.find((one) => one.name() === name);
  if (!verb && name !== "help" && !name.startsWith("-")) return [`no verb: instep ${command}`];
  const known = [...(verb ?? program).options.flatMap(bothNames), "-h", "--help"];
  return options.filter((option) => !known.includes(option)).map((option) => `${name} ${option}`);
}

/** A section of docs/command-line.md, without those below it of the same rank. */
function sectionOf(heading: string): string {
  const at = new RegExp(`^(#+) ${heading}\\b.*$`, "m").exec(commandLine);
  if (!at) return "";
  const rest = commandLine.slice(at.index + at[0].length);
  const end = new RegExp(`^#{1,${at[1]!.length}} `, "m").exec(
    rest.replace(/```[\s\S]*?```/g, blank),
  );
  return rest.slice(0, end?.index);
}

function blank(block: string): string {
  return block.replace(/[^\n]/g, " ");
}

/** The options in the first cells of the tables. */
function tableNames(section: string): string[] {
  const cells = [...section.matchAll(/^\| ([^|]*?) \|/gm)].map(([, cell]) => cell!);
  return cells.flatMap((cell) =>
    [...cell.matchAll(/(?<=[` ,]|^)--?[a-z][a-z-]*/g)].map(([name]) => name),
  );
}

const settingNames = (): string[] => Object.values(SETTINGS).map(flagOf);

const namesOf = (verb: Command): string[] => verb.options.flatMap(bothNames);

const bothNames = ({ short, long }: Option): string[] =>
  [short, long].filter((name): name is string => name != null);
