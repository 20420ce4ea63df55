/** The files behind $INSTEP_OUTPUT, whatever a command makes of them. */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { OutputFiles } from "../../../../../server/runner/step/outputs/outputFiles.js";
import { folderTest as test } from "../../../../support/disks/temporaryFolder.js";

async function taken(files: OutputFiles) {
  const outputs: string[] = [];
  const problems: string[] = [];
  await files.take("r.0.1", {
    output: (name, value) => outputs.push(`${name}=${value}`),
    problem: (what) => problems.push(what),
  });
  return { outputs, problems };
}

describe("the file of a command", () => {
  test("the file of a command is ours alone, is read once, and is gone then", async ({
    folder,
  }) => {
    const files = new OutputFiles(folder);
    const path = await files.create("r.0.1");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    appendFileSync(path, "a=1\n");
    expect(await taken(files)).toEqual({ outputs: ["a=1"], problems: [] });
    expect(readdirSync(folder)).toEqual([]);
    expect(await taken(files)).toEqual({ outputs: [], problems: [] });
  });

  test.for<[string, (path: string) => void, string]>([
    ["a pipe", (path) => execFileSync("mkfifo", [path]), "it is a pipe, not a file"],
    [
      "a folder",
      (path) => mkdirSync(join(path, "inside"), { recursive: true }),
      "it is a folder, not a file",
    ],
    ["a link", (path) => symlinkSync("/etc/hostname", path), "it is a link, not a file"],
  ])(
    "the file of a command that put %s in its place is not read",
    async ([, put, why], { folder }) => {
      const files = new OutputFiles(folder);
      const path = await files.create("r.0.1");
      rmSync(path);
      put(path);
      const { outputs, problems } = await taken(files);
      expect(outputs).toEqual([]);
      expect(problems).toEqual([`${why}: nothing of it was read`]);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test("the file of a command counts with its first MiB where it is larger", async ({ folder }) => {
    const files = new OutputFiles(folder);
    const path = await files.create("r.0.1");
    writeFileSync(path, `a=1\n${"#".repeat(2 * 1024 * 1024)}\nb=2\n`);
    const { outputs, problems } = await taken(files);
    expect(outputs).toEqual(["a=1"]);
    expect(problems).toEqual(["it is larger than 1048576 bytes: what is beyond was left out"]);
  });

  test("the file of a command is removed by the next server where one died", async ({ folder }) => {
    const files = new OutputFiles(folder);
    await files.create("r.0.1");
    mkdirSync(join(folder, "odd"));
    await files.sweep();
    expect(readdirSync(folder)).toEqual([]);
  });
});
