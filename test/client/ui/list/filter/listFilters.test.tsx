// @vitest-environment happy-dom
/** Finding a workflow in the list: by words, by status, by keyboard, and from a link. */
import { afterEach, describe, expect, test } from "vitest";
import type { DefinitionView, Summary } from "../../../../../client/index.js";
import { statusTabs } from "../../../../../client/ui/list/filter/filters.js";
import { fitting } from "../../../../../shared/state/listQuery.js";
import type { CommandLine } from "../../../../../shared/wire/rest.js";
import { showList, shownIds } from "../../fakeList.js";
import { type FakePage, openFakePage } from "../../fakePage.js";
import { summary } from "../../samples.js";

let fake: FakePage;
afterEach(() => fake?.stop());

const show = (...summaries: Summary[]) => showList(fake, ...summaries);
const ids = () => shownIds(fake);
const tabs = () => fake.all(".status-tab").map((tab) => tab.textContent);
const press = (key: string) =>
  fake.within(() => {
    (document.activeElement ?? document.body).dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
    );
  });
const type = (text: string) =>
  fake.within(() => {
    const field = fake.root.querySelector<HTMLInputElement>("[data-testid=search]")!;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
const point = (at: "enter" | "leave", pointerType = "mouse") =>
  fake.within(() => {
    fake.root
      .querySelector(".list")
      ?.dispatchEvent(new PointerEvent(`pointer${at}`, { pointerType }));
  });

const one = summary({ workflow_id: "one", epoch: "e1", title: "Nightly backup" });
const two = summary({
  workflow_id: "two",
  epoch: "e2",
  title: "Deploy the shop",
  status: "failed",
  step: "Build",
  start_time: "2026-03-04T09:40:00Z",
});

describe("the tabs", () => {
  test("the tabs count what there is in each status, and lead there", async () => {
    fake = await openFakePage("/");
    await show(one, two);
    expect(tabs()).toEqual([
      "All 2",
      "Running 1",
      "Needs input 0",
      "Interrupted 0",
      "Failed 1",
      "Done 0",
      "Cancelled 0",
    ]);
    await fake.within(() => fake.all(".status-tab")[4]?.click());
    expect(window.location.search).toBe("?status=failed");
    expect(ids()).toEqual(["two"]);
    expect(fake.all("[aria-current]").map((tab) => tab.textContent)).toEqual(["Failed 1"]);
  });

  test("the tabs count only what the search finds, so that they add up", () => {
    const counts = statusTabs([one, two], { q: "deploy" }).map(({ count }) => count);
    expect(counts).toEqual([1, 0, 0, 0, 1, 0, 0]);
  });

  test("the tabs have one more for a status only a newer server knows", () => {
    expect(statusTabs([], { status: ["paused"] }).at(-1)).toMatchObject({ status: "paused" });
  });
});

describe("the search", () => {
  test("the search finds every word, in the name, the id or the step, in any case", () => {
    for (const q of ["shop", "DEPLOY shop", "two", "build", ""]) {
      expect(fitting({ q })(two), q).toBe(true);
    }
    expect(fitting({ q: "shop backup" })(two)).toBe(false);
  });

  test("stands in the address, a moment after the last key", async () => {
    fake = await openFakePage("/?status=failed");
    await show(one, two);
    await type("sh");
    await type("shop ");
    expect(window.location.search).toBe("?status=failed");
    await fake.pass(150);
    expect(window.location.search).toBe("?status=failed&q=shop");
  });

  test("the search comes back from the address", async () => {
    fake = await openFakePage("/?q=backup");
    await show(one, two);
    expect(ids()).toEqual(["one"]);
    expect(fake.root.querySelector<HTMLInputElement>("[data-testid=search]")?.value).toBe("backup");
  });

  test("the search is reached with /, emptied and left with Escape", async () => {
    fake = await openFakePage("/?q=backup");
    await show(one, two);
    await press("/");
    const field = fake.root.querySelector<HTMLInputElement>("[data-testid=search]")!;
    expect(document.activeElement).toBe(field);
    await press("Escape");
    expect([field.value, window.location.search]).toEqual(["", ""]);
    await press("Escape");
    expect(document.activeElement).not.toBe(field);
  });

  test("a search that finds nothing says so, and offers to see everything", async () => {
    fake = await openFakePage("/?q=nowhere&status=running");
    await show(one, two);
    expect(fake.text("[data-testid=nothing-fits]")).toContain("Nothing matches");
    expect(fake.text("[data-testid=nothing-fits]")).toContain("“nowhere”");
    await fake.within(() =>
      fake.root.querySelector<HTMLElement>("[data-testid=nothing-fits] a")?.click(),
    );
    expect(ids()).toEqual(["one", "two"]);
  });
});

describe("the rows", () => {
  test("the rows stay where they are under the pointer, also those that fit no more", async () => {
    fake = await openFakePage("/?status=running");
    await show(one, two);
    await point("enter");
    await show({ ...one, status: "completed" }, { ...two, status: "running" });
    expect(ids()).toEqual(["one"]);
    expect(fake.text(".rows")).toContain("Completed");
    expect(fake.text(".list-waiting")).toContain("1 new workflow");
    await point("leave");
    expect(ids()).toEqual(["two"]);
  });

  test("the rows are held as well once something else was asked for under the pointer", async () => {
    fake = await openFakePage("/");
    await show(one, two);
    await point("enter");
    await fake.within(() => fake.page.router.go({ name: "list", status: "failed" }));
    await show({ ...one, status: "failed" }, two);
    expect(ids()).toEqual(["two"]);
  });

  test("the rows wait for a finger too, until they are asked for", async () => {
    fake = await openFakePage("/");
    await show(two);
    await point("enter", "touch");
    await point("leave", "touch");
    await show(two, one);
    expect(ids()).toEqual(["two"]);
  });

  test("the rows are walked through by keyboard, and hold still then", async () => {
    fake = await openFakePage("/");
    await show(one, two);
    const focused = () => document.activeElement?.textContent;
    await press("j");
    expect(focused()).toBe("Nightly backup");
    await press("ArrowDown");
    await press("j");
    expect(focused()).toBe("Deploy the shop");
    await show(one, two, summary({ workflow_id: "new", epoch: "e3" }));
    expect(ids()).toEqual(["one", "two"]);
    await press("k");
    expect(focused()).toBe("Nightly backup");
  });

  test("a row says what waits for its turn, and how far a running one is", async () => {
    fake = await openFakePage("/");
    await show(one, { ...two, status: "running", queued: true });
    expect(fake.text("[data-workflow-id=two]")).toContain("Waiting for its turn");
    expect(fake.text("[data-workflow-id=two]")).not.toContain("%");
    expect(fake.text("[data-workflow-id=one]")).toContain("33 %");
  });

  test("the rows come two hundred at once, and more on demand", async () => {
    fake = await openFakePage("/");
    const many = Array.from({ length: 450 }, (_, n) =>
      summary({ workflow_id: `w${n}`, epoch: `e${n}` }),
    );
    await show(...many);
    expect(ids().length).toBe(200);
    expect(fake.text(".list-more")).toBe("250 more – show");
    await fake.within(() => fake.root.querySelector<HTMLElement>(".list-more")?.click());
    expect(ids().length).toBe(400);
  });

  test("a row is not drawn again because of another one", async () => {
    fake = await openFakePage("/");
    await show(one, two);
    const row = fake.root.querySelector("[data-workflow-id=two] .badge-word")!.firstChild!;
    await show({ ...one, step: "Verify" }, two);
    expect(fake.root.querySelector("[data-workflow-id=two] .badge-word")!.firstChild).toBe(row);
    expect(fake.text("[data-workflow-id=one]")).toContain("Verify");
  });
});

test("an empty list shows the command line of this server, or none", async () => {
  const open = async (command_line?: CommandLine) => {
    const answer = {
      success: true,
      definitions: [],
      problems: [],
      ...(command_line && { command_line }),
    };
    fake = await openFakePage("/", { rest: { definitions: async () => answer as never } });
    await show();
    const text = fake.text("[data-testid=empty]");
    fake.stop();
    return text;
  };
  const file = "node_modules/instep/examples/backup.yaml";
  const text = await open({ program: "npx instep", example: file, folder: "/srv/app" });
  expect(text).toContain("in the folder /srv/app of the server");
  expect(text).toContain(`npx instep run ${file} --server 'http://localhost`);
  const anywhere = await open({ program: "instep", example: "'/a b/backup.yaml'", folder: null });
  expect(anywhere).toContain("instep run '/a b/backup.yaml' --server 'http://localhost");
  expect(anywhere).not.toContain("in the folder");
  for (const less of [undefined, { program: "instep", folder: null }])
    expect(await open(less)).not.toContain("--server");
});

test("an empty list offers an example as one, behind one's own definitions", async () => {
  const definition = (name: string): DefinitionView => {
    return { name, on_restart: "ask", inputs: {}, steps: [] };
  };
  const definitions = [definition("shop"), { ...definition("backup"), example: true }];
  const answer = { success: true, definitions, problems: [] } as const;
  fake = await openFakePage("/", { rest: { definitions: async () => answer } });
  await show();
  const offers = fake.all(".offers a");
  expect(offers.map(({ textContent }) => textContent)).toEqual(["shop…", "Example: backup…"]);
  expect(offers.map(({ className }) => className)).toEqual(["button is-primary", "button"]);
});

test("an empty list counts the files that cannot be used, not their mistakes", async () => {
  const open = async (...files: string[]) => {
    const at = { line: 1, column: 1, field: null, message: "is required" };
    const problems = files.map((file) => ({ ...at, file }));
    const answer = { success: true, definitions: [], problems } as const;
    fake = await openFakePage("/", { rest: { definitions: async () => answer } });
    await show();
    const text = fake.text("[data-testid=empty]");
    fake.stop();
    return text;
  };
  expect(await open()).not.toContain("cannot be used");
  expect(await open("a.yaml", "a.yaml")).toContain("One file cannot be used");
  expect(await open("a.yaml", "b.yaml", "a.yaml")).toContain("2 files cannot be used");
});

test("an empty list offers what the server can start by name", async () => {
  const definition: DefinitionView = {
    name: "backup",
    title: "Nightly backup",
    on_restart: "ask",
    inputs: {},
    steps: [],
  };
  const answer = { success: true, definitions: [definition], problems: [] } as const;
  fake = await openFakePage("/", { rest: { definitions: async () => answer } });
  await show();
  const offer = fake.root.querySelector<HTMLAnchorElement>(".offers a");
  expect(offer?.textContent).toBe("Nightly backup…");
  expect(offer?.getAttribute("href")).toBe("/start/backup");
});

test("no answer at all is said after a moment, with a way to ask again", async () => {
  fake = await openFakePage("/");
  await fake.connect({ phase: "waiting", retryAt: null });
  expect(fake.text("main")).toBe("");
  await fake.pass(150);
  expect(fake.text("[data-testid=no-view]")).toContain("The server does not answer");
  expect(fake.text("[data-testid=no-view] button")).toBe("Try again now");
});

test("an address where no Instep answers is called so while it is tried again, too", async () => {
  fake = await openFakePage("/");
  const problem = "No Instep server answers at http://localhost (no answer came in time).";
  await fake.connect({ phase: "waiting", retryAt: null, problem });
  await fake.pass(150);
  for (const phase of ["waiting", "connecting"] as const) {
    await fake.connect({ phase, retryAt: null, problem });
    expect(fake.text("[data-testid=no-view] h1")).toBe("The server does not answer");
    expect(fake.text("[data-testid=no-view] p")).toBe(`${problem} The page tries again by itself.`);
    expect(fake.text("[data-testid=no-view] button")).toBe("Try again now");
  }
  await fake.connect({ phase: "connecting", problem: null });
  expect(fake.all("[data-testid=no-view] button")).toEqual([]);
});
