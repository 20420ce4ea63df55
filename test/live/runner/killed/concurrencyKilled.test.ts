/** A group whose server is killed without warning, again and again: never two at once, and the line stays as it was. */
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { cliTest } from "../../../support/servers/builtCommand.js";
import { type RunnerCalls, runnerAt } from "../../../support/servers/runnerWorld.js";

interface Life extends RunnerCalls {
  kill(): Promise<void>;
}

const test = cliTest.extend<{ begin: () => Promise<Life> }>({
  begin: async ({ serve, folder }, use) => {
    const workflows = path.join(folder, "workflows");
    mkdirSync(workflows);
    await use(async () => {
      const { url, process } = await serve("--clear-after", "1h");
      const kill = async () => {
        process.signal("SIGKILL");
        await process.exitCode;
      };
      return { ...runnerAt(() => url, workflows), kill };
    });
  },
});

/** Says when it begins and ends, and whether another one was at work then. */
const DEPLOY = (more: string, survives = true) => `
name: deploy
on_restart: resume
concurrency: ${more}
steps:
  - action: a
    idempotent: true
    survives: ${survives}
    run: |
      mkdir busy 2>/dev/null || test "$(cat busy/who)" = "$INSTEP_WORKFLOW_ID" || { echo twice >> wrong; exit 1; }
      echo "$INSTEP_WORKFLOW_ID" > busy/who
      echo "$INSTEP_WORKFLOW_ID" >> order
      echo begun
      until test -e "go-$INSTEP_WORKFLOW_ID"; do sleep 0.02; done
      rm -r busy
`;

describe("a killed server", () => {
  test.for([true, false])(
    "a killed server goes on with the one that ran, and the others wait as before; its command outlives it: %s",
    async (survives, { begin, folder }) => {
      let life = await begin();
      const attempt = survives ? 1 : 2;
      life.define("deploy.yaml", DEPLOY("1", survives));
      const ids = ["d1", "d2", "d3"];
      for (const id of ids) await life.start("deploy", { workflow_id: id });
      for (const [place, id] of ids.entries()) {
        await life.until(id, ({ steps }) => steps[0]?.message === "begun");
        await life.kill();
        life = await begin();
        await life.until(
          id,
          ({ steps }) => steps[0]?.attempt === attempt && steps[0].message === "begun",
        );
        const next = ids[place + 1];
        if (next) {
          await life.until(next, ({ queued }) => queued?.behind === id);
        }
        life.define(`go-${id}`, "");
        expect((await life.ended(id)).status).toBe("completed");
      }
      const order = readFileSync(path.join(folder, "workflows", "order"), "utf8");
      expect(order).toBe(ids.map((id) => `${id}\n`.repeat(attempt)).join(""));
    },
  );

  test("a killed server still replaces the one that ran, once nothing of it runs any more", async ({
    begin,
    folder,
  }) => {
    const first = await begin();
    first.define("deploy.yaml", DEPLOY("{ when_busy: cancel_running }"));
    await first.start("deploy", { workflow_id: "d1" });
    await first.until("d1", ({ steps }) => steps[0]?.message === "begun");
    await first.start("deploy", { workflow_id: "d2" });
    await first.kill();
    const second = await begin();
    const replaced = await second.ended("d1");
    expect([replaced.status, replaced.replaced_by]).toEqual(["cancelled", "d2"]);
    // Its folder is there still, as its command was killed: d2 sees it, and says so.
    await second.ended("d2");
    const order = readFileSync(path.join(folder, "workflows", "order"), "utf8");
    expect(order.startsWith("d1\n")).toBe(true);
    expect(
      Date.parse((await second.stateOf("d2")).steps[0]?.started_at ?? ""),
    ).toBeGreaterThanOrEqual(Date.parse(replaced.end_time ?? ""));
  });
});
