import { describe, expect, test } from "vitest";
import {
  createDisplay,
  type ShownStep,
  type ShownWorkflow,
} from "../../../../server/cli/display/display.js";
import type { CliContext } from "../../../../server/cli/process/context.js";
import { inCells } from "../../../../server/cli/text/cells.js";
import { manualClock } from "../../../support/clocks/manualClock.js";

const START = Date.UTC(2026, 0, 1);
const at = (seconds: number) => new Date(START + seconds * 1_000).toISOString();

function terminal({ isTTY = false, rows = 24, columns = 80, env = {} } = {}) {
  let written = "";
  const clock = manualClock(START);
  const output = {
    write: (text: string | Uint8Array) => {
      written += text;
    },
    drained: async () => {},
    outliveReader: () => {},
    isTTY,
    columns,
    rows,
  };
  const context: CliContext = {
    env: { NO_COLOR: "1", ...env },
    cwd: "/",
    pid: 1,
    hostname: "here",
    stdout: output,
    stderr: output,
    input: { isTTY: false, line: async () => null },
    clock,
    random: () => 0.5,
    onSignal: () => () => {},
    onExit: () => () => {},
    signalGroup: () => false,
  };
  return {
    context,
    clock,
    take: () => {
      const taken = written;
      written = "";
      return taken;
    },
  };
}

const workflow = (steps: ShownStep[], more: Partial<ShownWorkflow> = {}): ShownWorkflow => ({
  workflow_id: "nightly",
  title: "Nightly backup",
  status: "running",
  steps,
  ...more,
});
const copy = (more: Partial<ShownStep> = {}): ShownStep => ({
  action: "copy",
  status: "pending",
  ...more,
});

describe("plain lines", () => {
  test("plain lines say how to go on with what was interrupted, where the server can", async () => {
    const { context, take } = terminal();
    const display = await createDisplay({ server: "http://127.0.0.1:9000" }, context);
    const stopped = copy({ status: "interrupted" });
    const interrupted = { status: "interrupted" } as const;
    display.show(workflow([stopped], { ...interrupted, definition: "backup" }));
    expect(take().split("\n").slice(-3)).toEqual([
      "Workflow now interrupted",
      "      Resume it on its page, or with: instep resume http://127.0.0.1:9000/w/nightly",
      "",
    ]);

    display.show(workflow([stopped], { ...interrupted, workflow_id: "of-a-driver" }));
    expect(take()).not.toContain("instep resume");
  });

  test("plain lines tell each thing once, as it happens", async () => {
    const { context, take } = terminal();
    const display = await createDisplay({}, context);
    const check = copy({ action: "check", title: "Check it" });

    display.show(workflow([copy(), check]));
    expect(take()).toBe("Nightly backup (nightly)\n");

    const begun = copy({ status: "in_progress", started_at: at(0) });
    display.show(workflow([begun, check]));
    display.show(workflow([{ ...begun, message: "half of it" }, check]));
    expect(take()).toBe("▸ [1/2] copy\n");

    const done = copy({ status: "completed", started_at: at(0), finished_at: at(2.5) });
    const data = { exit_code: 3, last_lines: ["one", "::error::full", "\u001b[2Jtwo", 3] };
    const failed: ShownStep = { ...check, status: "failed", error: "exit code 3", data };
    display.show(workflow([done, failed], { status: "failed", error_message: "exit code 3" }));
    expect(take()).toBe(
      [
        "✓ [1/2] copy: completed after 2.5s",
        "✗ [2/2] Check it: failed: exit code 3",
        "      | one",
        "      | two",
        "Workflow failed: exit code 3",
        "",
      ].join("\n"),
    );
  });

  test("plain lines say a long error once: the workflow's own line is the last", async () => {
    const sentence = `ssh: Could not resolve hostname ${"web-7.".repeat(12)}example.org: Name or service not known`;
    const error = `${sentence} (exit code 255)`;
    const begun = copy({ status: "in_progress", started_at: at(0) });
    const data = { exit_code: 255, last_lines: [sentence] };
    const failed = { ...begun, status: "failed", finished_at: at(1), error, data } as const;
    const ended = { status: "failed", error_message: `copy: ${error}` } as const;

    const { context, take } = terminal();
    const display = await createDisplay({}, context);
    display.show(workflow([begun]));
    take();
    display.show(workflow([failed], ended));
    expect(take()).toBe(
      `✗ [1/1] copy: failed after 1.0s: exit code 255\nWorkflow failed: copy: ${error}\n`,
    );

    const apart = await createDisplay({}, context);
    apart.show(workflow([begun]));
    apart.show(workflow([failed]));
    take();
    apart.show(workflow([failed], ended));
    const [last = ""] = take().split("\n");
    expect(last).toMatch(/^Workflow failed: copy: ssh: Could not resolve hostname web-7.*…$/);
    expect(last.length).toBeLessThan(110);
  });

  test("plain lines do not say among the last lines what the error has said", async () => {
    const reason = `Error: ${"a very long reason ".repeat(20)}`;
    const shortened = `${reason.slice(0, 200)}… ${reason.slice(-60)}`;
    for (const [error, last_lines, left] of [
      ["Error: first (exit code 2)", ["Error: first", "  at second"], ["      |   at second"]],
      [`${shortened} (exit code 1)`, ["before", reason], ["      | before"]],
      ["exit code 3", ["exit", "3"], ["      | exit", "      | 3"]],
    ] as const) {
      const { context, take } = terminal();
      const display = await createDisplay({}, context);
      display.show(workflow([copy({ status: "in_progress", started_at: at(0) })]));
      take();
      const data = { exit_code: 2, last_lines };
      display.show(workflow([copy({ status: "failed", error, data })]));
      expect(take().trimEnd().split("\n").slice(1)).toEqual(left);
    }
  });

  test("plain lines count a step's attempts, and its time from the first of them", async () => {
    const { context, take } = terminal();
    const display = await createDisplay({}, context);
    const again = copy({
      status: "in_progress",
      attempt: 3,
      started_at: at(5),
      first_started_at: at(0),
    });
    display.show(workflow([again]));
    take();
    display.show(workflow([{ ...again, status: "completed", finished_at: at(6) }]));
    expect(take()).toBe("✓ [1/1] copy: completed after 6.0s, 3 attempts\n");
  });

  test("plain lines tell what it waits for that is no step", async () => {
    const { context, take } = terminal();
    const display = await createDisplay({}, context);
    const queued = { since: at(0) };
    display.show(workflow([copy()], { queued }));
    display.show(workflow([copy()], { queued }));
    expect(take()).toBe("Nightly backup (nightly)\nWorkflow waits for its turn\n");
    display.show(workflow([copy()], { queued: { ...queued, labels: ["gpu", "arm"] } }));
    expect(take()).toBe("Workflow waits for a node with gpu and arm\n");
    const begun = copy({ status: "in_progress", started_at: at(1) });
    display.show(workflow([begun]));
    expect(take()).toBe("▸ [1/1] copy\n");
    const stop_requested = { at: at(2) };
    display.show(workflow([begun], { stop_requested }));
    display.show(workflow([{ ...begun, message: "ending" }], { stop_requested }));
    expect(take()).toBe("Workflow is being cancelled\n");
    const ended = copy({ status: "cancelled", started_at: at(1), finished_at: at(3) });
    display.show(workflow([ended], { status: "cancelled" }));
    expect(take()).toBe("■ [1/1] copy: cancelled after 2.0s\nWorkflow cancelled\n");
  });

  test("plain lines tell how far a step is a quarter at a time, and when it is tried again", async () => {
    const { context, take } = terminal();
    const display = await createDisplay({}, context);
    const begun = copy({ status: "in_progress", started_at: at(0) });
    display.show(workflow([begun]));
    take();
    for (const progress of [0.1, 0.26, 0.3, 0.6, 0.61, 0.9, 1]) {
      display.show(workflow([{ ...begun, progress, message: `${progress * 100} files` }]));
    }
    expect(take()).toBe("      25 %  26 files\n      50 %  60 files\n      75 %  90 files\n");

    const waiting = { ...begun, error: "exit code 1", retry_at: at(10) };
    display.show(workflow([waiting]));
    display.show(workflow([{ ...waiting }]));
    expect(take()).toBe("      exit code 1; tried again in 10s\n");
    display.show(workflow([{ ...begun, attempt: 2 }]));
    expect(take()).toBe("▸ [1/1] copy, attempt 2\n");
  });

  test("plain lines tell of a workflow that ended before anyone looked", async () => {
    const { context, take } = terminal();
    (await createDisplay({}, context)).show(
      workflow([copy({ status: "completed" })], { status: "completed" }),
    );
    expect(take()).toContain("✓ [1/1] copy: completed\nWorkflow completed\n");
  });

  test("plain lines let no name steer the terminal", async () => {
    const { context, take } = terminal();
    const title = "\u001b]0;owned\u0007Nightly\n\u001b[2Jbackup";
    (await createDisplay({}, context)).show(workflow([], { title }));
    expect(take()).toBe("Nightly backup (nightly)\n");
  });
});

describe("JSON lines", () => {
  test("JSON lines are one object each", async () => {
    const { context, take } = terminal();
    const display = await createDisplay({ json: true }, context);
    display.show(workflow([copy()]));
    display.note("Follow it", { url: "http://x/w/nightly" });
    display.show(
      workflow([copy({ status: "failed", error: "exit code 1", data: { exit_code: 1 } })]),
    );
    display.show(
      workflow([copy({ status: "failed" })], { status: "failed", error_message: "copy" }),
    );
    const events = take().trimEnd().split("\n");
    expect(events.map((line) => JSON.parse(line))).toEqual([
      {
        type: "workflow",
        workflow_id: "nightly",
        title: "Nightly backup",
        status: "running",
        steps: 1,
      },
      { type: "note", message: "Follow it", url: "http://x/w/nightly" },
      {
        type: "step",
        index: 0,
        action: "copy",
        status: "failed",
        error: "exit code 1",
        data: { exit_code: 1 },
      },
      { type: "status", workflow_id: "nightly", status: "failed", error: "copy" },
    ]);
  });
});

describe("a redrawn picture", () => {
  test("moves with time, and leaves no timer behind", async () => {
    const { context, clock, take } = terminal({ isTTY: true });
    const display = await createDisplay({}, context);
    display.show(workflow([copy({ status: "in_progress", started_at: at(0), message: "file 1" })]));
    expect(take()).toContain("copy  0s  file 1");
    clock.advance(2_000);
    expect(take()).toContain("1.9s");
    display.close();
    expect(clock.waiting).toBe(0);
  });

  test("draws no more often for a command that says a lot", async () => {
    const { context, clock, take } = terminal({ isTTY: true });
    const display = await createDisplay({}, context);
    const step = copy({ status: "in_progress", started_at: at(0) });
    display.show(workflow([step]));
    take();
    for (let line = 0; line < 1_000; line++) {
      display.show(workflow([{ ...step, message: `line ${line}` }]));
    }
    expect(take()).toBe("");
    clock.advance(120);
    expect(take()).toContain("line 999");
    display.close();
  });

  test("a redrawn picture is lines where the cursor cannot be moved, or somebody keeps a log", async () => {
    for (const env of [{ TERM: "dumb" }, { CI: "1" }]) {
      const { context, clock, take } = terminal({ isTTY: true, env });
      const display = await createDisplay({}, context);
      display.show(workflow([copy({ status: "in_progress", started_at: at(0) })]));
      clock.advance(1_000);
      display.close();
      expect(take()).toBe("Nightly backup (nightly)\n▸ [1/1] copy\n");
    }
  });

  test("a redrawn picture is no wider than the terminal, counted in cells", async () => {
    for (const columns of [20, 40, 80]) {
      const { context, take } = terminal({ isTTY: true, columns });
      const display = await createDisplay({}, context);
      const message = "把所有文件复制到另一台机器上 🚀 and then some more words in plain letters";
      const step = copy({ status: "in_progress", started_at: at(0), message });
      display.show(
        workflow([step, { ...step, title: "备份一个小网站的数据库和所有文件和所有别的东西" }]),
      );
      const lines = take()
        .split("\n")
        .filter((line) => line.startsWith("  "));
      expect(lines).toHaveLength(2);
      for (const line of lines) expect(inCells.cells(line)).toBeLessThanOrEqual(columns);
      display.close();
    }
  });

  test("a redrawn picture shows the steps around the present one where not all fit", async () => {
    const { context, take } = terminal({ isTTY: true, rows: 15 });
    const display = await createDisplay({}, context);
    const steps = Array.from({ length: 100 }, (_, index) =>
      copy({
        action: `step-${index}.`,
        ...(index < 50 ? { status: "completed", finished_at: at(0) } : {}),
      }),
    );
    display.show(workflow(steps));
    const picture = take();
    expect(picture).toContain("step-50.");
    expect(picture).toContain("… 45 before");
    expect(picture).toContain("… 45 more");
    expect(picture.split("\n").length).toBeLessThanOrEqual(15);
    display.close();
  });
});

describe("a command on a machine that is not reached", () => {
  const since = at(10);
  const process = { machine: "box", pid: 4711, since: at(0) };
  const lost = { since, why: "Connection refused", next_try_at: at(24) };
  const withProcess = (part: object = {}, more: Partial<ShownStep> = {}) =>
    workflow([
      copy({
        ...{ status: "in_progress", started_at: at(0), progress: 0.5 },
        data: { process: { ...process, ...part } },
        ...more,
      }),
    ]);
  const back = { taken_up: [{ from: since, to: at(43), gone: "link" }], unwatched_ms: 33_000 };
  const away = { taken_up: [{ from: at(5), to: at(10), gone: "server" }], unwatched_ms: 5_000 };

  test("plain lines say once that its link is lost, and that it is back", async () => {
    const { context, take } = terminal();
    const display = await createDisplay({}, context);
    display.show(withProcess());
    take();
    display.show(withProcess({ link_lost: lost }));
    expect(take()).toBe(
      "↯ [1/1] copy: the link to box is lost: Connection refused; it is tried again\n",
    );
    display.show(withProcess({ link_lost: { ...lost, next_try_at: null } }));
    expect(take()).toBe("");
    display.show(withProcess(back));
    expect(take()).toBe("▸ [1/1] copy: the link to box is back after 33s; the command went on\n");
  });

  test("plain lines say of a command that was taken up how long the server was away, also to who comes while a link is lost", async () => {
    const { context, take } = terminal();
    const display = await createDisplay({}, context);
    display.show(withProcess());
    take();
    display.show(withProcess(away));
    expect(take()).toBe("▸ [1/1] copy: the server is back after 5.0s; the command went on\n");
    const late = await createDisplay({}, context);
    late.show(withProcess({ ...away, link_lost: lost }));
    expect(take()).toContain("the link to box is lost");
  });

  test("plain lines say why a workflow is interrupted", async () => {
    const { context, take } = terminal();
    const display = await createDisplay({}, context);
    const interruption = { at: at(1), reason: "command_lost", step: 0 } as const;
    display.show(
      workflow([copy({ status: "interrupted" })], { status: "interrupted", interruption }),
    );
    expect(take()).toContain(
      "Workflow now interrupted: its command is gone, and nobody knows how it ended\n",
    );
  });

  test("a live picture counts how long, turns no sign, and guesses no time that is left", async () => {
    const { context, take, clock } = terminal({ isTTY: true, columns: 120 });
    const display = await createDisplay({}, context);
    clock.advance(22_000);
    display.show(withProcess());
    expect(take()).toContain("left");
    display.show(withProcess({ link_lost: lost }));
    clock.advance(1_000);
    const picture = take();
    expect(picture).toContain("↯ copy");
    expect(picture).toContain("link lost 12s ago, trying again in 2s: Connection refused");
    clock.advance(5_000);
    expect(take()).toContain("link lost 17s ago, trying again: Connection refused");
    display.close();
  });

  test("JSON has an event for each, with where the command runs", async () => {
    const { context, take } = terminal();
    const display = await createDisplay({ json: true }, context);
    display.show(withProcess());
    take();
    const event = { type: "process", index: 0, action: "copy" };
    for (const [part, news] of [
      [{ link_lost: lost }, "link_lost"],
      [back, "link_back"],
      [{ ...back, taken_up: [...back.taken_up, ...away.taken_up] }, "taken_up"],
    ] as const) {
      display.show(withProcess(part));
      const said = JSON.parse(take());
      expect(said).toMatchObject({ ...event, news, process: { ...process, ...part } });
    }
    display.show(withProcess(back, { status: "completed" }));
    expect(take()).not.toContain('process","index');
  });

  test("a quiet display tells of a lost link and of one that is back, and of nothing else", async () => {
    const { context, take } = terminal();
    const display = await createDisplay({ quiet: true }, context);
    display.show(withProcess());
    display.show(withProcess(away));
    expect(take()).toBe("");
    display.show(withProcess({ link_lost: lost }));
    expect(take()).toBe("1 copy: the link to box is lost: Connection refused; it is tried again\n");
    display.show(withProcess(back));
    expect(take()).toBe("1 copy: the link to box is back after 33s; the command went on\n");
  });

  test("a machine's name and a reason steer no terminal", async () => {
    const { context, take } = terminal();
    const display = await createDisplay({}, context);
    display.show(
      withProcess({ machine: "b\u001b[2Jox", link_lost: { ...lost, why: "\u001b]0;x\u0007" } }),
    );
    expect(take()).not.toContain("\u001b");
  });
});
