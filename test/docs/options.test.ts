/** docs/embedding.md has every option that the package's types have, with its type and its default, and no other. */
import { describe, expect, it } from "vitest";
import { DEFAULTS, LIMITS } from "../../shared/limits.js";
import { type DeclaredOption, declaredOptions } from "../support/docs/declaredOptions.js";
import { textOf } from "../support/docs/documents.js";

const ENTRIES = ["server/server.ts", "client/index.ts", "client/react/index.ts"];
const NOTHING = "–";

const declared = new Map(ENTRIES.flatMap((entry) => [...declaredOptions(entry)]));
const tables = tablesIn(textOf("docs/embedding.md"));

describe("docs/embedding.md", () => {
  it("docs/embedding.md has a table for each type of options, and for nothing else", () => {
    const named = tables.filter(({ columns }) => columns[1] === "type");
    expect(named.map(({ columns: [name] }) => bare(name)).sort()).toEqual(
      [...declared.keys()].sort(),
    );
  });

  for (const [name, options] of declared) {
    it(`docs/embedding.md tells each of ${name} with its type, its default and what it is for`, () => {
      const rows = tables.find(({ columns }) => bare(columns[0]) === name)?.rows ?? [];
      expect(
        rows.map(([option, type, byDefault]) => [bare(option), bare(type), byDefault]),
      ).toEqual(options.map((option) => [option.name, option.type, defaultText(option)]));
      expect(rows.filter(([, , , words = ""]) => !/\w \w.*\.$|^\w+\.$/.test(words))).toEqual([]);
    });
  }

  it("docs/embedding.md tells each limit with the default that holds", () => {
    const { rows } = tables.find(({ columns }) => columns[0] === "limit")!;
    expect(rows.map(([limit, byDefault]) => [bare(limit), byDefault])).toEqual(
      Object.entries(LIMITS).map(([limit, value]) => [limit, value.toLocaleString("en")]),
    );
    expect(rows.filter(([, , words]) => !words?.endsWith("."))).toEqual([]);
  });
});

describe("a default in the comment of a type", () => {
  it("a default that a type's comment names holds where it is one of the server's numbers", () => {
    const said = declared.get("InstepOptions")!.filter(({ name }) => name in DEFAULTS);
    expect(said.length).toBeGreaterThan(2);
    for (const { name, byDefault } of said) {
      const value = DEFAULTS[name as keyof typeof DEFAULTS];
      expect([name, byDefault]).toEqual([name, value.toLocaleString("en")]);
    }
  });
});

const defaultText = ({ isRequired, byDefault }: DeclaredOption): string =>
  isRequired ? "required" : (byDefault ?? NOTHING);

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function tablesIn(text: string): Table[] {
  const tables: Table[] = [];
  for (const lines of text.split("\n\n").map((part) => part.split("\n"))) {
    const [columns, rule, ...rows] = lines.filter((line) => line.startsWith("|")).map(cellsOf);
    if (columns && rule?.every((cell) => /^-+$/.test(cell))) tables.push({ columns, rows });
  }
  return tables;
}

function cellsOf(line: string): string[] {
  const cells = line.slice(1, -1).split(/(?<!\\)\|/);
  return cells.map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function bare(cell = ""): string {
  return cell.replaceAll("`", "");
}
