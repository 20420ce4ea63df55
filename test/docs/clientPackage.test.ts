/** The package `instep-client`: the client of `instep` for whoever has no server here, with nothing installed beside it. */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf } from "../support/docs/markdownBlocks.js";
import { npmInstallOffline, packClient, ROOT } from "../support/docs/packedPackage.js";
import { compile, RESOLUTIONS, saidBy } from "../support/docs/strictProgram.js";
import { Said } from "../support/servers/calledInstep.js";
import { LiveServer } from "../support/servers/liveServer.js";

let folder: string;
let tarball: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "instep-client-"));
  tarball = packClient(folder);
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  npmInstallOffline([tarball], folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const inPackage = (name: string): string => path.join(folder, "node_modules/instep-client", name);
const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));

describe("instep-client, installed alone", () => {
  it("nothing else is installed, and it needs nothing but React where its hooks are used", () => {
    const names = readdirSync(path.join(folder, "node_modules"));
    expect(names.filter((name) => !name.startsWith("."))).toEqual(["instep-client"]);
    const { dependencies, peerDependenciesMeta, scripts } = json(inPackage("package.json"));
    expect([dependencies, scripts]).toEqual([undefined, undefined]);
    expect(peerDependenciesMeta).toEqual({ react: { optional: true } });
  });

  it.each([
    ["instep-client", "instep/client"],
    ["instep-client/sharedWorker", "instep/client/sharedWorker"],
    ["instep-client/react", "instep/react"],
    ["instep-client/element", "instep/element"],
  ])("%s is %s, file by file", (own, theirs) => {
    const main = json(path.join(ROOT, "package.json"));
    const { version, exports } = json(inPackage("package.json"));
    expect(version).toBe(main.version);
    const [here, there] = [
      exports[own.replace("instep-client", ".")],
      main.exports[theirs.replace("instep", ".")],
    ];
    for (const kind of ["types", "default"]) {
      const text = readFileSync(path.join(ROOT, there[kind]), "utf8");
      expect(text).toContain(readFileSync(inPackage(here[kind]), "utf8"));
    }
  });

  it("the program of its README follows the current workflow of a server", async () => {
    const readme = readFileSync(inPackage("README.md"), "utf8");
    const [program] = blocksOf("client/README.md", readme).filter(
      ({ language }) => language === "js",
    );
    const server = await LiveServer.start(path.join(folder, "data"), {});
    try {
      await server.saved({ title: "Hello", steps: [{ action: "build" }] });
      const here = program!.text.replace("http://127.0.0.1:4747", server.url);
      writeFileSync(path.join(folder, "readme.mjs"), here);
      const child = spawn(process.execPath, ["readme.mjs"], { cwd: folder });
      const said = new Said();
      child.stdout.on("data", (bytes) => said.add("stdout", bytes));
      child.on("close", () => said.end());
      await said.until(/^live running$/m);
      child.kill();
    } finally {
      await server.stop();
    }
  });

  it("a bundler makes one script of it that imports nothing", async () => {
    writeFileSync(
      path.join(folder, "entry.js"),
      'import { createClient } from "instep-client";\nimport "instep-client/element";\nexport const client = createClient({ url: "/instep" });\n',
    );
    const lib = { entry: "entry.js", formats: ["es" as const], fileName: "bundle" };
    const warned: string[] = [];
    await build({
      root: folder,
      configFile: false,
      logLevel: "silent",
      build: { lib, rolldownOptions: { onwarn: ({ message }) => warned.push(message) } },
    });
    expect(warned).toEqual([]);
    expect(readFileSync(path.join(folder, "dist/bundle.js"), "utf8")).not.toMatch(/^import\b/m);
  });
});

/** Uses each entry but React's; nothing of it is any. */
const PROGRAM = `
import { createClient, drive, type Command, type WorkflowState } from "instep-client";
import "instep-client/sharedWorker";
import { InstepWorkflow } from "instep-client/element";
export const client = createClient({ url: "http://127.0.0.1:4747" });
export const state: WorkflowState | null | undefined = client.view("current").state;
export const command: Command = { kind: "start", name: "backup", inputs: { folder: "www" } };
export const element: HTMLElement = new InstepWorkflow();
await drive(client, { title: "Hello", steps: [{ action: "build" }] }, { build: (step) => step.output("done") });
// @ts-expect-error an address is a text
createClient({ url: 7 });
// @ts-expect-error a workflow has a status of ours
export const wrong: WorkflowState["status"] = "over";
// @ts-expect-error there is no such command
export const unknown: Command = { kind: "explode" };
`;

const HOOKS = `
import { useWorkflow } from "instep-client/react";
export const status = (): string | undefined => useWorkflow("one").state?.status;
// @ts-expect-error a workflow is named by a text
useWorkflow(7);
`;

/** What a client says of a type, against what the schema infers. */
const SAME = `
import type * as plain from "${path.join(ROOT, "dist/types/client.js")}";
import type * as command from "${path.join(ROOT, "shared/schema/command.js")}";
import type * as position from "${path.join(ROOT, "shared/schema/position.js")}";
import type * as workflow from "${path.join(ROOT, "shared/schema/workflow.js")}";
type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
export const same: [
  Same<plain.Command, command.Command>,
  Same<plain.Position, position.Position>,
  Same<plain.Attempt, workflow.Attempt>,
  Same<plain.BlockInfo, workflow.BlockInfo>,
  Same<plain.StateInput, workflow.StateInput>,
  Same<plain.StateMerge, workflow.StateMerge>,
  Same<plain.StepUpdate, workflow.StepUpdate>,
  Same<plain.Task, workflow.Task>,
  Same<plain.Step, workflow.Step>,
  Same<plain.WorkflowState, workflow.WorkflowState>,
] = [true, true, true, true, true, true, true, true, true, true];
// @ts-expect-error these two are not
export const other: Same<plain.Step, workflow.StepUpdate> = true;
`;

const BROWSER = { types: [], lib: ["es2023", "dom", "dom.iterable"] };

describe("instep-client in a strict program of somebody else", () => {
  it.each(Object.entries(RESOLUTIONS))(
    "it compiles without any other types with %s",
    (name, more) => {
      expect(compile(folder, `client-${name}`, PROGRAM, { ...more, ...BROWSER })).toBe("");
    },
  );

  it("its hooks compile beside the types of React", () => {
    const theirs = path.join(folder, "node_modules");
    mkdirSync(path.join(theirs, "@types"));
    for (const name of ["@types/react", "csstype"]) {
      symlinkSync(path.join(ROOT, "node_modules", name), path.join(theirs, name));
    }
    expect(compile(folder, "hooks", HOOKS, { ...RESOLUTIONS.bundler, ...BROWSER })).toBe("");
  });

  it("its types, which need no zod, are those that the schemas have", () => {
    const more = { ...RESOLUTIONS.bundler, ...BROWSER, skipLibCheck: true };
    expect(compile(folder, "same", SAME, more)).toBe("");
  });
});

describe("the checkers of packages", () => {
  it("publint finds nothing in instep-client", () => {
    expect(saidBy("publint", ["run", tarball, "--strict"], folder)).toBe("");
  });

  it("arethetypeswrong finds each entry of instep-client as an ES module, with types that say so", () => {
    const args = [tarball, "--profile", "esm-only", "--format", "ascii"];
    expect(saidBy("attw", args, folder)).toBe("");
  });
});
