/**
 * Every command of README.md and docs/*.md does what the document says, in order, in a fresh folder, at any pace.
 *
 * For who writes them. A document is read by one person from top to bottom: the README in a clone, one of docs/ in a folder in which the
 * package is installed. There is one bash for it (`cd` and `export` last), no terminal to ask in, and no INSTEP_ variable.
 * Each block is fenced and has a language:
 * - `sh`: commands, each of which ends with 0.
 * - `console`: `$ command`, and below it what it prints on either stream. `…` stands for anything in a line, a line `…` for any lines;
 *   durations, times, made-up ids, runs of spaces and the folder (`/home/you/project`) need not be the same. What fails
 *   is followed by `$ echo $?`.
 * - `js`, `ts`: a module with its imports; compiled, not run by itself.
 * - `yaml`: a recipe or a part of one (keys, steps, one step). - `json`: parsed. - `text`: nothing that is run.
 * A block whose first line is a comment with a path (`# workflows/hello.yaml`, `// server.mjs`) is saved there; commands below it may use it.
 * The ports it names are replaced by free ones.
 * In the line above a block, `<!-- test: … -->` says what the language cannot:
 * - `keeps running`: its last command gets a terminal of its own, until the end; what it shows is waited for, or in `sh` that it listens.
 * - `exits 2`: its last command ends with that code.
 * - `continues`: one module with the js or ts blocks before it.
 * - `other yaml`: YAML that Instep does not read.
 * - `not run: REASON`: needs what a test has not. These are listed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DOCUMENTS, readableBlocks } from "../support/docs/documents.js";
import { type Packed, pack } from "../support/docs/packedPackage.js";
import { read } from "../support/docs/reader.js";

const folder = mkdtempSync(path.join(tmpdir(), "instep-packed-"));
let packed: Packed;
beforeAll(() => {
  packed = pack(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

for (const isSlow of [false, true]) {
  describe(isSlow ? "with 40 s before each command" : "one command after the other", () => {
    for (const document of DOCUMENTS) {
      it.concurrent(`${document} does what it says`, async () => {
        await read({ document, isSlow, packed });
      });
    }
  });
}

describe("a block that is not run here", () => {
  for (const { place, text, marker } of readableBlocks()) {
    if (marker?.kind !== "not run") continue;
    const [firstLine = ""] = text.split("\n");
    it(`a block that is not run here says why: ${place}: ${firstLine} (${marker.reason})`, () => {
      expect(marker.reason).toMatch(/\w+ \w+/);
    });
  }
});
