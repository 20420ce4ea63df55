// @vitest-environment happy-dom
/** One workflow as it is shown: statuses by word and glyph, frozen clocks, the end. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakePage, openFakePage } from "../fakePage.js";
import { NOW, step, workflow } from "../samples.js";

let fake: FakePage;
beforeEach(async () => {
  fake = await openFakePage("/w/w1");
});
afterEach(() => fake.stop());

const live = (part = {}) => ({ phase: "live" as const, state: workflow(part), asOf: NOW });

describe("a workflow", () => {
  test("a workflow shows its title, its status and each step by word and glyph", async () => {
    await fake.show("w1", live());
    expect(fake.text("h1")).toBe("Nightly backup");
    expect(fake.text("[data-testid=workflow-status]")).toBe("Running");
    expect(fake.all("[data-step]").map((row) => row.dataset.status)).toEqual([
      "completed",
      "in_progress",
      "pending",
    ]);
    expect(fake.text("[data-step='0'] .step-status")).toBe("Completed");
    expect(fake.all("[data-step] > svg")).toHaveLength(3);
  });

  test.each([
    ["completed", "Completed"],
    ["failed", "Failed"],
    ["cancelled", "Cancelled"],
    ["interrupted", "Interrupted"],
    ["blocked", "Needs input"],
  ] as const)("%s is told by the word %s", async (status, word) => {
    await fake.show("w1", live({ status }));
    expect(fake.text("[data-testid=workflow-status]")).toBe(word);
  });

  test("the page tells a step that failed and is tried again from one that runs", async () => {
    const waiting = step(0, { status: "in_progress", retry_at: "2026-03-04T09:52:30Z" });
    await fake.show("w1", live({ steps: [waiting, step(1, { status: "in_progress" })] }));
    expect(fake.text("[data-step='0'] .step-status")).toBe("Tried again soon");
    expect(fake.text("[data-step='1'] .step-status")).toBe("Running");
    expect(fake.root.querySelector("[data-step='0'] > svg.tone-retrying")).not.toBeNull();
  });

  test("a workflow counts what failed on the way, and leads there", async () => {
    const steps = [step(0, { status: "failed" }), step(1, { status: "completed" })];
    await fake.show("w1", live({ status: "completed", steps }));
    const warnings = fake.all(".facts a").find((link) => link.textContent === "1 step failed");
    expect(warnings?.getAttribute("href")).toMatch(/\/w\/w1\?step=action-0$/);
  });

  test("the page says what each step says", async () => {
    const steps = [
      step(0, {
        status: "failed",
        attempt: 2,
        progress: 0.62,
        message: "62 of 100 files",
        error: "exit 23",
        tasks: [{ name: "site.tar", status: "completed", note: "4 MB" }],
        completion_note: "see the log",
      }),
    ];
    await fake.show("w1", live({ status: "failed", error_message: "copy: exit 23", steps }));
    const row = fake.text("[data-step='0']");
    for (const part of ["2 attempts", "62 of 100 files", "site.tar", "4 MB", "see the log"])
      expect(row).toContain(part);
  });

  describe("of which a step failed", () => {
    const why = "exit 23, no space left";
    const count = (words: string) => fake.root.textContent!.split(words).length - 1;
    const failed = step(0, { status: "failed", error: why, log_bytes: 10 });

    test("a workflow of which a step failed says why once, in its head", async () => {
      await fake.show(
        "w1",
        live({ status: "failed", error_message: `Copy: ${why}`, steps: [failed] }),
      );
      expect(fake.text("[data-testid=headline]")).toBe(`Copy: ${why}`);
      expect(count(why)).toBe(1);
    });

    test("the head says why also where only the step knows it", async () => {
      await fake.show("w1", live({ status: "failed", steps: [failed] }));
      expect(fake.text("[data-testid=headline]")).toBe(why);
      expect(count(why)).toBe(1);
    });

    test("a failed step says what another sentence in the head leaves out", async () => {
      await fake.show("w1", live({ status: "failed", error_message: "given up", steps: [failed] }));
      expect(fake.text("[data-testid=headline]")).toBe("given up");
      expect(fake.text("[data-step='0']")).toContain(why);
    });

    test("a workflow that went on after a failure says it at the step", async () => {
      await fake.show("w1", live({ steps: [failed, step(1, { status: "in_progress" })] }));
      expect(fake.root.querySelector("[data-testid=headline]")).toBeNull();
      expect(fake.text("[data-step='0']")).toContain(why);
    });
  });

  test("speaks of revisions in the details only", async () => {
    await fake.show("w1", { ...live(), position: { epoch: "e1", revision: 38 } });
    expect(fake.root.textContent).not.toMatch(/revision/i);
    await fake.within(() => fake.all("#tab-details")[0]!.click());
    expect(fake.text("#pane-details")).toContain("Revision 38 of epoch e1");
  });

  test("a workflow that waits for its turn is not said to run", async () => {
    await fake.show("w1", live({ queued: { since: "2026-03-04T09:51:30Z" } }));
    expect(fake.text("[data-testid=workflow-status]")).toBe("Waiting for its turn");
    expect(fake.text("[data-testid=queued]")).toMatch(/^since \d\d:51:30/);
    expect(fake.all(".notice")).toEqual([]);
  });

  test("a workflow that no node can take says which labels are missing", async () => {
    await fake.show("w1", live({ queued: { since: "2026-03-04T09:51:30Z", labels: ["gpu"] } }));
    expect(fake.text("[data-testid=queued]")).toMatch(
      /^since \d\d:51:30: it waits for a node with gpu$/,
    );
  });

  test("the bar tells its meaning in words", async () => {
    await fake.show("w1", live());
    const bar = fake.root.querySelector("[role=progressbar]");
    expect(bar?.getAttribute("aria-valuetext")).toBe("2 of 3 steps, Copy running");
  });

  test("text from outside stays text", async () => {
    const hostile = "<img src=x onerror=alert(1)>";
    await fake.show("w1", live({ title: hostile, steps: [step(0, { action: hostile })] }));
    expect(fake.text("h1")).toBe(hostile);
    expect(fake.root.querySelector("img")).toBeNull();
  });
});

describe("freshness", () => {
  test("clocks run while the picture is current", async () => {
    await fake.show("w1", live());
    expect(fake.text("[data-step='1'] .step-time")).toBe("1m 00s");
    await fake.pass(5_000);
    expect(fake.text("[data-step='1'] .step-time")).toBe("1m 05s");
    expect(fake.root.querySelector("[data-testid=as-of]")).toBeNull();
  });

  test("clocks stand still in grey while it is not, and the page says as of when", async () => {
    await fake.show("w1", live());
    await fake.show("w1", { phase: "stale", asOf: NOW });
    await fake.pass(30_000);
    expect(fake.text("[data-step='1'] .step-time")).toBe("1m 00s");
    expect(fake.root.querySelector("[data-step='1'] .is-frozen")).not.toBeNull();
    expect(fake.text("[data-testid=as-of]")).toMatch(/^as of \d\d:\d\d:03$/);
  });

  test("clocks follow the server's time, not this machine's", async () => {
    await fake.connect({ serverOffsetMs: 60_000 });
    await fake.show("w1", live());
    expect(fake.text("[data-step='1'] .step-time")).toBe("2m 00s");
  });

  test("commands are closed while there is no link", async () => {
    await fake.show("w1", live({ status: "failed" }));
    const clear = () => fake.root.querySelector<HTMLButtonElement>("[data-testid=clear]");
    expect(clear()?.disabled).toBe(false);
    await fake.connect({ phase: "waiting" });
    expect(clear()?.disabled).toBe(true);
    expect(clear()?.title).toMatch(/Not connected/);
  });
});

describe("the end", () => {
  test.each([
    ["cleared", "Cleared"],
    ["expired", "In the history"],
  ] as const)("%s: says so and keeps the last picture", async (closed, words) => {
    await fake.show("w1", live({ status: "completed" }));
    await fake.show("w1", { phase: "closed", closed });
    expect(fake.text("[data-testid=closed]")).toContain(words);
    expect(fake.all("[data-step]")).toHaveLength(3);
  });

  test("an unknown id is told as such", async () => {
    await fake.show("w1", { phase: "closed", closed: "unknown" });
    expect(fake.text("h1")).toBe("There is no such workflow");
  });

  test("clearing asks first, and clears only what is on the screen", async () => {
    const position = { epoch: "e1", revision: 7 };
    await fake.show("w1", { ...live({ status: "failed" }), position });
    await fake.within(() => fake.root.querySelector<HTMLElement>("[data-testid=clear]")?.click());
    expect(fake.proposed).toEqual([]);
    await fake.pass(500);
    await fake.within(() => fake.root.querySelector<HTMLElement>("[data-testid=confirm]")?.click());
    expect(fake.proposed).toMatchObject([
      [{ kind: "clear", workflow_id: "w1" }, { expected: position }],
    ]);
  });
});
