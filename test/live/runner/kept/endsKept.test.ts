/** What ends a command is the same under the server that takes it up: its time, a cancel, a kill, another branch, the time of all. */
import { describe, expect } from "vitest";
import type { Step } from "../../../../shared/schema/workflow.js";
import { branchesOf } from "../../../../shared/state/stepPlace.js";
import { until } from "../../../support/deadline.js";
import { processesOf, untilNoneOf } from "../../../support/servers/processes.js";
import { awaits, counts, own, says, betweenTest as test } from "./killedBetween.js";

/** Says when it is told to end. */
const LONG = `    run: |
      ${counts}
      trap 'echo told; exit 9' TERM
      echo begun
      while :; do sleep 0.05; done
`;
const DEAF = `    run: |
      ${counts}
      trap '' TERM
      echo begun
      while :; do sleep 0.05; done
`;
const tookMs = ({ started_at, finished_at }: Step): number =>
  Date.parse(finished_at!) - Date.parse(started_at!);

describe("a command under the server that took it up", () => {
  test("a command that was taken up takes no longer than its timeout, counted from its beginning", async ({
    between,
  }) => {
    const first = await between.first({
      long: `steps:\n  - action: work\n    timeout: 8s\n${LONG}`,
    });
    const id = await first.start("long");
    await first.until(id, says(0, "begun"));
    const second = await between.next(first);
    const { status, steps } = await second.ended(id);
    expect([status, steps[0]]).toMatchObject([
      "failed",
      { attempt: 1, status: "failed", error: "took longer than 8s and was stopped" },
    ]);
    expect(tookMs(steps[0]!)).toBeGreaterThanOrEqual(7_900);
    expect(await second.outputOf(id, 0)).toContain("told\n");
    expect(between.textOf("runs")).toBe("0 1\n");
    await untilNoneOf(id);
  });

  test("a command whose time is over while there is no server is ended by the next one", async ({
    between,
  }) => {
    const first = await between.first({
      long: `steps:\n  - action: work\n    timeout: 8s\n${LONG}`,
    });
    const id = await first.start("long");
    const before = await first.until(id, says(0, "begun"));
    const since = Date.parse(before.steps[0]!.started_at!);
    const second = await between.next(first, () =>
      until(() => Date.now() - since > 8_100, "its time is over"),
    );
    const { steps } = await second.ended(id);
    expect(steps[0]?.error).toBe("took longer than 8s and was stopped");
    await untilNoneOf(id);
  });

  test("a command that was taken up is told to end by a cancel, and killed by one that cannot wait", async ({
    between,
  }) => {
    const first = await between.first({
      long: `steps:\n  - action: work\n${LONG}`,
      deaf: `steps:\n  - action: work\n${DEAF}`,
    });
    const [long, deaf] = [await first.start("long"), await first.start("deaf")];
    for (const id of [long, deaf]) await first.until(id, says(0, "begun"));
    const second = await between.next(first);
    await second.command("stop", { workflow_id: long });
    expect(await second.ended(long)).toMatchObject({
      status: "cancelled",
      steps: [{ status: "cancelled", attempt: 1 }],
    });
    expect(await second.outputOf(long, 0)).toContain("told\n");
    await second.command("stop", { workflow_id: deaf });
    expect(processesOf(deaf)).not.toEqual([]);
    await second.command("stop", { workflow_id: deaf, now: true });
    expect(await second.ended(deaf)).toMatchObject({
      status: "cancelled",
      steps: [{ status: "cancelled", attempt: 1 }],
    });
    for (const id of [long, deaf]) await untilNoneOf(id);
  });

  test("a cancel that the killed server was asked for is carried out by the next one", async ({
    between,
  }) => {
    const first = await between.first({
      deaf: `steps:\n  - action: work\n    stop_timeout: 3s\n${DEAF}`,
    });
    const id = await first.start("deaf");
    await first.until(id, says(0, "begun"));
    await first.command("stop", { workflow_id: id });
    const second = await between.next(first);
    expect(await second.ended(id)).toMatchObject({
      status: "cancelled",
      steps: [{ status: "cancelled", attempt: 1 }],
    });
    await untilNoneOf(id);
  });

  test("a workflow takes no longer than its own timeout, also while there was no server", async ({
    between,
  }) => {
    const first = await between.first({
      all: `timeout: 8s\nsteps:\n  - action: work\n${LONG}  - { action: after, run: echo never }\n  - { action: clean, when: always, run: echo clean }\n`,
    });
    const id = await first.start("all");
    await first.until(id, says(0, "begun"));
    const second = await between.next(first);
    expect(await second.ended(id)).toMatchObject({
      status: "failed",
      error_message: "took longer than 8s and was stopped",
      steps: [{ status: "cancelled", attempt: 1 }, { status: "pending" }, { status: "completed" }],
    });
    await untilNoneOf(id);
  });

  test("a branch that fails while there is no server ends the others with fail_fast", async ({
    between,
  }) => {
    const failing = `run: 'echo begun; ${awaits("go")}; touch failed; exit 4'`;
    const first = await between.first({
      fast: `steps:\n  - action: all\n    fail_fast: true\n    parallel:\n      - { action: fails, ${failing} }\n      - action: other\n${LONG.replace(/^/gm, "    ").trimEnd()}\n`,
    });
    const id = await first.start("fast");
    await first.until(id, ({ steps }) =>
      branchesOf(steps[0]).every(({ message }) => message === "begun"),
    );
    const second = await between.next(first, () => {
      between.give("go");
      return between.written("failed");
    });
    const { status, steps } = await second.ended(id);
    expect(status).toBe("failed");
    expect(branchesOf(steps[0])).toMatchObject([
      { status: "failed", attempt: 1, data: { exit_code: 4 } },
      { status: "cancelled", attempt: 1 },
    ]);
    await untilNoneOf(id);
  });

  test("what a command left running is ended by the server that took it up, and named", async ({
    between,
  }) => {
    const first = await between.first({
      leaves: `steps:\n  - action: work\n    run: |\n      sleep 1000 &\n      echo begun\n      ${awaits("go")}\n`,
    });
    const id = await first.start("leaves");
    await first.until(id, says(0, "begun"));
    const second = await between.next(first);
    between.give("go");
    expect((await second.ended(id)).status).toBe("completed");
    expect(own(await second.outputOf(id, 0)).at(-1)).toMatch(
      /ended 1 process it left: \d+ \(sleep\)/,
    );
    await untilNoneOf(id);
  });

  test("a daemon lives on where the command that leaves it ends while there is no server", async ({
    between,
  }) => {
    const first = await between.first({
      daemon: `steps:\n  - action: work\n    leaves: true\n    run: |\n      sleep 1000 > /dev/null 2>&1 &\n      echo $! > pid\n      echo begun\n      ${awaits("go")}\n      touch over\n`,
    });
    const id = await first.start("daemon");
    await first.until(id, says(0, "begun"));
    const second = await between.next(first, () => {
      between.give("go");
      return between.written("over");
    });
    expect((await second.ended(id)).status).toBe("completed");
    const pid = Number(between.textOf("pid"));
    expect(processesOf(id)).toEqual([pid]);
    process.kill(pid, "SIGKILL");
    await untilNoneOf(id);
  });
});
