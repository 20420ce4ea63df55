/** Secrets that the server reads by itself: nobody gives them, nobody sees them, and each run gets them as they are then. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { DefinitionsAnswer } from "../../../../shared/wire/rest.js";
import { keptTexts } from "../../../support/disks/keptTexts.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const RECIPE = `
name: publish
on_restart: resume
inputs:
  token: { type: secret, title: Token, from: { env: REGISTRY_TOKEN } }
  key: { type: secret, from: { file: key.txt } }
  host: { type: string, default: example.org }
steps:
  - action: show
    run: |
      printf '%s|%s' "$INPUT_TOKEN" "$INPUT_KEY" | sha256sum
      echo "$INPUT_TOKEN $INPUT_KEY \${REGISTRY_TOKEN-not passed}"
      exit 1
`;
const sum = (text: string) => createHash("sha256").update(text).digest("hex");

describe("a secret from the server", () => {
  test("a secret from the server reaches commands whole, and is *** everywhere else", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld({ secretEnv: { REGISTRY_TOKEN: "token-from-env" } });
    const { dataDir } = world.server;
    world.define("publish.yaml", RECIPE);
    world.define("key.txt", "-----BEGIN-----\nkey-from-file\n-----END-----\r\n\n");
    const id = await world.start("publish");
    const { inputs, steps } = await world.ended(id);
    expect(inputs).toEqual({ host: "example.org", token: "***", key: "***" });
    const key = "-----BEGIN-----\nkey-from-file\n-----END-----";
    const printed = await world.outputOf(id, 0);
    expect(printed).toContain(sum(`token-from-env|${key}`));
    expect(printed).toContain("*** *** not passed");
    expect(JSON.stringify(steps)).not.toContain("from-");
    // Kept nowhere: not even in the file with the other secrets.
    const folders = ["workflows", "journal", "runs", "outputs", "private", "logs"];
    const texts = await keptTexts(dataDir, folders);
    expect(texts.join("")).toContain("example.org");
    for (const text of texts) expect(text).not.toContain("from-env");
  });

  test("a secret from the server is read again by a retry", async ({ runnerWorld }) => {
    const world = await runnerWorld({ secretEnv: { REGISTRY_TOKEN: "token-from-env" } });
    world.define("publish.yaml", RECIPE);
    world.define("key.txt", "old-key-of-file\n");
    const id = await world.start("publish");
    await world.ended(id);
    world.define("key.txt", "new-key-of-file\n");
    const { body } = await world.command("retry", { workflow_id: id });
    await world.ended(body.workflow_id);
    expect(await world.outputOf(body.workflow_id, 0)).toContain(
      sum("token-from-env|new-key-of-file"),
    );
    world.define("key.txt", "\n");
    const refused = await world.command("retry", { workflow_id: id });
    expect(refused.status).toBe(409);
    expect(refused.body.code).toBe("secret_missing");
  });

  test("a value that somebody gives for a secret from the server is refused", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld({ secretEnv: { REGISTRY_TOKEN: "token-from-env" } });
    world.define("publish.yaml", RECIPE);
    world.define("key.txt", "x");
    const { status, body } = await world.command("start", {
      name: "publish",
      inputs: { token: "mine" },
    });
    expect([status, body.code]).toEqual([400, "bad_message"]);
    expect(body.errors).toEqual([
      { path: "inputs.token", message: "is taken from the server and cannot be given" },
    ]);
  });

  test("a start whose secret is not at the server is refused, and told where it was looked for", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld({ secretEnv: {} });
    world.define("publish.yaml", RECIPE);
    const { status, body } = await world.command("start", { name: "publish" });
    expect([status, body.code]).toEqual([409, "secret_missing"]);
    expect(body.errors).toEqual([
      {
        path: "inputs.token",
        message:
          "is taken from the environment variable REGISTRY_TOKEN of the server, which is not set",
      },
      {
        path: "inputs.key",
        message: "is taken from the file key.txt on the server, which is not there",
      },
    ]);
    expect((await world.server.get("/workflows")).body.workflows).toEqual([]);
  });

  test.for<[string, (path: string) => void]>([
    ["is a folder, not a file", (path) => mkdirSync(path)],
    ["is a pipe, not a file", (path) => execFileSync("mkfifo", [path])],
    ["is larger than 8192 bytes", (path) => writeFileSync(path, "x".repeat(9_000))],
    ["is not UTF-8 text", (path) => writeFileSync(path, Buffer.of(0xff, 0xfe, 0x61))],
    ["contains NUL", (path) => writeFileSync(path, "a\0b")],
    ["is empty", (path) => writeFileSync(path, "\r\n\n")],
    ["cannot be read (ELOOP)", (path) => symlinkSync(path, path)],
  ])(
    "a secret from the server in a file that %s is refused with these words",
    async ([why, make], { runnerWorld }) => {
      const world = await runnerWorld({ secretEnv: { REGISTRY_TOKEN: "t" } });
      world.define("publish.yaml", RECIPE);
      world.define("key.txt", "");
      const path = join(world.server.dataDir, "..", "workflows", "key.txt");
      rmSync(path);
      make(path);
      const { body } = await world.command("start", { name: "publish" });
      expect(body.errors?.[0]?.message).toBe(
        `is taken from the file key.txt on the server, which ${why}`,
      );
    },
  );

  test("a secret from the server is told to those who start it with where it comes from, and to watchers without", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld({
      tokens: [
        { token: "watch-token", can: "watch" },
        { token: "drive-token", can: "drive" },
      ],
    });
    world.define("publish.yaml", RECIPE);
    const seen = async (token: string) => {
      const headers = { Authorization: `Bearer ${token}` };
      const { body } = await world.server.get("/workflow/definitions", headers);
      const { definitions } = body as unknown as DefinitionsAnswer;
      return definitions.find(({ name }) => name === "publish")?.inputs.key;
    };
    expect(await seen("drive-token")).toEqual({ type: "secret", from: { file: "key.txt" } });
    expect(await seen("watch-token")).toEqual({ type: "secret", from: "***" });
  });
});
