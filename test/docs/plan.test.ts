/** ARCHITECTURE.md and CONTRIBUTING.md name files and folders that are there, and are short enough to be read. */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { textOf } from "../support/docs/documents.js";
import { ROOT } from "../support/docs/packedPackage.js";

const FILES = execFileSync("git", ["ls-files"], { cwd: ROOT, encoding: "utf8" }).split("\n");

describe("the plan of the house", () => {
  it.each(["ARCHITECTURE.md", "CONTRIBUTING.md"])(
    "every file and folder that %s names is there, by that part of its path",
    (document) => {
      const named = namesIn(textOf(document));
      expect(named).not.toEqual([]);
      const lost = named.filter((name) => {
        const part = `/${name}`;
        return !FILES.some((file) =>
          name.endsWith("/") ? `/${file}`.includes(part) : `/${file}`.endsWith(part),
        );
      });
      expect(lost).toEqual([]);
    },
  );

  it("ARCHITECTURE.md can be read in one sitting", () => {
    expect(textOf("ARCHITECTURE.md").trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });
});

/** Whatever stands in backticks and looks like a file of ours or a folder. */
function namesIn(text: string): string[] {
  const quoted = [...text.matchAll(/`([^`\s]+)`/g)].map(([, name]) => name!);
  return quoted.filter((name) => /^(?!dist\/)[\w.][\w./-]*(\/|\.(tsx?|md|mjs|json))$/.test(name));
}
