import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { readConfig } from "../../../../server/cli/config/findConfig.js";
import { readServeSettings } from "../../../../server/settings/config.js";
import { SettingError } from "../../../../server/settings/settingError.js";
import { cliTest as test } from "../../../support/servers/builtCommand.js";

const isRoot = process.getuid?.() === 0;

describe("an instep.yaml", () => {
  const settingsIn = async (folder: string, text: string | Buffer) => {
    writeFileSync(path.join(folder, "instep.yaml"), text);
    const around = { env: {}, cwd: folder, home: "/home/someone" };
    return readServeSettings({ ...around, flags: {}, file: await readConfig({}, around) });
  };

  const refusalOf = async (folder: string, text: string | Buffer): Promise<string> => {
    const refused = await settingsIn(folder, text).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SettingError);
    return (refused as Error).message;
  };

  test("an instep.yaml says what flags say, by keys, in YAML's own values or as text", async ({
    folder,
  }) => {
    mkdirSync(path.join(folder, "flows"));
    const text = `
port: 8080
host: "::1"
data_dir: state     # begins at the file's folder
clear_after: 1m
history: "7"
allow_host: [Example.com, "other:8080"]
pass_env: PACE, AWS_PROFILE
workflows: ./flows
max_concurrent: &few 3
log_level: debug
`;
    expect(await settingsIn(folder, text)).toMatchObject({
      port: 8080,
      host: "::1",
      dataDir: path.join(folder, "state"),
      clearAfterMs: 60_000,
      history: 7,
      allowedHosts: ["example.com", "other:8080"],
      passEnv: ["PACE", "AWS_PROFILE"],
      workflowsDir: path.join(folder, "flows"),
      maxConcurrent: 3,
      logLevel: "debug",
    });
  });

  test.for<[string, string | Buffer]>([
    ["nothing in it", ""],
    ["comments only", "# port: 8080\n"],
    ["a mark of a document and no more", "---\n"],
    ["keys without values", "port:\nallow_host:\ndata_dir: ~\n"],
  ])("with %s says nothing", async ([, text], { folder }) => {
    expect((await settingsIn(folder, text)).port).toBe(4747);
  });

  test.for<[string, string]>([
    ["a byte order mark", "\uFEFFport: 8080\n"],
    ["the ends of lines of Windows", "history: 3\r\nport: 8080\r\n"],
    ["an alias", "history: &n 8080\nport: *n\n"],
    ["braces", "{ port: 8080 }"],
  ])("is read with %s", async ([, text], { folder }) => {
    expect((await settingsIn(folder, text)).port).toBe(8080);
  });

  test("an instep.yaml tells all that is wrong at once, each by its line and column", async ({
    folder,
  }) => {
    const text =
      "prot: 1\nport: 70000\ndata-dir: x\n--host: a\nINSTEP_HISTORY: 3\nclear_after: 30\n" +
      "history: [1]\nallow_host: [a, {b: c}]\nlog_level: {}\nnonsense: 1\n8: 9\n? [a]\n: 1\n";
    expect((await refusalOf(folder, text)).split("\n  ")).toEqual([
      "instep.yaml:1:1: prot: no such setting; did you mean port?",
      'instep.yaml:2:1: port: must be a whole number from 0 to 65535, not "70000"',
      "instep.yaml:3:1: data-dir: no such setting; did you mean data_dir?",
      "instep.yaml:4:1: --host: no such setting; did you mean host?",
      "instep.yaml:5:1: INSTEP_HISTORY: no such setting; did you mean history?",
      'instep.yaml:6:1: clear_after: needs a unit: "30s" for seconds, or ms, m, h',
      "instep.yaml:7:1: history: must be one value, not a list",
      "instep.yaml:8:1: allow_host: must be a list of plain values",
      "instep.yaml:9:1: log_level: must be one value",
      expect.stringMatching(/^instep\.yaml:10:1: nonsense: no such setting; known are port, host/),
      expect.stringMatching(/^instep\.yaml:11:1: 8: no such setting/),
      expect.stringMatching(/^instep\.yaml:12:3: no such setting/),
    ]);
  });

  test.for<[string, string | Buffer, string | RegExp]>([
    ["a list", "- port: 1\n", "instep.yaml:1:1: must be settings, one a line"],
    ["a word", "8080\n", "instep.yaml:1:1: must be settings, one a line"],
    ["a key twice", "port: 1\nhost: ::1\nport: 2\n", "instep.yaml:3:1: Map keys must be unique"],
    ["broken YAML", "port: [1\n", /^instep\.yaml:\d+:\d+: /],
    ["two documents", "port: 1\n---\nport: 2\n", "has more than one document"],
    ["a bomb of aliases", `a: &a [1]\n${"b: [*a, *a, *a]\n".repeat(200)}`, "more than 200 anchors"],
    ["many levels", `port: ${"[".repeat(100)}`, "is nested deeper than 32"],
    ["more than 64 KiB", `# ${"x".repeat(70_000)}`, "instep.yaml: is larger than 65536 bytes"],
    ["no UTF-8", Buffer.from([0x70, 0xff, 0xfe]), "instep.yaml: is not UTF-8 text"],
    ["a value that steers a terminal", 'data_dir: "\\e[2J"\n', "data_dir: must be one value"],
    ["a NUL in a path", 'data_dir: "a\\0b"\n', "data_dir: must be one value"],
    ["a variable in a path", "data_dir: $HOME/x\n", "data_dir: variables are not filled in here"],
    ["a merge", "<<: {port: 1}\n", "<<: no such setting"],
    ["a name of every object", "__proto__: 1\nconstructor: 2\n", "constructor: no such setting"],
    ["more problems than one reads", `a: 1\n${"a: 1\n".repeat(90)}`, "and 40 more problems"],
  ])("with %s is refused", async ([, text, message], { folder }) => {
    const refusal = await refusalOf(folder, text);
    expect(refusal).toMatch(message);
    expect(refusal.length).toBeLessThan(20_000);
  });

  test("knows the home of whoever runs it", async ({ folder }) => {
    expect((await settingsIn(folder, "data_dir: ~/state\n")).dataDir).toBe("/home/someone/state");
  });

  test("an instep.yaml that is a folder, a pipe or a link to nowhere is named", async ({
    folder,
  }) => {
    const around = { env: {}, cwd: folder };
    const made: [string, (file: string) => void, RegExp][] = [
      ["folder.yaml", mkdirSync, /^--config: folder\.yaml: is a folder, not a file$/],
      ["pipe.yaml", (file) => execFileSync("mkfifo", [file]), /pipe\.yaml: is a pipe, not a file$/],
      ["link.yaml", (file) => symlinkSync("gone", file), /cannot be read \(ENOENT\)$/],
      ["none.yaml", () => {}, /^--config: none\.yaml: there is no such file$/],
    ];
    for (const [name, make, message] of made) {
      make(path.join(folder, name));
      await expect(readConfig({ config: name }, around)).rejects.toThrow(message);
    }
    symlinkSync("gone", path.join(folder, "instep.yaml"));
    await expect(readConfig({}, around)).rejects.toThrow(
      /^instep\.yaml: cannot be read \(ENOENT\)/,
    );
  });

  test("an instep.yaml is called instep.yml too; of both neither is guessed at", async ({
    folder,
  }) => {
    writeFileSync(path.join(folder, "instep.yml"), "port: 1\n");
    const around = { env: {}, cwd: folder };
    expect((await readConfig({}, around))?.shown).toBe("instep.yml");
    writeFileSync(path.join(folder, "instep.yaml"), "port: 2\n");
    await expect(readConfig({}, around)).rejects.toThrow("There are instep.yaml and instep.yml in");
    expect(
      (await readConfig({ config: "instep.yaml" }, around))?.entries.get("port")?.texts,
    ).toEqual(["2"]);
  });

  test("an instep.yaml counts in its own folder, and not in those below", async ({ folder }) => {
    writeFileSync(path.join(folder, "instep.yaml"), "port: 1\n");
    mkdirSync(path.join(folder, "below"));
    expect(await readConfig({}, { env: {}, cwd: path.join(folder, "below") })).toBeNull();
    const named = { INSTEP_CONFIG: "../instep.yaml" };
    const around = { env: named, cwd: path.join(folder, "below") };
    expect(await readConfig({}, around)).toMatchObject({ shown: "../instep.yaml", isNamed: true });
    expect(await readConfig({ config: false }, around)).toBeNull();
  });

  test("an instep.yaml with a token is refused where others may read it, and the token is not shown", async ({
    folder,
  }) => {
    const file = path.join(folder, "instep.yaml");
    writeFileSync(file, "token: abcdefghijklmnop\n", { mode: 0o644 });
    chmodSync(file, 0o640);
    const around = { env: {}, cwd: folder };
    const refused = readConfig({}, around);
    await expect(refused).rejects.toThrow(
      "instep.yaml:1:1: token: the file is open to other users of this machine: chmod 600",
    );
    chmodSync(file, 0o600);
    expect((await readConfig({}, around))?.entries.get("token")?.texts).toEqual([
      "abcdefghijklmnop",
    ]);
    writeFileSync(file, "token: not one token\nserver: http://a/#t=secret\n");
    const message = await readConfig({}, around).catch((error: Error) => error.message);
    expect(message).toContain("instep.yaml:1:1: token: must be a token");
    expect(message).toContain("instep.yaml:2:1: server: has a token behind #");
    expect(message).not.toMatch(/not one|secret/);
  });

  test("an instep.yaml that every user may write is listened to only where somebody names it", async ({
    folder,
  }) => {
    const file = path.join(folder, "instep.yaml");
    writeFileSync(file, "port: 1\n");
    chmodSync(file, 0o666);
    const around = { env: {}, cwd: folder };
    await expect(readConfig({}, around)).rejects.toThrow("may be written by every user");
    expect(await readConfig({ config: "instep.yaml" }, around)).toMatchObject({ isNamed: true });
  });

  test.skipIf(!isRoot)(
    "an instep.yaml of another user is listened to only where somebody names it",
    async ({ folder }) => {
      const file = path.join(folder, "instep.yaml");
      writeFileSync(file, "port: 1\n");
      chownSync(file, 12_345, 12_345);
      const around = { env: {}, cwd: folder };
      await expect(readConfig({}, around)).rejects.toThrow(
        /^instep\.yaml: belongs to another user \(uid 12345\): if you trust it, name it with --config/,
      );
      expect(await readConfig({}, { ...around, env: { SUDO_UID: "12345" } })).not.toBeNull();
      expect(await readConfig({}, { ...around, env: { INSTEP_CONFIG: file } })).not.toBeNull();
    },
  );
});
