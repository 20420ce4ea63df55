/** The package as `npm pack` makes it, installed into an empty folder: all is there, and what the README says holds there too. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULTS } from "../../shared/limits.js";
import { until } from "../support/deadline.js";
import { textOf } from "../support/docs/documents.js";
import { clone, npmInstall, type Packed, pack, ROOT } from "../support/docs/packedPackage.js";
import { read } from "../support/docs/reader.js";

const folder = mkdtempSync(path.join(tmpdir(), "instep-package-"));
const installed = path.join(folder, "mine");
let packed: Packed;
beforeAll(() => {
  packed = pack(folder);
  npmInstall(packed, installed);
});
afterAll(() => rmSync(folder, { recursive: true }));

const options = (cwd: string) => ({
  cwd,
  encoding: "utf8" as const,
  env: { PATH: process.env.PATH, HOME: folder, npm_config_offline: "true" },
});

describe("the package", () => {
  it("the package holds the documents, the licence, the picture of the README and every example", () => {
    const tracked = execFileSync("git", ["ls-files", "docs", "examples"], options(ROOT));
    const names = ["README.md", "LICENSE", "CHANGELOG.md", "shared/PROTOCOL.md"];
    for (const name of [...names, ...tracked.trim().split("\n")]) {
      const inPackage = path.join(packed.package, name);
      expect(readFileSync(inPackage), name).toEqual(readFileSync(path.join(ROOT, name)));
      expect(isExecutable(inPackage), name).toBe(isExecutable(path.join(ROOT, name)));
    }
  });

  it("the package holds what each of its entries names, with types, and a command that can be executed", () => {
    const { exports, bin } = JSON.parse(textOf("package.json"));
    const named = Object.values<string | Record<string, string>>(exports)
      .flatMap((entry) => (typeof entry === "string" ? [entry] : Object.values(entry)))
      .concat(bin.instep);
    expect(named.length).toBeGreaterThan(6);
    for (const name of named) expect(statSync(path.join(packed.package, name)).isFile()).toBe(true);
    expect(isExecutable(path.join(packed.package, bin.instep))).toBe(true);
  });

  it("the package needs no script to be installed", () => {
    const { scripts } = JSON.parse(textOf("package.json"));
    const run = ["preinstall", "install", "postinstall", "prepare"];
    expect(Object.keys(scripts).filter((name) => run.includes(name))).toEqual([]);
  });

  it("the package holds nothing that only a checkout needs", () => {
    const listed = execFileSync("tar", ["-tzf", packed.tarball], options(folder));
    const names = listed
      .trim()
      .split("\n")
      .map((name) => name.replace(/^package\//, ""));
    expect(
      names.filter((name) => /(^|\/)\.|^(test|bench|server|client\/(?!ui\/pictures))/.test(name)),
    ).toEqual([]);
  });
});

/** Runs while `use` does; its address is given. */
async function serving(use: (url: string) => Promise<void>): Promise<void> {
  const child = spawn("npx", ["instep", "serve", "--port", "0"], {
    ...options(installed),
    detached: true,
  });
  try {
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
    });
    const found = await until(
      () => /Page +(http:\S+)\//.exec(said),
      () => `it serves: ${said}`,
    );
    await use(found[1]!);
  } finally {
    process.kill(-child.pid!, "SIGTERM");
    await once(child, "close");
  }
}

describe("installed by npm into an empty folder", () => {
  it("the installed package is found by npx, and from node_modules/.bin", () => {
    const { version } = JSON.parse(textOf("package.json"));
    const found = execFileSync("npx", ["instep", "--version"], options(installed));
    expect(found.trim()).toBe(version);
    const bin = path.join(installed, "node_modules/.bin/instep");
    expect(execFileSync(bin, ["--version"], options(installed)).trim()).toBe(version);
  });

  it("the installed package serves the page with its script, and offers each example", async () => {
    await serving(async (url) => {
      const page = await (await fetch(`${url}/`)).text();
      const [, script] = /<script[^>]+src="([^"]+\.js)"/.exec(page) ?? [];
      expect((await fetch(new URL(script!, `${url}/`))).status).toBe(200);
      const answer = await (await fetch(`${url}/workflow/definitions`)).json();
      const { definitions } = answer as { definitions: { name: string }[] };
      const examples = readdirSync(path.join(ROOT, "examples")).filter((name) =>
        /\.yaml$/.test(name),
      );
      const names = examples.map((name) => path.basename(name, ".yaml"));
      expect(definitions.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    });
  });

  it("the installed package does what the README says", async () => {
    expect(textOf("README.md")).toContain("npx instep serve");
    const instead = new Map([["npm start", "npx instep serve"]]);
    await read({ document: "README.md", isSlow: false, from: "package", packed, instead });
  });
});

describe("a clone", () => {
  it("a clone is found by npx without being installed anywhere", () => {
    const place = path.join(folder, "cloned");
    clone(packed, place, DEFAULTS.port);
    const found = execFileSync("npx", ["instep", "--version"], options(place));
    expect(found.trim()).toBe(JSON.parse(textOf("package.json")).version);
  });
});

const isExecutable = (file: string): boolean => (statSync(file).mode & 0o111) !== 0;
