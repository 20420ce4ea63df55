/** `instep run --take-up` where there is nothing to take up, or not here: each with its sentence. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { commandTest as test } from "../../../support/servers/commandHere.js";

const FLOW = JSON.stringify({ name: "flow", steps: [{ action: "one", run: "echo hello" }] });

describe("instep run --take-up", () => {
  test("a workflow that has ended is shown, and ends the call as it ended itself", async ({
    instep,
    folder,
  }) => {
    writeFileSync(path.join(folder, "flow.yaml"), FLOW.replace("echo hello", "exit 3"));
    const run = instep(["run", "flow.yaml"]);
    expect(await run.exitCode).toBe(1);
    const [page, id] = /http:\S+\/w\/(\S+)/.exec(run.stdout())!;
    for (const named of [id!, page, "current"]) {
      const again = instep(["run", "--take-up", named]);
      expect(await again.exitCode).toBe(1);
      expect(again.stdout()).toContain("✗ [1/1] one: failed");
      expect(again.stdout()).toContain("It had ended already: there was nothing to take up.\n");
    }

    const unknown = instep(["run", "--take-up", `${id}0`]);
    expect(await unknown.exitCode).toBe(1);
    expect(unknown.stderr()).toBe(
      `instep: There is no workflow ${id}0. The folder is ${path.join(folder, ".instep")}.\n`,
    );
  });

  test("a folder without a store has nothing to take up, and none is begun", async ({ instep }) => {
    for (let again = 0; again < 2; again++) {
      const call = instep(["run", "--take-up", "flow-1", "--data-dir", "data"]);
      expect(await call.exitCode).toBe(1);
      expect(call.stderr()).toMatch(/^instep: The data folder \S+\/data holds no store\./);
    }
  });

  test("where a server has the folder, the call says how to follow the workflow there", async ({
    instep,
    serve,
  }) => {
    await serve("--data-dir", "data");
    const call = instep(["run", "--take-up", "flow-1", "--data-dir", "data"]);
    expect(await call.exitCode).toBe(75);
    expect(call.stderr()).toMatch(
      /It is driven there\. To follow it: .*watch flow-1 --server http:\/\/127\.0\.0\.1:4747\n/,
    );
  });

  test("a workflow of a driver of its own is not taken up", async ({ instep, serve }) => {
    const { url, process } = await serve("--data-dir", "data");
    const body = JSON.stringify({ workflow_id: "theirs", steps: [{ action: "one" }] });
    const headers = { "Content-Type": "application/json" };
    await fetch(`${url}/workflow/state`, { method: "POST", headers, body });
    process.signal("SIGTERM");
    await process.exitCode;
    const call = instep(["run", "--take-up", "theirs", "--data-dir", "data"]);
    expect(await call.exitCode).toBe(1);
    expect(call.stderr()).toContain("theirs was started by a driver of its own");
  });

  test.for([
    [["flow.yaml"], "--take-up goes on with what was started, and needs no file."],
    [["--input", "a=b"], "--input: is for a start, and --take-up goes on with what was started"],
    [["--dry-run"], "--dry-run: is for a start, and --take-up goes on with what was started"],
    [["--init"], "--init: is for a start, and --take-up goes on with what was started"],
    [["--server", "4747"], "--server: a workflow of another server is driven there"],
  ] as const)("--take-up does not go with %j", async ([words, sentence], { instep }) => {
    const call = instep(["run", "--take-up", "flow-1", ...words]);
    expect(await call.exitCode).toBe(2);
    expect(call.stderr()).toContain(sentence);
  });

  test("neither a file nor an id is a mistake in the words of the call", async ({ instep }) => {
    const call = instep(["run"]);
    expect(await call.exitCode).toBe(2);
    expect(call.stderr()).toMatch(/^instep: missing required argument 'file'\.\n/);
    const id = instep(["run", "--take-up", "../etc"]);
    expect(await id.exitCode).toBe(2);
    expect(id.stderr()).toBe('instep: --take-up: "../etc" is no workflow\'s id\n');
  });
});
