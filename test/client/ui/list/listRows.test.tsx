// @vitest-environment happy-dom
/** The list as it is worked with: what a line tells, filters and orders in the address, and several cleared at once. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { NoAnswerError, type Summary } from "../../../../client/index.js";
import { inputsText, tellingInputs } from "../../../../client/ui/list/tellingInputs.js";
import { dayAfter, dayOf, formatZone, startOfDay } from "../../../../client/ui/look/time.js";
import { showList, shownIds } from "../fakeList.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { NOW, summary, workflow } from "../samples.js";

let fake: FakePage;
afterEach(() => fake?.stop());

const show = (...summaries: Summary[]) => showList(fake, ...summaries);
const ids = () => shownIds(fake);
const row = (id: string) => fake.root.querySelector<HTMLElement>(`[data-workflow-id=${id}]`)!;
const box = (id: string) => row(id).querySelector<HTMLInputElement>("[data-testid=select]")!;
const click = (element: Element | null | undefined, shiftKey = false) =>
  fake.within(() => {
    element?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey }));
  });
const press = (key: string) =>
  fake.within(() => {
    (document.activeElement ?? document.body).dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
    );
  });

const ended = (n: number, part: Partial<Summary> = {}): Summary =>
  summary({
    workflow_id: `w${n}`,
    epoch: `e${n}`,
    status: "completed",
    start_time: `2026-03-04T0${n}:00:00Z`,
    end_time: `2026-03-04T0${n}:0${9 - n}:00Z`,
    ...part,
  });

describe("a line", () => {
  test("a row says from which definition, with which inputs and by whom it was started, and what it retries", async () => {
    fake = await openFakePage("/");
    const part = { definition: "backup", by: "cron", retried_from: "w1" } as const;
    await show(
      ended(2, { ...part, inputs: { host: "web-7", mode: "blue" } }),
      ended(1, { definition: "backup", inputs: { host: "web-8", mode: "blue" } }),
    );
    expect(row("w2").querySelector(".row-origin")?.textContent).toBe(
      "↻ retry of w1backuphost=web-7by cron",
    );
    expect(row("w2").querySelector(".row-retry")?.getAttribute("href")).toBe("/w/w1");
    expect(row("w1").querySelector(".row-origin")?.textContent).toBe("backuphost=web-8");
  });

  test("a row of a workflow that no node can take says for which it waits", async () => {
    fake = await openFakePage("/");
    await show(summary({ queued: true, why_queued: "waits for a node with gpu" }));
    expect(fake.text(".rows .row-step-name")).toBe("waits for a node with gpu");
  });

  test("a row of a workflow that goes on says how long it usually takes", async () => {
    fake = await openFakePage("/");
    await show(summary({ usual_ms: 720_000 }), ended(1));
    expect(row("w1").querySelector(".row-usual")).toBe(null);
    await show(summary({ usual_ms: 720_000 }));
    expect(fake.text(".rows .row-duration")).toBe("2m 03s / ~12m 00s");
  });

  test("rows tell workflows of a definition apart by what differs, and one alone by all", () => {
    const one = summary({ definition: "d", inputs: { a: 1, b: "x" } });
    const other = summary({ definition: "d", inputs: { a: 2, b: "x", c: true } });
    const alone = summary({ definition: "e", inputs: { a: 1, b: "x" } });
    const telling = tellingInputs([one, other, alone]);
    expect([one, other, alone].map((line) => inputsText(line, telling))).toEqual([
      "a=1",
      "a=2 · c=true",
      "a=1 · b=x",
    ]);
  });
});

describe("filters and orders", () => {
  test("filters and orders come from the address and stand in it", async () => {
    fake = await openFakePage("/?definition=deploy&input=host%3Dweb-7&time=today&sort=duration");
    const deploy = { definition: "deploy", inputs: { host: "WEB-7" } };
    const yesterday = "2026-03-02T09:00:00Z";
    await show(
      ended(1, deploy),
      ended(2, deploy),
      ended(3, { ...deploy, start_time: yesterday, end_time: yesterday }),
      ended(4, { definition: "deploy", inputs: { host: "web-70" } }),
      ended(5, { definition: "backup", inputs: { host: "web-7" } }),
    );
    expect(ids()).toEqual(["w2", "w1"]);
    await click(fake.all(".sort").find((one) => one.textContent?.startsWith("Duration")));
    expect(ids()).toEqual(["w1", "w2"]);
    expect(new URLSearchParams(window.location.search).get("sort")).toBe("-duration");
    await click(fake.all(".status-tab")[4]);
    expect(window.location.search).toContain("definition=deploy");
    expect(window.location.search).toContain("status=failed");
  });

  test("filters by days take both of them whole, and a day that is none asks for nothing", async () => {
    fake = await openFakePage("/?time=range&from=2026-03-03&to=2026-03-03");
    const at = (day: number, hour: number) => new Date(2026, 2, day, hour, 30).toISOString();
    await show(
      ended(1, { start_time: at(2, 23) }),
      ended(2, { start_time: at(3, 0) }),
      ended(3, { start_time: at(3, 23) }),
      ended(4, { start_time: at(4, 0) }),
    );
    expect(ids()).toEqual(["w3", "w2"]);
    fake.stop();
    fake = await openFakePage("/?time=range&from=2026-02-30&sort=nothing");
    await show(ended(1));
    expect(ids()).toEqual(["w1"]);
  });

  test("filters and orders hold the rows in their order under the pointer, and what is cleared keeps its place", async () => {
    fake = await openFakePage("/?sort=status");
    await show(ended(1), ended(2));
    await fake.within(() =>
      fake.root.querySelector(".list")?.dispatchEvent(new PointerEvent("pointerenter")),
    );
    await show(ended(1, { status: "failed" }));
    expect(ids()).toEqual(["w2", "w1"]);
    expect(row("w2").textContent).toContain("Cleared meanwhile");
    expect(box("w2").disabled).toBe(true);
  });
});

describe("older ones, which the followed list does not hold", () => {
  const old = [1, 2, 3].map((n) => ended(n, { in_history: true, title: `Old ${n}` }));
  const young = ended(5, { title: "Young" });
  const open = async (path: string, list: (asked: { cursor?: string }) => Promise<unknown>) => {
    const asked: object[] = [];
    fake = await openFakePage(path, {
      rest: {
        list: ((options: { cursor?: string; signal?: unknown }) => {
          const { signal: _signal, ...rest } = options;
          asked.push(rest);
          return list(rest);
        }) as never,
      },
    });
    await fake.show("*", { phase: "live", list: { workflows: { e5: young }, older: 3 } });
    await fake.pass(0);
    await fake.pass(0);
    return asked;
  };
  const answer = { success: true, counts: { completed: 4 }, next: null };

  test("older workflows are asked for with the same filters and order, and stand among the others", async () => {
    const workflows = [old[2], young, old[1], old[0]];
    const asked = await open("/?q=old&sort=name", async () => ({ ...answer, workflows }));
    expect(asked).toEqual([{ q: "old", sort: "name", limit: 200, counts: true }]);
    expect(ids()).toEqual(["w1", "w2", "w3"]);
    expect(fake.text(".status-tab")).toBe("All 4");
  });

  test("older workflows that cannot be had are said to be missing, with a way to ask again", async () => {
    let isAway = true;
    await open("/", async () => {
      if (isAway) throw new NoAnswerError("the server does not answer");
      return { ...answer, workflows: [young, ...old] };
    });
    expect(ids()).toEqual(["w5"]);
    expect(fake.text(".list-older")).toContain("Older ones did not come: the server does not");
    isAway = false;
    await click(fake.root.querySelector(".list-older button"));
    await fake.pass(1_000);
    await fake.pass(0);
    expect(ids()).toEqual(["w5", "w3", "w2", "w1"]);
  });

  test("older workflows are asked for again where one more has become older, also where their number stays the same", async () => {
    let workflows = [young, ...old];
    await open("/", async () => ({ ...answer, workflows }));
    expect(ids()).toEqual(["w5", "w3", "w2", "w1"]);
    const next = ended(6, { title: "Next" });
    workflows = [next, young, ...old.slice(1)];
    await fake.show("*", { phase: "live", list: { workflows: { e6: next }, older: 3 } });
    await fake.pass(1_000);
    await fake.pass(0);
    expect(ids()).toEqual(["w6", "w5", "w3", "w2"]);
  });

  test("older workflows are shown no further than all is known", async () => {
    const asked = await open("/", async ({ cursor }) =>
      cursor
        ? { ...answer, workflows: [old[0]] }
        : { ...answer, workflows: [young, old[2]], next: "c" },
    );
    expect(asked).toHaveLength(2);
    expect(ids()).toEqual(["w5", "w3", "w1"]);
  });
});

describe("several at once", () => {
  const all = [1, 2, 3, 4].map((n) => ended(n));
  const open = async (load: (id: string) => Promise<unknown>) => {
    fake = await openFakePage("/", { rest: { load: load as never } });
    await show(...all, summary({ workflow_id: "run", epoch: "er" }));
  };
  const at = (id: string, part = {}) => ({
    state: workflow({ workflow_id: id, status: "completed" }),
    epoch: `e${id.slice(1)}`,
    revision: 3,
    ...part,
  });
  const selected = () => fake.all(".row.is-selected").map((one) => one.dataset.workflowId);

  test("several rows are selected by box, with shift, by keyboard and all; what runs is not", async () => {
    await open(async (id) => at(id));
    expect(box("run").disabled).toBe(true);
    await click(box("w4"));
    await click(box("w2"), true);
    expect(selected()).toEqual(["w4", "w3", "w2"]);
    await press("Escape");
    expect(selected()).toEqual([]);
    await fake.within(() => row("w1").querySelector<HTMLElement>(".row-link")?.focus());
    await press("x");
    expect(selected()).toEqual(["w1"]);
    await click(fake.root.querySelector("[data-testid=select-all]"));
    expect(selected()).toEqual(["w4", "w3", "w2", "w1"]);
  });

  test("several rows are cleared after a question that says how many, each only as it was seen", async () => {
    await open(async (id) => at(id));
    await click(box("w4"));
    await click(box("w3"));
    await click(fake.root.querySelector("[data-testid=clear-selected]"));
    expect(document.querySelector("dialog")?.textContent).toContain("Clear 2 workflows?");
    expect(fake.proposed).toEqual([]);
    await fake.pass(1_000);
    await click(document.querySelector("[data-testid=confirm]"));
    await vi.waitFor(() => expect(document.querySelector("dialog")).toBe(null));
    const commands = fake.proposed as [unknown, { expected: object }][];
    expect(commands.map(([command]) => command)).toEqual([
      { kind: "clear", workflow_id: "w4" },
      { kind: "clear", workflow_id: "w3" },
    ]);
    expect(commands[0]![1].expected).toMatchObject({ epoch: "e4", revision: 3 });
    expect(selected()).toEqual([]);
  });

  test("go at once when they were cleared from here, under the pointer too; what another tab clears keeps its place", async () => {
    await open(async (id) => at(id));
    await fake.within(() =>
      fake.root.querySelector(".list")?.dispatchEvent(new PointerEvent("pointerenter")),
    );
    await click(box("w4"));
    await click(box("w3"));
    await click(fake.root.querySelector("[data-testid=clear-selected]"));
    await fake.pass(1_000);
    await click(document.querySelector("[data-testid=confirm]"));
    await vi.waitFor(() => expect(document.querySelector("dialog")).toBe(null));
    await show(all.find(({ workflow_id }) => workflow_id === "w1")!);
    const left = fake.all(".row[data-workflow-id]").map((one) => one.dataset.workflowId);
    expect(left.toSorted()).toEqual(["run", "w1", "w2"]);
    expect(row("w2").textContent).toContain("Cleared meanwhile");
  });

  test("of several workflows those that cannot be cleared are named, with the reason", async () => {
    await open(async (id) => {
      if (id === "w4") return at(id, { epoch: "another-life" });
      if (id === "w3") throw new NoAnswerError("the server does not answer");
      return at(id);
    });
    await click(fake.root.querySelector("[data-testid=select-all]"));
    await click(fake.root.querySelector("[data-testid=clear-selected]"));
    await fake.pass(1_000);
    await click(document.querySelector("[data-testid=confirm]"));
    const trouble = await vi.waitFor(() => {
      const found = document.querySelector("[data-testid=trouble]");
      expect(found).not.toBe(null);
      return found?.textContent;
    });
    expect(trouble).toContain("2 of 4 workflows cleared. Kept: ");
    expect(trouble).toContain("w4: another workflow has this id now");
    expect(trouble).toContain("w3: not cleared: the server does not answer");
    expect(fake.proposed).toHaveLength(2);
  });

  test("clearing several at once is not offered to those who may only watch", async () => {
    fake = await openFakePage("/");
    await fake.connect({ can: ["watch"] });
    await show(...all);
    expect(fake.all("[data-testid=select], [data-testid=select-all]")).toEqual([]);
  });
});

test("days begin at midnight here, and zones have names", () => {
  const day = startOfDay(NOW);
  expect(new Date(day).getHours()).toBe(0);
  expect(dayAfter(day, 1)).toBeGreaterThan(NOW);
  expect(dayOf("2026-03-04")).toBe(new Date(2026, 2, 4).getTime());
  for (const text of [undefined, "", "2026-13-01", "2026-02-30", "20260304"])
    expect(dayOf(text)).toBe(null);
  expect(formatZone(NOW)).toMatch(/^UTC([+-]\d{1,2}(:\d\d)?)?$/);
});
