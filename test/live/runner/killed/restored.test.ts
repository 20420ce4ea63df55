/** A workflow that runs in the server, its record damaged while the server was down, and restored: it goes on with what it was started with. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { fileNameOf } from "../../../../server/machine/fileName.js";
import { systemClock } from "../../../../shared/clock.js";
import { until } from "../../../support/deadline.js";
import { RUNNING_CLOCK, runnerTest as test } from "../../../support/servers/runnerWorld.js";

const TOLD = `
name: told
inputs:
  key: { type: secret }
steps:
  - { action: first, run: echo first }
  - action: second
    run: |
      i=0
      until test -e "$INSTEP_GO"; do i=$((i+1)); echo "::progress $i"; sleep 0.1; done
      test -n "$INPUT_KEY" && echo done
`;

describe("a restored workflow of the server's own", () => {
  test.for(["resume", "stop", "retry"] as const)(
    "a restored workflow of the server's own can be told to %s, also after another restart",
    async (kind, { runnerWorld, folder }) => {
      const go = join(folder, "go");
      let ahead = 0;
      const clock = { ...RUNNING_CLOCK, elapsed: () => systemClock.elapsed() + ahead };
      const world = await runnerWorld({ clock, env: { PATH: process.env.PATH, INSTEP_GO: go } });
      world.define("told.yaml", TOLD);
      const id = await world.start("told", { inputs: { key: "hidden-key" } });
      await world.until(id, ({ steps }) => steps[1]?.status === "in_progress");
      const path = join(world.server.dataDir, "workflows", `${fileNameOf(id)}.json`);
      const kept = /"second",\s*"status":\s*"in_progress"/;
      await until(async () => {
        // A record gets another version before it at most every 30 s.
        ahead += 31_000;
        return kept.test(await readFile(`${path}.bak`, "utf8").catch(() => ""));
      }, "its begin is in the version before, too");
      await world.server.stop();
      const text = await readFile(path, "utf8");
      await writeFile(path, text.slice(0, -20));
      for (let start = 1; start <= 2; start++) await world.server.restart();

      const restored = await world.command("restore", { workflow_id: id });
      expect(restored.body).toMatchObject({ success: true });
      await world.server.restart();
      expect(await world.stateOf(id)).toMatchObject({
        status: "interrupted",
        interruption: { reason: "restored" },
        recovered_from_backup: {},
      });
      await writeFile(go, "");
      if (kind !== "resume") await world.command("stop", { workflow_id: id });
      if (kind === "stop") return expect((await world.ended(id)).status).toBe("cancelled");
      const { body } = await world.command(kind, { workflow_id: id });
      expect(await world.ended(body.workflow_id)).toMatchObject({ status: "completed" });
      expect(await world.outputOf(body.workflow_id, 1)).toMatch(/^(?:::progress \d+\n)*done\n$/);
    },
  );
});
