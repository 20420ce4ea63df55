/** `instep backup` that is killed: nothing that it leaves behind is taken for a backup, and the next one is whole. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { until, within } from "../../support/deadline.js";
import { call } from "../../support/links/rest.js";
import { MAIN } from "../../support/servers/builtCommand.js";
import { commandLine } from "../../support/servers/commandLine.js";
import { processTest } from "../../support/servers/serverProcess.js";

const WORKFLOWS = 100;

describe("instep backup, killed", () => {
  processTest(
    "what a killed backup leaves behind is refused by restore, and the next backup of that name is whole",
    async ({ start, folder }) => {
      const data = join(folder, "data");
      const url = await start(data).ready;
      for (let n = 0; n < WORKFLOWS; n++) {
        const body = { workflow_id: `w-${n}`, steps: [{ action: "go" }] };
        expect((await call(`${url}/workflow/state`, "POST", { body })).status).toBe(200);
      }
      const backup = ["backup", "nightly", "--data-dir", data];
      const halves = async () => (await readdir(folder)).filter((name) => name.endsWith(".half"));
      const isWhole = () => existsSync(join(folder, "nightly"));

      const killed = spawn(process.execPath, [MAIN, ...backup], { cwd: folder, stdio: "ignore" });
      const ended = once(killed, "exit");
      await until(async () => isWhole() || (await halves()).length > 0, "it to begin");
      killed.kill("SIGKILL");
      await within(ended, () => "the backup to be gone");

      const tell = (...args: string[]) => commandLine(args, { cwd: folder });
      const left = await halves();
      // It may have been quicker than the kill: then it is a backup like any other.
      expect(left.length + Number(isWhole())).toBe(1);
      for (const half of left) {
        const { code, stderr } = await tell("restore", half, "--data-dir", join(folder, "again"));
        expect([code, stderr]).toEqual([1, expect.stringContaining("is no whole backup")]);
        expect(existsSync(join(folder, "again"))).toBe(false);
        expect((await tell(...backup)).code).toBe(0);
      }
      const { code, stderr } = await tell("restore", "nightly", "--data-dir", join(folder, "new"));
      expect([code, stderr]).toEqual([0, ""]);
      const there = await start(join(folder, "new")).ready;
      const { body } = await call(`${there}/workflows?limit=${WORKFLOWS}`, "GET");
      expect(body.workflows).toHaveLength(WORKFLOWS);
    },
  );
});
