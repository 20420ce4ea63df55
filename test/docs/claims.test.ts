/** Claims and links of the README and docs/ are true. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../shared/limits.js";
import { DOCUMENTS, textOf } from "../support/docs/documents.js";
import { ROOT } from "../support/docs/packedPackage.js";

describe("the README", () => {
  it("the README fits two screens", () => {
    // The picture is not of words, and a comment is not seen.
    const lines = textOf("README.md")
      .trimEnd()
      .split("\n")
      .filter((line) => !/^ *<(img|!--)/.test(line));
    expect(lines.length).toBeLessThanOrEqual(85);
    expect(lines.filter((line) => line.length > 130)).toEqual([]);
  });

  it("the README leads to each of the other documents", () => {
    const links = linksIn("README.md");
    for (const document of DOCUMENTS.slice(1)) expect(links).toContain(document);
  });
});

describe("each document", () => {
  it.each([...DOCUMENTS, "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "shared/PROTOCOL.md"])(
    "a document has nothing of a merge left in it: %s",
    (document) => {
      expect(textOf(document)).not.toMatch(/^(<{7}|={7}|>{7})( |$)/m);
    },
  );
});

describe("docs/operating.md", () => {
  it("docs/operating.md names the limits that hold", () => {
    expect(LIMITS).toMatchObject({
      frameBytes: 1024 * 1024,
      stateBytes: 1024 * 1024,
      steps: 1_000,
      openWorkflows: 10_000,
      sockets: 10_000,
      commandsPerSecond: 100,
      commandBurst: 500,
      leaseMs: 30_000,
      heartbeatMs: 15_000,
    });
    const text = textOf("docs/operating.md");
    const limits = text.slice(text.indexOf("## Limits"));
    for (const said of [
      "1 MiB",
      "1,000 steps",
      "10,000 open workflows",
      "10,000 sockets",
      "100 commands a second",
      "bursts of 500",
    ]) {
      expect(limits).toContain(said);
    }
  });
});

describe("a link or picture in the README or docs/", () => {
  const targets = DOCUMENTS.flatMap((document) =>
    linksIn(document).map((target) => ({ document, target })),
  );

  it("each link or picture leads to a file that is there, and to a heading that it has", () => {
    expect(targets.length).toBeGreaterThan(10);
    const lost = targets.filter(({ document, target }) => {
      const [file = "", heading] = target.split("#");
      const place = path.join(path.dirname(document), file || path.basename(document));
      if (!existsSync(path.join(ROOT, place))) return true;
      return heading !== undefined && !headingsOf(place).includes(heading);
    });
    expect(lost).toEqual([]);
  });

  it("each link or picture leads to what the package holds, too", () => {
    const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
    const printed = execFileSync("npm", args, { cwd: ROOT, encoding: "utf8", maxBuffer: 2 ** 26 });
    const [{ files }] = JSON.parse(printed) as [{ files: { path: string }[] }];
    const held = files.map((file) => file.path);
    const lost = targets.filter(({ document, target }) => {
      const [file = ""] = target.split("#");
      const place = path.join(path.dirname(document), file || path.basename(document));
      return !held.some(
        (name) => name === place || name.startsWith(`${place.replace(/\/$/, "")}/`),
      );
    });
    expect(lost).toEqual([]);
  });
});

/** Targets of links and pictures that are no addresses. */
function linksIn(document: string): string[] {
  const text = textOf(document).replace(/```[\s\S]*?```/g, "");
  const found = [...text.matchAll(/\]\(([^)]+)\)|\bsrc(?:set)?="([^"]+)"/g)];
  return found.map(([, link, picture]) => (link ?? picture)!).filter((to) => !/^[a-z]+:/.test(to));
}

/** As GitHub makes anchors of them. */
function headingsOf(document: string): string[] {
  const text = textOf(document).replace(/```[\s\S]*?```/g, "");
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}
