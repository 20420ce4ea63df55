import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { cliTest } from "../../../support/servers/builtCommand.js";
import { commandTest } from "../../../support/servers/commandHere.js";

/** A browser that notes what it is called with. */
function browserIn(folder: string, exitCode = 0): { BROWSER: string; opened(): string[] } {
  const file = path.join(folder, "browser");
  const notes = path.join(folder, "opened");
  writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' "$@" >> ${notes}\nexit ${exitCode}\n`);
  chmodSync(file, 0o700);
  return {
    BROWSER: file,
    opened: () => (existsSync(notes) ? readFileSync(notes, "utf8").trimEnd().split("\n") : []),
  };
}

async function save(url: string, workflow_id: string): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ workflow_id, steps: [{ action: "one" }] });
  expect((await fetch(`${url}/workflow/state`, { method: "POST", headers, body })).status).toBe(
    200,
  );
}

describe("instep open", () => {
  commandTest(
    "opens the page of the server, or of a workflow",
    async ({ serve, instep, folder }) => {
      const { url } = await serve();
      await save(url, "a:b");
      const { BROWSER, opened } = browserIn(folder);
      const open = async (...args: string[]) => {
        const run = instep(["open", ...args], { INSTEP_URL: url, BROWSER });
        expect(await run.exitCode).toBe(0);
        expect(run.stderr()).toBe("");
        return run.stdout();
      };
      expect(await open()).toBe(`${url}/\n`);
      expect(await open("a:b")).toBe(`${url}/w/a%3Ab\n`);
      expect(await open(`${url}/w/a%3Ab`)).toBe(`${url}/w/a%3Ab\n`);
      expect(JSON.parse(await open("current", "--json"))).toEqual({
        url: `${url}/w/a%3Ab`,
        opened: true,
      });
      const page = `${url}/w/a%3Ab`;
      expect(opened()).toEqual([`${url}/`, page, page, page]);
      expect(await open("--no-browser")).toBe(`${url}/\n`);
      expect(opened()).toHaveLength(4);
    },
  );

  cliTest("prints the address where it opens nothing, and says why", async ({ serve, instep }) => {
    const { url } = await serve();
    const ssh = instep(["open"], { INSTEP_URL: url, DISPLAY: ":0", SSH_TTY: "/dev/pts/1" });
    expect(await ssh.exitCode).toBe(0);
    expect(ssh.stdout()).toBe(`${url}/\n`);
    expect(ssh.stderr()).toMatch(/^Not opened: this is an SSH session.*\.\n$/);
    const json = instep(["open", "--json"], { INSTEP_URL: url, SSH_TTY: "/dev/pts/1" });
    expect(await json.exitCode).toBe(0);
    expect(JSON.parse(json.stdout())).toMatchObject({ url: `${url}/`, opened: false });
    expect(json.stderr()).toBe("");
  });

  commandTest(
    "instep open says what became of a browser that fails",
    async ({ serve, instep, folder }) => {
      const { url } = await serve();
      const { BROWSER } = browserIn(folder, 3);
      const failing = instep(["open"], { INSTEP_URL: url, BROWSER });
      expect(await failing.exitCode).toBe(1);
      expect(failing.stdout()).toBe(`${url}/\n`);
      expect(failing.stderr()).toBe(`Not opened: ${BROWSER} ended with exit code 3.\n`);
      const json = instep(["open", "--json"], { INSTEP_URL: url, BROWSER });
      expect(await json.exitCode).toBe(1);
      const why = `${BROWSER} ended with exit code 3`;
      expect(JSON.parse(json.stdout())).toEqual({ url: `${url}/`, opened: false, why });
      expect(JSON.parse(json.stderr())).toMatchObject({
        error: { message: `Not opened: ${why}.` },
      });
      const missing = instep(["open"], { INSTEP_URL: url, BROWSER: "no-such-browser" });
      expect(await missing.exitCode).toBe(1);
      expect(missing.stderr()).toBe("Not opened: there is no no-such-browser.\n");
    },
  );

  commandTest("opens nothing that is not there", async ({ serve, instep, folder }) => {
    const { url } = await serve();
    const { BROWSER, opened } = browserIn(folder);
    for (const [id, code, said] of [
      ["nobody", 1, "There is no workflow nobody."],
      ["current", 1, "Nothing is running."],
      ["$(touch owned)", 2, "is no workflow's id"],
    ] as const) {
      const run = instep(["open", id], { INSTEP_URL: url, BROWSER });
      expect(await run.exitCode).toBe(code);
      expect(run.stderr()).toContain(said);
      expect(run.stdout()).toBe("");
    }
    const nowhere = instep(["open", "--server", "http://127.0.0.1:9"], { BROWSER });
    expect(await nowhere.exitCode).toBe(5);
    expect(opened()).toEqual([]);
    expect(existsSync(path.join(folder, "owned"))).toBe(false);
  });
});
