/** Every block of README.md and docs/*.md can be used as it stands there. How they are written: commands.test.ts. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readConfigText } from "../../server/cli/config/configText.js";
import { DEFAULTS } from "../../shared/limits.js";
import { compiled } from "../support/docs/compiledBlocks.js";
import { blocksOfDocument, DOCUMENTS, readableBlocks } from "../support/docs/documents.js";
import { install, pack } from "../support/docs/packedPackage.js";
import { parseRecipe } from "../support/docs/recipeParts.js";
import { hasPython } from "../support/servers/hasPython.js";

const LANGUAGES = ["sh", "console", "js", "ts", "yaml", "json", "python", "text"];

const blocks = readableBlocks();
const inLanguage = (...names: readonly string[]) =>
  blocks.filter(({ language, marker }) => names.includes(language) && marker?.kind !== "not run");

describe("a block of the README or of docs/", () => {
  for (const document of DOCUMENTS) {
    it(`each block of a document is fenced, with its language and its markers: ${document}`, () => {
      expect(() => blocksOfDocument(document)).not.toThrow();
    });
  }

  it("each block has a language of which it is known what becomes of it", () => {
    const others = blocks.filter(({ language }) => !LANGUAGES.includes(language));
    expect(others.map(({ place, language }) => `${place}: ${language}`)).toEqual([]);
  });

  it("each block of code compiles, strictly, against the package as it is installed", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "instep-blocks-"));
    try {
      const reader = path.join(folder, "project");
      install(pack(folder), reader, DEFAULTS.port);
      expect(compiled(inLanguage("js", "ts"), reader)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const { place, text, marker, file } of inLanguage("yaml")) {
    it(`a block of YAML is taken as Instep takes it, where it is Instep's: ${place}`, () => {
      if (marker?.kind === "other yaml") parse(text);
      else if (file === "instep.yaml") expect(problemsOfConfig(text)).toEqual([]);
      else parseRecipe(text, place);
    });
  }

  for (const { place, text } of hasPython ? inLanguage("python") : []) {
    it(`a block of Python is Python: ${place}`, () => {
      const check = "import ast, sys; ast.parse(sys.stdin.read())";
      expect(() => execFileSync("python3", ["-c", check], { input: text })).not.toThrow();
    });
  }

  for (const { place, text } of inLanguage("json")) {
    it(`a block of JSON is JSON: ${place}`, () => {
      expect(() => JSON.parse(text)).not.toThrow();
    });
  }
});

function problemsOfConfig(text: string): readonly string[] {
  const place = { path: "/home/you/project/instep.yaml", shown: "instep.yaml" };
  return readConfigText(text, { ...place, isNamed: false, isOpenToOthers: false }).problems;
}
