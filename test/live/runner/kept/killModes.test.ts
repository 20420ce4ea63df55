/** The ways in which a service manager stops a unit, by the same signals as systemd's KillMode: what lives on is taken up, what was ended is never told as failed. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { allProcesses, hasVariable, isRunning } from "../../../../server/machine/processes.js";
import { processOf } from "../../../../shared/state/stepProcess.js";
import { processesOf, untilNoneOf } from "../../../support/servers/processes.js";
import { type Life, livesTest as test } from "../../../support/servers/serverLives.js";

const RECIPE = `name: flow
steps:
  - action: waits
    run: |
      echo begins
      until test -e go; do sleep 0.02; done
  - { action: behind, run: echo behind }
`;

/** All that the unit would hold: the server, its commands and their keepers. */
const unitOf = (folder: string): readonly number[] =>
  (allProcesses() ?? [])
    .filter(isRunning)
    .map(({ pid }) => pid)
    .filter((pid) => hasVariable(pid, `HOME=${folder}`));

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It went with another one.
    }
  }
}

async function stopLike(mode: string, { process }: Life, folder: string): Promise<void> {
  if (mode === "control-group") signalAll(unitOf(folder), "SIGTERM");
  else process.signal("SIGTERM");
  expect(await process.exitCode).toBe(0);
  if (mode !== "process") signalAll(unitOf(folder), "SIGKILL");
}

async function atWork(life: Life): Promise<string> {
  life.define("flow.yaml", RECIPE);
  const id = await life.start("flow");
  await life.until(
    id,
    ({ steps }) => steps[0]?.message === "begins" && processOf(steps[0].data) !== null,
  );
  return id;
}

describe("a unit that is stopped", () => {
  test("a command lives on with KillMode=process, and the next start of the unit goes on with it", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    const id = await atWork(first);
    await stopLike("process", first, folder);
    expect(processesOf(id).length).toBeGreaterThan(0);
    const second = await lives.begin();
    writeFileSync(path.join(folder, "workflows", "go"), "");
    const { status, steps } = await second.ended(id);
    expect([status, steps[0]?.attempt]).toEqual(["completed", 1]);
  });

  for (const mode of ["mixed", "control-group"]) {
    for (const flags of [[], ["--on-stop", "end"]]) {
      test(`nothing lives on with KillMode=${mode} and the flags "${flags.join(" ")}", and the workflow is interrupted, not failed`, async ({
        lives,
        folder,
      }) => {
        const first = await lives.begin(...flags);
        const id = await atWork(first);
        await stopLike(mode, first, folder);
        await untilNoneOf(id);
        const second = await lives.begin();
        expect(await second.stateOf(id)).toMatchObject({
          status: "interrupted",
          interruption: { reason: "server_restart", step: 0 },
          steps: [{ status: "interrupted", attempt: 1 }, { status: "pending" }],
        });
        await second.command("resume", { workflow_id: id });
        writeFileSync(path.join(folder, "workflows", "go"), "");
        expect((await second.ended(id)).status).toBe("completed");
      });
    }
  }

  test("the kernel's end of the server alone, for lack of memory, leaves the command at work", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    const id = await atWork(first);
    await first.kill();
    const second = await lives.begin();
    expect((await second.stateOf(id)).status).toBe("running");
    writeFileSync(path.join(folder, "workflows", "go"), "");
    expect((await second.ended(id)).status).toBe("completed");
  });
});
