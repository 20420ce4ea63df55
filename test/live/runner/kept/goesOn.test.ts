/** What comes behind a command that was taken up, or lost: another attempt, cleaning up, being told, a retry, and waiting for somebody. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { commandLineOf, processesOf, untilNoneOf } from "../../../support/servers/processes.js";
import { awaits, counts, own, printed, says, betweenTest as test } from "./killedBetween.js";

const WAITS = `run: '${counts}; echo begun; ${awaits("go")}; echo over'`;
const waits = (more = "") => `steps:\n  - { action: work, ${more}${WAITS} }\n`;

describe("an attempt that was taken up", () => {
  test("an attempt that fails while there is no server is followed by the next one, as retries says", async ({
    between,
  }) => {
    const run = `${counts}; echo begun; ${awaits("go")}; touch failed; test $INSTEP_ATTEMPT = 2`;
    const first = await between.first({
      tries: `steps:\n  - { action: work, retries: 2, backoff: 0s, run: '${run}' }\n  - { action: after, run: echo after }\n`,
    });
    const id = await first.start("tries");
    await first.until(id, says(0, "begun"));
    const second = await between.next(first, () => {
      between.give("go");
      return between.written("failed");
    });
    const { status, steps } = await second.ended(id);
    expect([status, steps[0]]).toMatchObject([
      "completed",
      { attempt: 2, attempts: [{ attempt: 1, status: "failed", error: "exit code 1" }] },
    ]);
    expect(printed(await second.outputOf(id, 0, 1))).toBe("begun\n");
    expect(await second.outputOf(id, 0, 2)).toBe("begun\n");
    expect(between.textOf("runs")).toBe("0 1\n0 2\n");
  });

  test("an attempt that waits to be made again is made by the next server, with nobody asked", async ({
    between,
  }) => {
    const run = `${counts}; test $INSTEP_ATTEMPT = 2`;
    const first = await between.first({
      tries: `steps:\n  - { action: work, retries: 1, backoff: 3s, run: '${run}' }\n`,
    });
    const id = await first.start("tries");
    await first.until(id, ({ steps }) => steps[0]?.retry_at != null);
    const second = await between.next(first);
    const { status, steps } = await second.ended(id);
    expect([status, steps[0]?.attempt]).toEqual(["completed", 2]);
    expect(between.textOf("runs")).toBe("0 1\n0 2\n");
  });

  test.for(["ask", "resume"])(
    "an attempt that is still at work goes on whatever on_restart says: %s",
    async (onRestart, { between }) => {
      const first = await between.first({ waits: `on_restart: ${onRestart}\n${waits()}` });
      const id = await first.start("waits");
      const before = await first.until(id, says(0, "begun"));
      const second = await between.next(first);
      const found = await second.stateOf(id);
      expect(found).toMatchObject({
        status: "running",
        steps: [{ status: "in_progress", attempt: 1, started_at: before.steps[0]?.started_at }],
      });
      expect(found).not.toHaveProperty("interruption");
      between.give("go");
      expect((await second.ended(id)).status).toBe("completed");
      expect(printed(await second.outputOf(id, 0))).toBe("begun\nover\n");
      expect(between.textOf("runs")).toBe("0 1\n");
    },
  );

  test("an attempt that ended with the server because it was told to is interrupted, and may be made again", async ({
    between,
  }) => {
    const first = await between.first({ waits: waits("survives: false, ") });
    const id = await first.start("waits");
    await first.until(id, says(0, "begun"));
    const second = await between.next(first);
    await second.until(id, ({ interruption }) => interruption?.processes === "ended");
    expect((await second.stateOf(id)).status).toBe("interrupted");
    between.give("go");
    await second.command("resume", { workflow_id: id });
    expect(await second.ended(id)).toMatchObject({ status: "completed", steps: [{ attempt: 2 }] });
    expect(between.textOf("runs")).toBe("0 1\n0 2\n");
  });

  test("a workflow whose command was taken up can be retried when it has failed", async ({
    between,
  }) => {
    const run = `${counts}; echo begun; ${awaits("go")}; test -e mended`;
    const first = await between.first({ fails: `steps:\n  - { action: work, run: '${run}' }\n` });
    const id = await first.start("fails");
    await first.until(id, says(0, "begun"));
    const second = await between.next(first);
    between.give("go");
    expect((await second.ended(id)).status).toBe("failed");
    between.give("mended");
    const { body } = await second.command("retry", { workflow_id: id });
    expect((await second.ended(body.workflow_id)).status).toBe("completed");
    expect(between.textOf("runs")).toBe("0 1\n0 1\n");
  });
});

describe("behind a command that was taken up", () => {
  test("cleaning up that is at work when the server is killed goes on, and comes to the same end", async ({
    between,
  }) => {
    const clean = `run: '${counts}; echo cleaning; ${awaits("go")}'`;
    const first = await between.first({
      tidy: `steps:\n  - { action: build, run: exit 3 }\n  - { action: clean, when: always, ${clean} }\n`,
    });
    const id = await first.start("tidy");
    await first.until(id, says(1, "cleaning"));
    const second = await between.next(first);
    expect(await second.stateOf(id)).toMatchObject({
      status: "running",
      ending: { status: "failed" },
    });
    between.give("go");
    expect(await second.ended(id)).toMatchObject({
      status: "failed",
      error_message: "build: exit code 3",
      steps: [{ status: "failed" }, { status: "completed", attempt: 1 }],
    });
    expect(between.textOf("runs")).toBe("1 1\n");
  });

  test("a workflow whose command was taken up is told of once when it has ended", async ({
    between,
  }) => {
    const first = await between.first({
      told: `on_end: { run: 'echo "$INSTEP_STATUS" >> told' }\n${waits()}`,
    });
    const id = await first.start("told");
    await first.until(id, says(0, "begun"));
    const second = await between.next(await between.next(first));
    between.give("go");
    await second.ended(id);
    await second.until(
      id,
      ({ hook_runs }) => hook_runs !== undefined && JSON.stringify(hook_runs).includes("completed"),
    );
    expect(between.textOf("told")).toBe("completed\n");
  });
});

describe("a keeper that is killed", () => {
  const killKeepers = (folder: string) => {
    const keepers = path.join(folder, ".instep", "keepers");
    for (const pid of keepersIn(keepers)) kill(pid);
  };

  test("a keeper that is killed while there is no server leaves its step interrupted, and nothing at work", async ({
    between,
    folder,
  }) => {
    const first = await between.first({ waits: waits() });
    const id = await first.start("waits");
    await first.until(id, says(0, "begun"));
    const second = await between.next(first, () => {
      killKeepers(folder);
      for (const pid of processesOf(id)) kill(pid);
    });
    const state = await second.until(id, ({ status }) => status === "interrupted");
    expect(state.steps[0]).toMatchObject({ status: "interrupted", attempt: 1 });
    await untilNoneOf(id);
    between.give("go");
    await second.command("resume", { workflow_id: id });
    expect(await second.ended(id)).toMatchObject({ status: "completed", steps: [{ attempt: 2 }] });
    expect(own(await second.outputOf(id, 0, 2))).toEqual([]);
  });

  test("a keeper that is killed under its server leaves its step interrupted, with the reason that nobody knows its end", async ({
    between,
    folder,
  }) => {
    const first = await between.first({ waits: waits() });
    const id = await first.start("waits");
    await first.until(id, says(0, "begun"));
    const second = await between.next(first);
    await second.until(id, ({ status }) => status === "running");
    killKeepers(folder);
    for (const pid of processesOf(id)) kill(pid);
    const state = await second.until(id, ({ status }) => status === "interrupted");
    expect(state).toMatchObject({
      interruption: { reason: "command_lost" },
      steps: [{ status: "interrupted", attempt: 1 }],
    });
    await untilNoneOf(id);
  });
});

/** The shells and programs of keepers whose folders are there. */
function keepersIn(keepers: string): readonly number[] {
  const folders = readdirSync(keepers).filter((name) => !name.startsWith("."));
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => folders.some((name) => commandLineOf(pid).includes(name)));
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It went with another one.
  }
}
