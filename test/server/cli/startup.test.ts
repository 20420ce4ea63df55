/** What each verb loads before it works. Loading is nearly all of what a short command costs, and it is paid at every call. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { cliTest } from "../../support/servers/builtCommand.js";
import { importsOf, loadedWith, SOURCES } from "../../support/sources.js";

/** Small, and needed to read a line of words and to print one. */
const LIGHT = ["commander", "picocolors"];
/** What else a verb cannot do without. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  watch: ["ws"],
  // It reads and writes stores.
  migrate: ["zod", "lowdb"],
  check: ["yaml", "zod", "re2js", "@eslint-community/regexpp"],
  new: ["yaml", "zod", "re2js", "@eslint-community/regexpp"],
  schema: ["zod", "re2js", "@eslint-community/regexpp"],
};
/** They are, or may become, a server. */
const SERVERS = ["serve", "run"];

const VERBS = SOURCES.filter((file) =>
  /^server\/cli\/verbs\/(?!index|sharedOptions|call)/.test(file),
);
const packagesIn = (loaded: Iterable<string>) =>
  [...loaded].filter((name) => !SOURCES.includes(name) && !name.startsWith("node:"));
const later = (file: string) =>
  importsOf(file).flatMap(({ to, when }) => (when === "later" ? [to] : []));

describe("what a command loads", () => {
  test("a command loads, before it knows its verb, little more than the reader of the words", () => {
    const loaded = loadedWith(["server/main.ts", ...later("server/main.ts")]);
    expect(packagesIn(loaded)).toEqual(["commander"]);
    expect([...loaded].filter((file) => file.startsWith("client/"))).toEqual([]);
    expect(loaded.size).toBeLessThan(64);
    expect(loaded).toContain("server/cli/verbs/list.ts");
  });

  test.each(VERBS.map((file) => [path.basename(file, ".ts"), file]))(
    "the verb `%s` loads what it needs",
    (verb, file) => {
      const actions = later(file);
      expect(actions.length).toBeGreaterThan(0);
      if (SERVERS.includes(verb)) return;
      const allowed = [...LIGHT, ...(MORE[verb] ?? [])];
      const loaded = loadedWith(actions);
      expect(packagesIn(loaded).filter((name) => !allowed.includes(name))).toEqual([]);
    },
  );
});

cliTest(
  "a command that asks loads no zod, no socket and no fetch, whether or not a server answers",
  async ({ instep, folder, serve }) => {
    const { url } = await serve();
    const file = path.join(folder, "loaded");
    const hook = fileURLToPath(new URL("../../support/servers/loadedModules.mjs", import.meta.url));
    const env = { NODE_OPTIONS: `--import=${hook}`, LOADED_MODULES: file };
    const calls = [
      ["--version"],
      ["list", "--help"],
      ["list", "--server", url],
      ["list", "--server", "http://127.0.0.1:1"],
      ["definitions", "--json", "--server", url],
      ["start", "missing", "--server", url],
      ["cancel", "missing", "--server", url],
      ["logs", "missing", "--server", url],
    ];
    for (const call of calls) await instep(call, env).exitCode;
    const loaded = new Set(readFileSync(file, "utf8").trimEnd().split("\n"));
    const packages = [...loaded].flatMap(
      (url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [],
    );
    expect(packages).toEqual([]);
    expect(loaded).not.toContain("node:undici");
    const own = [...loaded].filter((url) => url.includes("/dist/"));
    expect(own.filter((url) => /connectLive|startServer/.test(url))).toEqual([]);
    expect(own.length).toBeLessThan(40);
  },
);

cliTest(
  "the version is told alike, alone or among other words, and alone without a verb being read",
  async ({ instep }) => {
    const { version } = JSON.parse(
      readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
    );
    for (const call of [["--version"], ["-V"], ["--version", "--help"], ["-V", "list"]]) {
      const asked = instep(call);
      expect(await asked.exitCode).toBe(0);
      expect([asked.stdout(), asked.stderr()]).toEqual([`${version}\n`, ""]);
    }
    const wrong = instep(["--versio"]);
    expect(await wrong.exitCode).toBe(2);
  },
);
