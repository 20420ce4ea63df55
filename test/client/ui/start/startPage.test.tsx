// @vitest-environment happy-dom
/** What can be started: found, with how it went last and how long it takes; and what an answer leads to. */
import { afterEach, describe, expect, test } from "vitest";
import type { DefinitionProblem, DefinitionView } from "../../../../client/index.js";
import { afterAnswer } from "../../../../client/ui/workflow/question/afterAnswer.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { step, summary, workflow } from "../samples.js";

let fake: FakePage;
afterEach(() => fake.stop());

const definition = (name: string, part: Partial<DefinitionView> = {}): DefinitionView => ({
  name,
  on_restart: "ask",
  inputs: {},
  steps: [
    { action: "copy", title: "Copy it", enabled: true, idempotent: false, asks: false },
    { action: "sure", title: "Sure?", enabled: true, idempotent: false, asks: true },
  ],
  ...part,
});
const BROKEN: DefinitionProblem = {
  file: "broken.yaml",
  line: 2,
  column: 1,
  field: "steps",
  message: "must be a list",
};

async function open(path: string, ...all: DefinitionView[]) {
  let told = all;
  const definitions = async () => ({
    success: true as const,
    definitions: told,
    problems: [BROKEN],
  });
  fake = await openFakePage(path, { rest: { definitions } });
  await fake.pass(0);
  return (next: DefinitionView[]) => {
    told = next;
  };
}

async function seek(text: string) {
  await fake.within(() => {
    const field = fake.root.querySelector<HTMLInputElement>("[data-testid=definitions-search]")!;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
const names = () => fake.all(".definition-name").map(({ textContent }) => textContent);

describe("the steps of a definition in its form", () => {
  const branch = (action: string, enabled = true) => ({
    action,
    enabled,
    idempotent: false,
    asks: false,
  });
  const parallel = definition("deploy", {
    steps: [
      branch("build"),
      { ...branch("upload"), parallel: [branch("eu"), branch("us", false)] },
      branch("tidy"),
    ],
  });
  const boxes = () =>
    fake
      .all(".start-steps label")
      .map((label) => [label.textContent, label.querySelector("input")!.checked]);

  test("the steps of a definition have their branches below them in its form, as long as they are on", async () => {
    await open("/start/deploy", parallel);
    expect(boxes()).toEqual([
      ["build", true],
      ["upload at the same time:", true],
      ["eu", true],
      ["us", false],
      ["tidy", true],
    ]);
    await fake.within(() => fake.all(".start-steps input")[1]!.click());
    expect(boxes().map(([name]) => name)).toEqual(["build", "upload at the same time:", "tidy"]);
  });

  test("steps are switched as they were in the run that the form is like, but for what that left out on its way", async () => {
    const steps = [
      step(0, { action: "build", status: "skipped" }),
      step(1, {
        action: "upload",
        status: "failed",
        steps: [
          step(1001, { action: "eu", status: "skipped" }),
          step(2001, { action: "us", status: "failed" }),
        ],
      }),
      step(2, { action: "tidy", status: "skipped", skip_reason: "stopped" }),
    ];
    const load = async () => ({ state: workflow({ status: "failed", steps }) });
    const definitions = async () => ({ success: true, definitions: [parallel], problems: [] });
    fake = await openFakePage("/start/deploy?like=w1", { rest: { definitions, load } as never });
    await fake.pass(0);
    expect(boxes()).toEqual([
      ["build", false],
      ["upload at the same time:", true],
      ["eu", false],
      ["us", true],
      ["tidy", true],
    ]);
  });
});

describe("the start page", () => {
  test("the start page says how the last run of each ended, and how long one usually takes", async () => {
    const last = { workflow_id: "w7", status: "failed" as const, ended_at: "2026-03-04T09:50:03Z" };
    await open("/start", definition("deploy", { last, usual_ms: 720_000 }), definition("fresh"));
    const [deploy, fresh] = fake.all("[data-testid=past]").map(({ textContent }) => textContent);
    expect(deploy).toMatch(/^Failed 2\smin ago usually 12m 00s$/);
    expect(fresh!.trim()).toBe("Never ended yet");
    expect(fake.root.querySelector(".definition-last")!.getAttribute("href")).toMatch(/\/w\/w7$/);
  });

  test("the start page has the examples behind one's own, marked as such, on the form too", async () => {
    await open("/start", definition("shop"), definition("backup", { example: true }));
    expect(names()).toEqual(["shop", "backup"]);
    expect(fake.all("h2").map(({ textContent }) => textContent)).toContain("Examples");
    fake.stop();
    await open("/start/backup", definition("backup", { example: true }));
    expect(fake.text("[data-testid=start-form]")).toContain("An example that comes with Instep.");
    fake.stop();
    await open("/start", definition("shop"));
    expect(fake.root.textContent).not.toContain("Examples");
  });

  test("hears of a run that ends while it stands open", async () => {
    const tell = await open("/start", definition("deploy"));
    const ended_at = "2026-03-04T09:52:00Z";
    tell([definition("deploy", { last: { workflow_id: "w8", status: "completed", ended_at } })]);
    const one = summary({ workflow_id: "w8", definition: "deploy", status: "completed" });
    await fake.show("*", { phase: "live", list: { workflows: { w8: one } } });
    await fake.pass(0);
    expect(fake.text("[data-testid=past]")).toContain("Completed");
    // The history is full: as one ends, the oldest goes.
    tell([definition("deploy", { last: { workflow_id: "w9", status: "failed", ended_at } })]);
    const next = { ...one, workflow_id: "w9", epoch: "e9", status: "failed" as const };
    await fake.show("*", { phase: "live", list: { workflows: { w9: next } } });
    await fake.pass(0);
    expect(fake.text("[data-testid=past]")).toContain("Failed");
  });

  test("the start page has a search where there are more than a glance takes in", async () => {
    await open("/start", ...["a", "b", "c"].map((name) => definition(name)));
    expect(fake.all("[data-testid=definitions-search]")).toEqual([]);
    fake.stop();
    const many = ["a1", "b1", "c1", "d1", "e1", "f1"].map((name) => definition(name));
    await open("/start", ...many, definition("backup", { title: "Nightly Backup" }));
    await seek("  night BACK ");
    expect(names()).toEqual(["Nightly Backup"]);
    await seek("copy");
    expect(names()).toHaveLength(7);
    await seek("[x");
    expect(fake.text("[role=status].pane-empty")).toBe("None of the 7 definitions has “[x” in it.");
    await seek("");
    expect(names()).toHaveLength(7);
  });

  test("the start page names broken files once, and not over the form of a good one", async () => {
    await open("/start", definition("deploy"));
    expect(fake.all("[data-testid=definition-problems]")).toHaveLength(1);
    await fake.within(() => fake.page.router.go({ name: "start", definition: "deploy" }));
    expect(fake.all("[data-testid=start-form]")).toHaveLength(1);
    expect(fake.all("[data-testid=definition-problems]")).toHaveLength(0);
    await fake.within(() => fake.page.router.go({ name: "start", definition: "broken" }));
    expect(fake.all("[data-testid=definition-problems]")).toHaveLength(1);
  });
});

test("a start form says how many steps its button runs and which ask, and takes no press at first", async () => {
  await open("/start/deploy", definition("deploy"));
  const start = fake.root.querySelector<HTMLButtonElement>("[data-testid=start]")!;
  expect(fake.text("[data-testid=start-plan]")).toBe("Runs all 2 steps; “Sure?” asks.");
  expect(start.disabled).toBe(true);
  await fake.pass(500);
  expect(start.disabled).toBe(false);
  await fake.within(() => fake.all("input[type=checkbox]")[1]!.click());
  expect(fake.text("[data-testid=start-plan]")).toBe("Runs 1 of 2 steps.");
});

describe("the button of an answer", () => {
  const asked = { id: "q1", step: 1, block_reason: "question" };
  const steps = (...after: Parameters<typeof step>[1][]) => [
    step(0, { status: "completed" }),
    step(1, { status: "blocked" }),
    ...after.map((part, index) => step(index + 2, part)),
  ];
  test.each([
    ["Answer and continue with Ship", true, [{ title: "Ship" }]],
    ["Continue with Ship", false, [{ title: "Ship" }]],
    ["Answer and continue with action-3", true, [{ status: "skipped" as const }, {}]],
    ["Answer and finish", true, []],
    ["Finish", false, [{ status: "skipped" as const }]],
  ])("says %s", (button, hasFields, after) => {
    const state = workflow({ definition: "deploy", status: "blocked", steps: steps(...after) });
    const told = afterAnswer(state, asked, hasFields);
    expect(told.button).toBe(button);
    expect(told.more === null).toBe(!button.toLowerCase().includes("finish"));
  });

  test("promises nothing of a driver that decides for itself", () => {
    const state = workflow({ status: "blocked", steps: steps({ title: "Ship" }) });
    expect(afterAnswer(state, asked, true)).toEqual({ button: "Answer", more: null });
  });
});
