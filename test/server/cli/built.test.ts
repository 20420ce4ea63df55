/** The built command does what its sources do: what only goes wrong in the files that are made of them. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import * as server from "../../../server/server.js";
import { cliTest } from "../../support/servers/builtCommand.js";

const BUILT = fileURLToPath(new URL("../../../dist/command/", import.meta.url));

cliTest("the list shows titles in any language", async ({ instep, serve }) => {
  const { url } = await serve();
  const saved = await fetch(`${url}/workflow/state`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ workflow_id: "plain", title: "Über 日本 🚀", steps: [{ action: "a" }] }),
  });
  expect(saved.status).toBe(200);
  const list = instep(["list", "--server", url]);
  expect({ code: await list.exitCode, stderr: list.stderr() }).toEqual({ code: 0, stderr: "" });
  expect(list.stdout()).toContain("Über 日本 🚀");
});

test("no built file takes the default export of an ES module for its whole namespace", () => {
  const files = readdirSync(BUILT).filter((name) => name.endsWith(".cjs"));
  expect(files.length).toBeGreaterThan(10);
  const mistaken = files.filter((name) =>
    /__toESM\([\w$]+, 1\)/.test(readFileSync(path.join(BUILT, name), "utf8")),
  );
  expect(mistaken).toEqual([]);
});

test("the package gives out as few files what its sources export, and nothing beside it", async () => {
  const { exports } = JSON.parse(readFileSync(path.join(BUILT, "../../package.json"), "utf8"));
  const { default: _, ...given } = await import(path.join(BUILT, "../..", exports["."].default));
  expect(Object.keys(given).sort()).toEqual(Object.keys(server).sort());
});
