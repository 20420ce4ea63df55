// @vitest-environment happy-dom
/** Nothing starts by accident: whatever starts, ends or removes something is asked first, once, and of the picture as it is. */
import { afterEach, describe, expect, test } from "vitest";
import {
  type DefinitionView,
  NoAnswerError,
  type RunCommand,
  type SavedAnswer,
  type WorkflowState,
} from "../../../../client/index.js";
import { SyncError } from "../../../../shared/errors.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { NOW, step, summary, workflow } from "../samples.js";

let fake: FakePage;
afterEach(() => fake.stop());

const at = (revision: number) => ({ epoch: "e1", revision });
const FAILED: Partial<WorkflowState> = {
  definition: "deploy",
  status: "failed",
  current_step: 2,
  steps: [
    step(0, { status: "completed", title: "Fetch" }),
    step(1, { status: "skipped", title: "Lint" }),
    step(2, { status: "failed", title: "Build" }),
    step(3, { status: "pending", title: "Ship" }),
  ],
};
const RECIPE: DefinitionView = {
  name: "deploy",
  on_restart: "ask",
  inputs: {},
  steps: FAILED.steps!.map(({ action, index }) => ({
    action,
    enabled: true,
    idempotent: false,
    asks: index === 3,
  })),
};

interface Sent {
  readonly command: RunCommand;
  readonly options: { requestId?: string; expected?: unknown };
}

async function open(
  part: Partial<WorkflowState>,
  path = "/w/w1",
  answer: () => Promise<Partial<SavedAnswer>> = async () => ({ workflow_id: "w2" }),
): Promise<Sent[]> {
  const sent: Sent[] = [];
  const run = ((command: RunCommand, options: Sent["options"]) => {
    sent.push({ command, options });
    return answer();
  }) as unknown as FakePage["page"]["client"]["rest"]["run"];
  const definitions = async () => ({
    success: true as const,
    definitions: [RECIPE],
    problems: [],
  });
  fake = await openFakePage(path, { rest: { run, definitions } });
  const state = workflow(part);
  await fake.show("*", { phase: "live", list: { workflows: {} } });
  await fake.show("w1", { phase: "live", state, asOf: NOW, position: at(7) });
  return sent;
}

const find = (testid: string) =>
  fake.root.querySelector<HTMLButtonElement>(`[data-testid=${testid}]`);
const press = (testid: string) => fake.within(() => find(testid)!.click());
const isAsked = () => find("confirm-dialog") !== null;

async function key(name: string, init: KeyboardEventInit = {}) {
  const target = document.activeElement ?? document.body;
  await fake.within(() => {
    target.dispatchEvent(
      new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...init }),
    );
  });
}

async function confirm() {
  await fake.pass(500);
  await press("confirm");
  await fake.pass(0);
}

describe("a single key", () => {
  test.each([
    ["r", FAILED, "Retry “Nightly backup” from “Build”?"],
    ["c", { definition: "deploy" }, "Cancel “Nightly backup”?"],
  ])(
    "%s opens the question and no more, with the harmless button in focus",
    async (name, part, title) => {
      const sent = await open(part);
      await key(name);
      expect(fake.text("#confirm-title")).toBe(title);
      expect(document.activeElement).toBe(find("harmless"));
      for (const init of [{}, { repeat: true }]) await key(name, init);
      await fake.pass(1_000);
      for (let held = 0; held < 5; held++) await key("Enter", { repeat: true });
      expect(isAsked()).toBe(true);
      expect(sent).toEqual([]);
      expect(fake.proposed).toEqual([]);
    },
  );

  test("a single key does nothing where its button is closed", async () => {
    await open(FAILED);
    await fake.connect({ phase: "offline" });
    await key("r");
    expect(isAsked()).toBe(false);
  });
});

describe("the primary choice", () => {
  test.each(["", "?step=action-0", "?step=action-2", "?step=action-3"])(
    "of a failed run is the first step that is not done, also at /w/w1%s",
    async (place) => {
      await open(FAILED, `/w/w1${place}`);
      expect(fake.text("[data-testid=retry]")).toBe("Retry from Build…");
      expect(find("retry")!.className).toContain("is-primary");
    },
  );

  test("the primary choice has a quiet second beside it in the pane of a step that was done, and it asks too", async () => {
    const sent = await open(FAILED, "/w/w1?step=action-0");
    expect(find("from-here")!.closest(".pane")).not.toBeNull();
    expect(find("from-here")!.className).not.toContain("is-primary");
    await press("from-here");
    expect(fake.text("#confirm-title")).toBe("Retry “Nightly backup” from “Fetch”?");
    expect(sent).toEqual([]);
    await confirm();
    expect(sent[0]!.command).toMatchObject({ kind: "retry", workflow_id: "w1", from: 0 });
  });

  test.each(["action-1", "action-2", "action-3"])(
    "stands alone beside %s, which was left out, is the first one anyway, or did not begin",
    async (name) => {
      await open(FAILED, `/w/w1?step=${name}`);
      expect(find("from-here")).toBeNull();
    },
  );
});

test("a question names what runs, what is kept, what is left out, and what will ask", async () => {
  await open(FAILED);
  await press("retry");
  await fake.pass(0);
  expect(fake.text("[data-testid=plan-runs]")).toBe("Runs3. Build4. Ship asks");
  expect(fake.text("[data-testid=plan-kept-as-it-is]")).toBe("Kept as it is1. Fetch");
  expect(fake.text("[data-testid=plan-left-out]")).toBe("Left out2. Lint");
});

describe("a press", () => {
  test("a press that is the second half of a double click confirms nothing", async () => {
    const sent = await open(FAILED);
    await press("retry");
    expect(find("confirm")!.disabled).toBe(true);
    await press("confirm");
    await fake.pass(499);
    await press("confirm");
    expect(sent).toEqual([]);
    await confirm();
    expect(sent).toHaveLength(1);
  });

  test("twice on the confirmation starts one", async () => {
    const sent = await open(FAILED);
    await press("retry");
    await fake.pass(500);
    await fake.within(() => {
      find("confirm")!.click();
      find("confirm")!.click();
    });
    await fake.pass(0);
    expect(sent).toHaveLength(1);
    expect(sent[0]!.options.expected).toEqual(at(7));
    expect(fake.page.router.route.value).toMatchObject({ workflow_id: "w2", step: "action-2" });
    expect(isAsked()).toBe(false);
  });

  test("a press that nobody answered is the same command when it is pressed again", async () => {
    let isThere = false;
    const sent = await open(FAILED, "/w/w1", async () => {
      if (!isThere) throw new NoAnswerError("no answer");
      return { workflow_id: "w2" };
    });
    await press("retry");
    await confirm();
    expect(fake.text("[data-testid=trouble]")).toContain("takes effect once");
    isThere = true;
    await press("confirm");
    await fake.pass(0);
    expect(sent).toHaveLength(2);
    expect(sent[0]!.options.requestId).toBe(sent[1]!.options.requestId);
    expect(isAsked()).toBe(false);
  });
});

describe("a question that stands while the workflow changes", () => {
  test("a question that stands while the workflow changes says so, and does not act on the old state", async () => {
    const sent = await open({ ...FAILED, status: "interrupted", steps: INTERRUPTED });
    await press("resume");
    await fake.pass(500);
    await fake.show("w1", { state: workflow({ ...FAILED, status: "running" }), position: at(8) });
    expect(fake.text("[data-testid=changed]")).toContain("it is “Running” now");
    expect(fake.text("[data-testid=changed]")).toContain("in another tab");
    await press("confirm");
    expect(find("confirm")!.disabled).toBe(true);
    expect(sent).toEqual([]);
    // Not even where it is as it was again.
    const state = workflow({ ...FAILED, status: "interrupted", steps: INTERRUPTED });
    await fake.show("w1", { state, position: at(9) });
    expect(find("confirm")!.disabled).toBe(true);
    await press("harmless");
    expect(isAsked()).toBe(false);
  });

  test.each([
    ["retry", FAILED],
    ["clear", FAILED],
  ])("of %s says that it is gone where it was cleared", async (testid, part) => {
    await open(part);
    await press(testid);
    await fake.pass(500);
    await fake.show("w1", { phase: "closed", closed: "cleared", state: workflow(part) });
    expect(fake.text("[data-testid=changed]")).toContain("not there any more");
    expect(find("confirm")!.disabled).toBe(true);
  });

  test("the question of cancelling a workflow stays while its steps go on, and names those that are left", async () => {
    const sent = await open({ definition: "deploy" });
    await press("cancel");
    expect(fake.text("[data-testid=plan-ends]")).toBe("Ends2. Copy");
    const steps = [
      step(0, { status: "completed" }),
      step(1, { status: "completed" }),
      step(2, { status: "in_progress", title: "Verify" }),
    ];
    await fake.show("w1", { state: workflow({ definition: "deploy", steps }), position: at(9) });
    expect(fake.text("[data-testid=plan-ends]")).toBe("Ends3. Verify");
    await confirm();
    expect(sent).toMatchObject([{ command: { kind: "stop", workflow_id: "w1" } }]);
    expect(sent[0]!.options.expected).toBeUndefined();
  });

  test("a question is told by the server of a change that this tab has not heard of yet", async () => {
    await open(FAILED, "/w/w1", async () => {
      throw new SyncError("position_moved", "the state has moved on");
    });
    await press("retry");
    await confirm();
    expect(fake.text("[data-testid=trouble]")).toContain("in another tab");
    expect(isAsked()).toBe(true);
  });

  test("a question waits while the link is gone, and can be said yes to once it is back", async () => {
    const sent = await open(FAILED);
    await press("retry");
    await fake.pass(500);
    await fake.connect({ phase: "offline" });
    await press("confirm");
    expect(sent).toEqual([]);
    expect(fake.text("[data-testid=confirm-dialog]")).toContain("Not connected");
    await fake.connect({});
    await press("confirm");
    expect(sent).toHaveLength(1);
  });

  test("a question goes with its page: going back closes it unanswered", async () => {
    const sent = await open(FAILED);
    await press("retry");
    await fake.within(() => fake.page.router.go({ name: "list" }));
    expect(isAsked()).toBe(false);
    await fake.within(() => fake.page.router.go({ name: "workflow", workflow_id: "w1" }));
    expect(isAsked()).toBe(false);
    expect(sent).toEqual([]);
  });
});

const INTERRUPTED = [step(0, { status: "completed" }), step(1, { status: "interrupted" })];

describe("a retry that somebody else began", () => {
  const retry = (workflow_id: string) =>
    summary({ workflow_id, retried_from: "w1", status: "running" });
  const others = (...ids: string[]) => ({
    phase: "live" as const,
    list: { workflows: Object.fromEntries(ids.map((id) => [id, retry(id)])) },
  });

  test("a retry that somebody else began is told by a question that stands, and no second one begins", async () => {
    const sent = await open(FAILED);
    await press("retry");
    await fake.pass(500);
    await fake.show("*", others("w7"));
    expect(fake.text("[data-testid=changed]")).toContain("It was retried already: w7, running.");
    expect(fake.root.querySelector("[data-testid=changed] a")!.getAttribute("href")).toMatch(/w7$/);
    await press("confirm");
    expect(sent).toEqual([]);
  });

  test("a retry that began before it was asked is said in the question, and the server is told how many are known", async () => {
    const sent = await open(FAILED);
    await fake.show("*", others("w7", "w8"));
    await press("retry");
    expect(fake.text("[data-testid=confirm-dialog]")).toContain("It was retried already: w");
    expect(find("changed")).toBeNull();
    await confirm();
    expect(sent).toMatchObject([{ command: { kind: "retry", retries: 2 } }]);
  });

  test("nothing is retried before it is known whether somebody else has retried it", async () => {
    const sent = await open(FAILED);
    await fake.show("*", { phase: "loading", list: null });
    await press("retry");
    await fake.pass(5_000);
    await press("confirm");
    expect(sent).toEqual([]);
    await fake.show("*", others("w7"));
    expect(find("changed")).toBeNull();
    await fake.show("*", { phase: "stale", list: others("w7").list });
    expect(find("changed")).toBeNull();
    expect(find("confirm")!.disabled).toBe(true);
    await fake.show("*", others("w7", "w8"));
    expect(find("changed")).not.toBeNull();
  });
});

describe("what else ends or passes something", () => {
  test("killing what is being cancelled is asked first", async () => {
    const stop_requested = { at: "2026-03-04T09:52:00Z" };
    const sent = await open({ definition: "deploy", stop_requested });
    await press("kill");
    expect(isAsked()).toBe(true);
    expect(sent).toEqual([]);
    await confirm();
    expect(sent).toMatchObject([{ command: { kind: "stop", now: true } }]);
  });

  test("marking a step as done is asked first, with what runs behind it", async () => {
    const steps = [...INTERRUPTED, step(2, { title: "Ship" })];
    const sent = await open({ definition: "deploy", status: "interrupted", steps });
    await press("mark-done");
    expect(fake.text("[data-testid=plan-runs]")).toBe("Runs3. Ship");
    await confirm();
    expect(sent).toMatchObject([{ command: { kind: "resume", done: 1 } }]);
    expect(sent[0]!.options.expected).toEqual(at(7));
  });

  test("running the example, which touches nothing, is asked first", async () => {
    fake = await openFakePage("/");
    await fake.show("*", { phase: "live", list: { workflows: {} } as never });
    await press("run-example");
    expect(isAsked()).toBe(true);
  });
});
