/** The package in a strict program of somebody else: every entry compiles, resolves and is published as the checkers of npm packages want it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { npmInstall, type Packed, pack } from "../support/docs/packedPackage.js";
import { compile, RESOLUTIONS, saidBy } from "../support/docs/strictProgram.js";

const folder = mkdtempSync(path.join(tmpdir(), "instep-consumer-"));
const theirs = path.join(folder, "theirs");
let packed: Packed;
beforeAll(() => {
  packed = pack(folder);
  npmInstall(packed, theirs);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that uses each entry. Nothing of it is `any`: a call with the wrong type has to be refused. */
const SERVER = `
import { createServer } from "node:http";
import { createInstep, defineWorkflow, type InstepOptions } from "instep";
const options: InstepOptions = { dataDir: "here", tokens: [{ token: "t", can: "watch" }] };
export const instep = await createInstep(options);
const server = createServer((request, response) => instep.handler(request, response));
instep.attach(server, { mount: "/instep" });
export const mounted: (...given: never) => void = instep.router();
export const one = defineWorkflow({ name: "one", steps: [{ action: "go", run: (step) => step.message("on") }] });
// @ts-expect-error a folder is a text
await createInstep({ dataDir: 7 });
// @ts-expect-error a router takes requests
instep.router()("a", "b", "c");
`;
const CLIENT = `
import { createClient } from "instep/client";
import "instep/client/sharedWorker";
import "instep/element";
export const client = createClient({ url: "http://127.0.0.1:4747" });
export const shown = client.view("current");
// @ts-expect-error an address is a text
createClient({ url: 7 });
`;

describe("a strict program of somebody else", () => {
  it.each(Object.entries(RESOLUTIONS))("it compiles against the server with %s", (name, more) => {
    expect(compile(theirs, `server-${name}`, SERVER, { ...more, types: ["node"] })).toBe("");
  });

  it("it compiles against the client without the types of Node", () => {
    const browser = { types: [], lib: ["es2023", "dom", "dom.iterable"] };
    expect(compile(theirs, "client", CLIENT, { ...RESOLUTIONS.bundler, ...browser })).toBe("");
  });
});

describe("the checkers of packages", () => {
  it("publint finds nothing", () => {
    expect(saidBy("publint", ["run", packed.tarball, "--strict"], folder)).toBe("");
  });

  it("arethetypeswrong finds each entry as an ES module, with types that say so", () => {
    const args = [packed.tarball, "--profile", "esm-only", "--format", "ascii"];
    expect(saidBy("attw", args, folder)).toBe("");
  });

  it("the package is small: no maps, and none of the declarations of its insides", () => {
    const listed = execFileSync("tar", ["-tzf", packed.tarball], { encoding: "utf8" });
    const names = listed.trim().split("\n");
    expect(names.filter((name) => name.endsWith(".map"))).toEqual([]);
    expect(names.filter((name) => /\/dist\/(?!types).*\.d\.ts$/.test(name))).toEqual([]);
    expect(readFileSync(packed.tarball).length).toBeLessThan(1.5 * 2 ** 20);
  });
});
