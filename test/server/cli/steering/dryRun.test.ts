/** `--dry-run` of `start` and `run`: what would be done, for people and for programs. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { commandTest as test } from "../../../support/servers/commandHere.js";

const RECIPE = `name: ship
inputs: { host: { type: string, required: true }, key: { type: secret } }
steps:
  - { action: build, title: Build it, run: touch ran, timeout: 5m }
  - { action: tell, run: 'true', enabled: false }
`;

const write = (folder: string) => {
  mkdirSync(path.join(folder, "workflows"));
  writeFileSync(path.join(folder, "workflows/ship.yaml"), RECIPE);
};

describe("--dry-run", () => {
  test("--dry-run of run shows the commands of a file, and runs none", async ({
    instep,
    folder,
  }) => {
    write(folder);
    const dry = instep(["run", "workflows/ship.yaml", "--dry-run", "--input", "host=web-7"]);
    expect(await dry.exitCode).toBe(0);
    expect(dry.stdout()).toContain("  host = web-7\n");
    expect(dry.stdout()).toContain("  1 build  Build it\n      at most 5m\n");
    expect(dry.stdout()).toContain("touch ran");
    expect(dry.stdout()).toContain("  2 tell  (skipped: it is switched off)\n");
    expect(dry.stdout()).toMatch(/INPUT_HOST .*\n\nNothing was started\.\n$/);
    expect(existsSync(path.join(folder, ".instep"))).toBe(false);
    expect(existsSync(path.join(folder, "workflows/ran"))).toBe(false);

    const wrong = instep(["run", "workflows/ship.yaml", "--dry-run"]);
    expect(await wrong.exitCode).toBe(2);
    expect(wrong.stderr()).toContain("host");
  });

  test("--dry-run of start shows no command, and one object to programs", async ({
    instep,
    folder,
    serve,
  }) => {
    write(folder);
    const { url } = await serve();
    const start = (...more: string[]) =>
      instep(["start", "ship", "--dry-run", "--server", url, ...more]);
    const dry = start("--input", "host=web-7", "--secret", "key");
    dry.type("very-secret\n");
    expect(await dry.exitCode).toBe(0);
    expect(dry.stdout()).toContain("  key = ***\n");
    expect(dry.stdout()).not.toContain("touch ran");
    const json = start("--input", "host=web-7", "--json");
    expect(await json.exitCode).toBe(0);
    expect(JSON.parse(json.stdout())).toMatchObject({ name: "ship", inputs: { host: "web-7" } });
    const wrong = start("--input", "hst=web-7");
    expect(await wrong.exitCode).toBe(2);
    expect(wrong.stderr()).toContain("hst");
    const list = instep(["list", "--server", url, "--json"]);
    expect(await list.exitCode).toBe(0);
    expect(list.stdout()).toBe("");
    expect(existsSync(path.join(folder, "workflows/ran"))).toBe(false);
  });
});
