/** The reader of documents notices what a person would stumble over. Its use on the documents themselves: commands.test.ts. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandsOf } from "../support/docs/commandLines.js";
import { compiled } from "../support/docs/compiledBlocks.js";
import { blocksOf } from "../support/docs/markdownBlocks.js";
import { install, type Packed, pack } from "../support/docs/packedPackage.js";
import { read } from "../support/docs/reader.js";
import { parseRecipe } from "../support/docs/recipeParts.js";
import { isShown } from "../support/docs/shownOutput.js";

const fenced = (language: string, ...lines: readonly string[]) =>
  ["```".concat(language), ...lines, "```"].join("\n");

describe("a block", () => {
  it("a block is found with its place, its language, its marker and the file it names", () => {
    const text = `# Title\n\n<!-- test: exits 2 -->\n${fenced("sh", "false")}\n\n1. Item\n\n   ${"```"}yaml\n   # workflows/a.yaml\n   name: a\n   ${"```"}\n`;
    expect(blocksOf("docs/a.md", text)).toEqual([
      {
        place: "docs/a.md:4",
        language: "sh",
        text: "false",
        marker: { kind: "exits", code: 2 },
        file: null,
      },
      {
        place: "docs/a.md:10",
        language: "yaml",
        text: "# workflows/a.yaml\nname: a",
        marker: null,
        file: "workflows/a.yaml",
      },
    ]);
  });

  it.each([
    ["without a language", fenced("", "ls")],
    ["that does not end", "```sh\nls\n"],
    ["that is only indented", "Type\n\n    ls -l\n\nand see."],
    ["below a marker that is none", `<!-- test: run me not -->\n${fenced("sh", "ls")}`],
    ["that is left out without a reason", `<!-- test: not run: -->\n${fenced("sh", "ls")}`],
    ["that a marker has lost", `<!-- test: exits 2 -->\n\n${fenced("sh", "false")}`],
  ])("a block %s is refused, with its line", (_, text) => {
    expect(() => blocksOf("docs/a.md", text)).toThrow(/^docs\/a\.md:\d: /);
  });
});

describe("a command that is typed", () => {
  const typed = (language: string, ...lines: readonly string[]) =>
    commandsOf(blocksOf("a.md", fenced(language, ...lines))[0]!).map(({ text }) => text);

  it("each line that is typed is a command, but for what the shell needs more lines for", () => {
    const lines = [
      "# first",
      "ls \\",
      "  -l",
      "cat > a <<'EOF'",
      "one",
      "two",
      "EOF",
      "echo 'a",
      "b'",
    ];
    const loop = ["for a in 1 2; do", "  echo $a", "done"];
    expect(typed("sh", ...lines, ...loop)).toEqual([
      "ls \\\n  -l",
      "cat > a <<'EOF'\none\ntwo\nEOF",
      "echo 'a\nb'",
      "for a in 1 2; do\n  echo $a\ndone",
    ]);
  });

  it("a command in a console stands behind a dollar, with what it shows below", () => {
    const [block] = blocksOf("a.md", fenced("console", "$ echo 'a", "b'", "a", "b", "$ true"));
    expect(commandsOf(block!)).toEqual([
      { text: "echo 'a\nb'", shown: ["a", "b"] },
      { text: "true", shown: [] },
    ]);
  });

  it("a command that is typed ends within its block", () => {
    expect(() => typed("sh", "echo 'a")).toThrow("a.md:1");
  });
});

describe("shown output", () => {
  it.each<[string, string[], string[], boolean]>([
    ["is what was printed", ["done", ""], ["done"], true],
    ["is all that was printed", ["done"], ["done", "and more"], false],
    ["leaves nothing out without saying so", ["a", "c"], ["a", "b", "c"], false],
    ["leaves out lines at an ellipsis", ["a", "…", "c"], ["a", "b", "b", "c"], true],
    ["may leave out nothing there", ["a", "…", "c", "…"], ["a", "c"], true],
    ["leaves out a part of a line", ["id … of 3"], ["id 17 of 3"], true],
    [
      "may have another duration and id",
      ["workflow_1795665966241_4a94f5 took 2m 3s"],
      ["workflow_1_ab took 35ms"],
      true,
    ],
    ["has the same words", ["completed"], ["Completed"], false],
    ["takes brackets for brackets", ["[1/4] a.b"], ["[1/4] acb"], false],
  ])("shown output %s", (_, shown, printed, expected) => {
    expect(isShown(shown, printed)).toBe(expected);
  });
});

describe("a part of a recipe", () => {
  it.each([
    ["keys", "on_restart: resume"],
    ["steps", "- action: a\n  run: 'true'\n- action: b\n  run: 'true'"],
    ["one step", "action: a\nrun: |\n  true\n  false"],
    ["a whole one", "name: a\nsteps: [{ action: a, run: 'true' }]"],
  ])("a part of a recipe is taken as Instep takes it: %s", (_, text) => {
    expect(() => parseRecipe(text, "a.md:1")).not.toThrow();
  });

  it("a part of a recipe is refused for a key that there is not", () => {
    expect(() => parseRecipe("- action: a\n  rum: 'true'", "a.md:1")).toThrow("rum");
  });
});

describe("a whole document", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "instep-reading-"));
  let packed: Packed;
  beforeAll(() => {
    packed = pack(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const reading = (text: string, isSlow = false) =>
    read({ document: "docs/made-up.md", text, isSlow, packed });

  const serving = `<!-- test: keeps running -->\n${fenced("sh", "instep serve")}\n`;
  const json = "-H 'Content-Type: application/json'";
  const state = "http://127.0.0.1:4747/workflow/state";
  const late = fenced(
    "sh",
    `curl ${state} ${json} -d '{"workflow_id":"hello","steps":[{"action":"build"}]}'`,
    `curl -X PATCH ${state} ${json} -d '{"status":"completed"}'`,
    `echo built | curl ${state}/steps/0/log -H 'Content-Type: text/plain' --data-binary @-`,
  );

  it("a document that works only for a quick reader is found out by the pause", async () => {
    await reading(serving + late);
    await expect(reading(serving + late, true)).rejects.toThrow(
      /^docs\/made-up\.md:\d+: `echo built .*exit code 22/s,
    );
  });

  it.each([
    ["a command that fails", fenced("sh", "ls nowhere")],
    [
      "a command that succeeds and was said to fail",
      `<!-- test: exits 1 -->\n${fenced("sh", "true")}`,
    ],
    ["other output than shown", fenced("console", "$ instep --version", "0.0.0")],
    [
      "a server that does not come up",
      `<!-- test: keeps running -->\n${fenced("sh", "instep serv")}`,
    ],
  ])("a document with %s is refused at its line", async (_, text) => {
    await expect(reading(text)).rejects.toThrow(/^docs\/made-up\.md:\d+: `/);
  });

  it("a document's block of code is compiled line for line", () => {
    const place = path.join(folder, "compiled");
    install(packed, place, 4747);
    const text = [
      fenced(
        "js",
        'import { createInstep } from "instep";',
        'await createInstep({ dataDr: "a" });',
      ),
      fenced("ts", 'const a: string = "a";'),
      `<!-- test: continues -->\n${fenced("ts", "export const b: number = a;")}`,
    ].join("\n\n");
    const said = compiled(blocksOf("a.md", text), place);
    expect(said).toEqual([
      expect.stringMatching(/^a\.md:3: .*'dataDr'/),
      expect.stringMatching(/^a\.md:12: Type 'string' is not assignable/),
    ]);
  });
});
