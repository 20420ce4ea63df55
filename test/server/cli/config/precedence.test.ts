import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { keyOf, SETTING_NAMES } from "../../../../server/settings/settings.js";
import { commandTest as test } from "../../../support/servers/commandHere.js";

test("a flag counts more than a variable, that more than instep.yaml, and that more than the default", async ({
  folder,
  instep,
}) => {
  writeFileSync(path.join(folder, "instep.yaml"), "history: 3\nlog_level: warn\nport: 1\n");
  const shown = instep(["config", "--port", "3"], { INSTEP_PORT: "2", INSTEP_HISTORY: "4" });
  expect(await shown.exitCode).toBe(0);
  const rows = shown.stdout().split("\n");
  const row = (setting: string) =>
    rows.find((one) => one.startsWith(`${setting} `))?.split(/ {2,}/);
  expect(row("port")).toEqual(["port", "3", "--port"]);
  expect(row("history")).toEqual(["history", "4", "INSTEP_HISTORY"]);
  expect(row("log_level")).toEqual(["log_level", "warn", "instep.yaml:2"]);
  expect(row("max_concurrent")).toEqual(["max_concurrent", "10", "default"]);
  expect(row("server")).toEqual(["server", "http://127.0.0.1:2", "INSTEP_PORT"]);
  expect(rows.at(-2)).toBe(`Read from ${path.join(folder, "instep.yaml")}`);
  expect(rows.map((one) => one.split(" ")[0]).slice(1, 1 + SETTING_NAMES.length)).toEqual(
    SETTING_NAMES.map(keyOf),
  );
});

test("config says one object a line for programs, or one value for scripts", async ({
  built,
  folder,
  instep,
}) => {
  writeFileSync(path.join(folder, "instep.yaml"), "clear_after: 1m\n");
  const all = built.instep(["config", "--json"], { INSTEP_ALLOW_HOST: "a,b" });
  await all.exitCode;
  const lines = all
    .stdout()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toContainEqual({ setting: "port", value: 4747, from: "default" });
  expect(lines).toContainEqual({ setting: "clear_after", value: "1m", from: "instep.yaml:1" });
  expect(lines).toContainEqual({
    setting: "allow_host",
    value: ["a", "b"],
    from: "INSTEP_ALLOW_HOST",
  });
  const one = instep(["config", "data_dir"]);
  await one.exitCode;
  expect(one.stdout()).toBe(`${path.join(folder, ".instep")}\n`);
  const none = instep(["config", "prot"]);
  expect(await none.exitCode).toBe(2);
  expect(none.stderr()).toBe('instep: There is no setting "prot"; did you mean port?\n');
});

test("config never shows a token", async ({ folder, instep }) => {
  writeFileSync(path.join(folder, "instep.yaml"), "token: abcdefghijklmnopqrst\n", { mode: 0o600 });
  for (const args of [["config"], ["config", "--json"], ["config", "token"]]) {
    for (const env of [{}, { INSTEP_TOKEN: "ponmlkjihgfedcba" }]) {
      const shown = instep(args, env);
      expect(await shown.exitCode).toBe(0);
      expect(shown.stdout() + shown.stderr()).not.toMatch(/abcdefgh|ponmlkji/);
    }
  }
});

test("a file that cannot be used stops whatever reads it with 2, and nothing else", async ({
  folder,
  instep,
}) => {
  writeFileSync(path.join(folder, "instep.yaml"), "prot: 1\nhistory: many\n");
  for (const args of [["serve"], ["list"], ["config"], ["watch", "current"]]) {
    const refused = instep(args);
    expect(await refused.exitCode).toBe(2);
    expect(refused.stderr()).toBe(
      'instep: instep.yaml:1:1: prot: no such setting; did you mean port?\n  instep.yaml:2:1: history: must be a whole number from 0 to 1000000, not "many"\n',
    );
  }
  for (const args of [["--version"], ["list", "--help"], ["config", "--no-config"]]) {
    expect(await instep(args).exitCode).toBe(0);
  }
});

test("commands find the server that serve starts in the same folder, and bring its file's token", async ({
  folder,
  instep,
  serve,
}) => {
  const token = "0123456789abcdef0123";
  writeFileSync(path.join(folder, "tokens"), `drive ${token}\n`, { mode: 0o600 });
  const { url } = await serve("--token-file", "tokens");
  const { port } = new URL(url);
  const text = `port: ${port}\ntoken_file: tokens\ntoken: ${token}\ndata_dir: elsewhere\n`;
  writeFileSync(path.join(folder, "instep.yaml"), text, { mode: 0o600 });
  const list = instep(["list"]);
  expect(await list.exitCode).toBe(0);
  expect(list.stdout()).toBe("No workflows.\n");

  // Nobody answers at port 1: what is named counts more than the file.
  expect(await instep(["list", "--server", "http://127.0.0.1:1"]).exitCode).toBe(5);
  expect(await instep(["list"], { INSTEP_URL: "http://127.0.0.1:1" }).exitCode).toBe(5);
  // The same server by a name that the file does not have: its token is not for that.
  const other = instep(["list", "--server", `http://localhost:${port}`]);
  expect(await other.exitCode).toBe(1);
  expect(other.stderr()).toContain("asks for a token");
});

test("serve takes its settings from the file, and its paths begin there", async ({
  folder,
  built,
}) => {
  mkdirSync(path.join(folder, "conf", "flows"), { recursive: true });
  writeFileSync(
    path.join(folder, "conf", "my.yaml"),
    "port: 0\ndata_dir: state\nworkflows: flows\nlog_level: silent\n",
  );
  const served = built.instep(["serve"], { INSTEP_CONFIG: "conf/my.yaml" });
  await served.until(/Page +http/);
  expect(served.stdout()).toContain(`${path.join(folder, "conf", "state")}\n`);
  expect(served.stdout()).toContain(`${path.join(folder, "conf", "flows")}\n`);
  expect(served.stdout()).toContain(`${path.join(folder, "conf", "my.yaml")}\n`);
});

test("a token that no header can carry is refused by its name, and not shown", async ({
  instep,
}) => {
  const calls = [
    [instep(["list"], { INSTEP_TOKEN: "s3cret\n" }), "INSTEP_TOKEN"],
    [instep(["list", "--token", "s3cret ☕"]), "--token"],
  ] as const;
  for (const [call, name] of calls) {
    expect(await call.exitCode).toBe(2);
    expect(call.stderr()).toBe(`instep: ${name}: must be a token: visible ASCII, without spaces\n`);
  }
});

test("INSTEP_TOKEN goes to no other machine because a file in the folder says so", async ({
  folder,
  instep,
}) => {
  const file = path.join(folder, "instep.yaml");
  for (const text of ["server: http://192.0.2.1:9/\n", "host: 192.0.2.1\nport: 9\n"]) {
    writeFileSync(file, text);
    const refused = instep(["list"], { INSTEP_TOKEN: "0123456789abcdef" });
    expect(await refused.exitCode).toBe(2);
    expect(refused.stderr()).toContain("INSTEP_TOKEN is not sent to another machine");
  }
  writeFileSync(file, "server: http://127.0.0.1:1\n");
  expect(await instep(["list"], { INSTEP_TOKEN: "0123456789abcdef" }).exitCode).toBe(5);
});
