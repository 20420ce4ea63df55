/** `instep new` and `instep schema`: a recipe to begin with, and what an editor knows of it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test as plainTest } from "vitest";
import { EXAMPLE_NAMES } from "../../../../server/cli/process/exampleNames.js";
import { commandTest } from "../../../support/servers/commandHere.js";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

interface Said {
  code: number | null;
  stdout: string;
  stderr: string;
}

const test = commandTest.extend<{ say: (...args: string[]) => Promise<Said> }>({
  say: async ({ instep }, use) => {
    await use(async (...args) => {
      const process = instep(args);
      const code = await process.exitCode;
      return { code, stdout: process.stdout(), stderr: process.stderr() };
    });
  },
});

describe("instep new", () => {
  test("instep new writes a recipe that check has nothing to say of, and that runs", async ({
    say,
    built,
    folder,
  }) => {
    const made = built.instep(["new", "deploy-site"]);
    expect([await made.exitCode, made.stderr()]).toEqual([0, ""]);
    expect(made.stdout()).toMatch(/^Wrote workflows\/deploy-site.yaml\. Then:\n/);
    const text = readFileSync(path.join(folder, "workflows/deploy-site.yaml"), "utf8");
    expect(text).toMatch(/^# yaml-language-server: \$schema=\S+\n/);
    const [, schema] = /\$schema=(.*)/.exec(text)!;
    expect(existsSync(path.resolve(folder, "workflows", schema!))).toBe(true);
    expect(await say("check", "workflows")).toEqual({
      code: 0,
      stdout: "1 recipe, nothing wrong.\n",
      stderr: "",
    });
    const ran = await say("run", "workflows/deploy-site.yaml", "--input", "whom=you");
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain("Workflow completed");
  });

  test("instep new has a name of its own where none is given, and tells programs where it is", async ({
    say,
    folder,
  }) => {
    const { stdout } = await say("new", "--json");
    expect(JSON.parse(stdout)).toEqual({
      file: path.join(folder, "workflows/hello.yaml"),
      name: "hello",
    });
  });

  test("instep new writes where the server looks: by flag, variable or instep.yaml", async ({
    say,
    instep,
    folder,
  }) => {
    await say("new", "a", "--workflows", "one/two");
    await instep(["new", "b"], { INSTEP_WORKFLOWS: path.join(folder, "three") }).exitCode;
    writeFileSync(path.join(folder, "instep.yaml"), "workflows: four\n");
    await say("new", "c");
    const made = ["one/two/a.yaml", "three/b.yaml", "four/c.yaml"];
    expect(made.filter((file) => existsSync(path.join(folder, file)))).toEqual(made);
  });

  test("instep new writes over nothing, unless it is told to", async ({ say, folder }) => {
    const file = path.join(folder, "workflows/hello.yaml");
    mkdirSync(path.dirname(file));
    writeFileSync(file, "name: hello\nsteps: [{ action: mine, run: b }]\n");
    expect(await say("new", "hello")).toEqual({
      code: 2,
      stdout: "",
      stderr: "instep: workflows/hello.yaml is there already; --force writes over it\n",
    });
    expect(readFileSync(file, "utf8")).toContain("mine");
    expect((await say("new", "hello", "--force")).code).toBe(0);
    expect(readFileSync(file, "utf8")).toContain("greet");
  });

  test("instep new takes no name that another recipe of the folder has", async ({
    say,
    folder,
  }) => {
    mkdirSync(path.join(folder, "workflows"));
    writeFileSync(
      path.join(folder, "workflows/other.yml"),
      "name: hello\nsteps: [{ action: mine, run: b }]\n",
    );
    const { code, stderr } = await say("new", "--force");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/hello is the name of .*workflows\/other.yml already/),
    ]);
  });

  test.for(["../up", "a/b", "", ".hidden", "-x", "a b", "ä", "a\nb", "a".repeat(101), "name: b"])(
    "refuses the name %j, and writes nothing",
    async (name, { say, folder }) => {
      expect((await say("new", "--", name)).code).toBe(2);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test("instep new makes text of a name that YAML would read as something else", async ({
    say,
  }) => {
    for (const name of ["007", "true", "1.10", "No", "null", "x.yaml", "A", "1e3"])
      expect((await say("new", name)).code).toBe(0);
    expect((await say("check", "workflows")).stdout).toBe("8 recipes, nothing wrong.\n");
  });

  test("instep new says why it cannot write", async ({ say, folder }) => {
    writeFileSync(path.join(folder, "workflows"), "a file");
    expect(await say("new")).toMatchObject({ code: 2, stderr: "instep: workflows is no folder\n" });
    expect(await say("new", "--workflows", "workflows/none")).toMatchObject({
      code: 1,
      stderr: "instep: workflows/none cannot be written (ENOTDIR)\n",
    });
    mkdirSync(path.join(folder, "other/hello.yaml"), { recursive: true });
    expect(await say("new", "--workflows", "other", "--force")).toMatchObject({
      code: 1,
      stderr: "instep: other/hello.yaml cannot be written (EISDIR)\n",
    });
  });

  test.for([...EXAMPLE_NAMES])(
    "copies the example %s under another name",
    async (name, { say, folder }) => {
      expect((await say("new", "mine", "--example", name)).code).toBe(0);
      expect(await say("check", "workflows")).toMatchObject({
        code: 0,
        stdout: "1 recipe, nothing wrong.\n",
      });
      const text = readFileSync(path.join(folder, "workflows/mine.yaml"), "utf8");
      expect(text).toMatch(/^name: mine$/m);
      const own = path.join(ROOT, "examples", name);
      if (existsSync(own)) {
        expect(readdirSync(path.join(folder, "workflows", name))).toEqual(readdirSync(own));
      }
    },
  );

  plainTest("knows every example there is", () => {
    const files = readdirSync(path.join(ROOT, "examples")).filter((name) => name.endsWith(".yaml"));
    expect([...EXAMPLE_NAMES]).toEqual(files.map((name) => name.replace(".yaml", "")).sort());
    expect(statSync(path.join(ROOT, "examples")).isDirectory()).toBe(true);
  });
});

test("instep schema prints what the package has as a file", async ({ say, built }) => {
  const kept: unknown = JSON.parse(
    readFileSync(path.join(ROOT, "shared/recipe.schema.json"), "utf8"),
  );
  const shown = built.instep(["schema"]);
  expect([await shown.exitCode, JSON.parse(shown.stdout())]).toEqual([0, kept]);
  const line = await say("schema", "--json");
  expect(line.stdout.trimEnd().split("\n")).toHaveLength(1);
  expect(JSON.parse(line.stdout)).toEqual(kept);
});
