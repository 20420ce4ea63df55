// @vitest-environment happy-dom
/** The log of a step in the page: its tools, its groups, what it keeps, and what it tells. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { until } from "../../../../support/deadline.js";
import { fakeLogRest } from "../../fakeLogRest.js";
import { type FakePage, openFakePage } from "../../fakePage.js";
import { NOW, step, workflow } from "../../samples.js";

let fake: FakePage;
beforeEach(async () => {
  window.localStorage.clear();
  fake = await openFakePage("/w/w1");
});
afterEach(() => {
  fake.stop();
  vi.unstubAllGlobals();
});

const live = (part = {}) => ({ phase: "live" as const, state: workflow(part), asOf: NOW });
const steps = [step(0, { status: "completed" }), step(1, { status: "in_progress", title: "Copy" })];
const lines = () => fake.all(".output-line").map((line) => line.textContent);
const log = () => fake.all("[data-testid=output]")[0]!;
const tool = (name: string) => fake.all(`[data-testid=log-${name}]`)[0]!;
const isPressed = (name: string) => tool(name).getAttribute("aria-pressed");
const openMenu = () => fake.within(() => tool("more").click());
const press = (key: string) =>
  fake.within(
    () =>
      void log().dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
      ),
  );

async function reload(options = {}): Promise<void> {
  fake.stop();
  fake = await openFakePage(
    window.location.pathname + window.location.search + window.location.hash,
    {
      keepMemory: true,
      ...options,
    },
  );
  await fake.show("w1", live({ steps }));
}

async function printed(text: string): Promise<void> {
  await fake.show("w1", live({ steps }));
  await fake.print(1, text);
  await fake.pass(100);
}

function clipboard(): string[] {
  const copied: string[] = [];
  vi.stubGlobal("navigator", {
    clipboard: { writeText: async (text: string) => void copied.push(text) },
  });
  return copied;
}

describe("a log", () => {
  test("numbers its lines beside the text, as links", async () => {
    await printed("one\ntwo\n");
    expect(lines()).toEqual(["one", "two"]);
    const numbers = fake.all("a.output-number");
    expect(numbers.map((one) => one.dataset.number)).toEqual(["1", "2"]);
    expect(numbers[1]!.getAttribute("href")).toBe("/w/w1?step=action-1&attempt=1#L2");
  });

  test("a click on a number chooses its line, one with Shift all up to it", async () => {
    await printed("one\ntwo\nthree\nfour\n");
    const click = (index: number, shiftKey: boolean) =>
      fake.within(() => {
        const event = new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey });
        fake.all("a.output-number")[index]!.dispatchEvent(event);
      });
    await click(1, false);
    expect(window.location.hash).toBe("#L2");
    expect(isPressed("follow")).toBe("false");
    await click(3, true);
    expect(window.location.hash).toBe("#L2-L4");
    const selected = fake.all(".is-selected").map((line) => line.textContent);
    expect(selected).toEqual(["two", "three", "four"]);
    const copied = clipboard();
    await openMenu();
    expect(tool("copy-link").textContent).toBe("Copy link to lines");
    await fake.within(() => tool("copy-link").click());
    await fake.pass(0);
    expect(tool("copy-link").textContent).toBe("Copied");
    expect(copied).toEqual([`${window.location.origin}/w/w1?step=action-1&attempt=1#L2-L4`]);
  });

  test("a jump that ends at the end does not follow it; the reader's own scroll does", async () => {
    await printed("one\nerror: two\n");
    await press("e");
    const scroll = () => fake.within(() => void log().dispatchEvent(new Event("scroll")));
    await scroll();
    expect(isPressed("follow")).toBe("false");
    await fake.within(() => void log().dispatchEvent(new WheelEvent("wheel", { deltaY: 50 })));
    await scroll();
    expect(isPressed("follow")).toBe("true");
  });

  test("copies its last lines as Markdown that nothing in them can break", async () => {
    const copied = clipboard();
    await printed(`old\n${"x\n".repeat(199)}\u001b[31m\`\`\`\u001b[0m\n`);
    await openMenu();
    await fake.within(() => tool("copy-last").click());
    await fake.pass(0);
    expect(copied).toHaveLength(1);
    expect(copied[0]).toBe(
      `Copy, attempt 1:\n\n\`\`\`\`text\n${"x\n".repeat(199)}\`\`\`\n\`\`\`\`\n`,
    );
  });

  test("marks what looks like an error or a warning, by the judgement that the next error goes by", async () => {
    await printed(
      "fine\nError: Cannot find module 'x'\nsrc/a.c:3:1: warning: unused\n0 errors, no warnings\n::note::error: said on purpose\n",
    );
    const marks = fake
      .all(".output-line")
      .map(({ className }) => /is-(error|suspect|warning)/.exec(className)?.[1] ?? null);
    expect(marks).toEqual([null, "error", "warning", null, null]);
  });

  test("marks the line that has not ended, while the step is at work", async () => {
    await printed("one\n 10%\r 20%");
    expect(fake.all(".is-live").map((line) => line.textContent)).toEqual([" 20%"]);
    await fake.print(1, "\n");
    await fake.pass(100);
    expect(fake.all(".is-live")).toEqual([]);
  });

  test("a log says how long it is, and does not look live while the page is not", async () => {
    await printed("one\ntwo");
    const status = () => fake.text("[data-testid=log-status]");
    expect(status()).toBe("● Following · 2 lines · 7 B");
    expect(fake.all(".is-live")).toHaveLength(1);
    await fake.show("w1", { phase: "stale" });
    expect(status()).toBe("Not live: newer lines may be missing · 2 lines · 7 B");
    expect(fake.all(".is-live")).toEqual([]);
  });

  test("a log that is behind what the step is known to have printed says so, and so does the pill, until it is there", async () => {
    await printed("one\n");
    const status = () => fake.text("[data-testid=log-status]");
    const pill = () => fake.text("[data-testid=connection]");
    const ended = { ...step(1, { status: "failed", title: "Copy" }), log_bytes: 8 };
    await fake.show("w1", live({ steps: [steps[0]!, ended], status: "failed" }));
    expect(pill()).toContain("Live");
    await fake.pass(1_000);
    expect(status()).toContain("Catching up");
    expect(pill()).toContain("Catching up");
    await fake.print(1, "two\n");
    await fake.endOutput(1);
    await fake.pass(1_000);
    expect([status(), pill()]).toEqual(["2 lines · 8 B", "Connection: Live"]);
    expect(lines()).toEqual(["one", "two"]);
  });

  test("a log that is left while it is behind takes nothing of that to another page", async () => {
    const behind = { ...step(1, { status: "in_progress", title: "Copy" }), log_bytes: 99 };
    await fake.show("w1", live({ steps: [steps[0]!, behind] }));
    await fake.print(1, "one\n");
    await fake.pass(1_000);
    expect(fake.text("[data-testid=connection]")).toContain("Catching up");
    await fake.within(() => fake.page.router.go({ name: "list" }));
    expect(fake.text("[data-testid=connection]")).toContain("Live");
  });

  test("asked for its start before anything was printed stays as it is", async () => {
    await fake.show("w1", live({ steps }));
    await press("g");
    expect(fake.text("[data-testid=output]")).toBe("Nothing printed yet.");
    await fake.print(1, "one\n");
    await fake.pass(100);
    expect(fake.followed).toHaveLength(1);
    expect(lines()).toEqual(["one"]);
  });

  test("draws marker lines quietly", async () => {
    await printed("::progress 42::Copying\n::task failed::node-x::no space\n::note::hello\n");
    expect(lines()).toEqual(["42 % · Copying", "node-x: failed · no space", "hello"]);
  });

  test("wraps its lines, or does not, in every tab from now on", async () => {
    await printed("one\n");
    expect(isPressed("wrap")).toBe("true");
    await fake.within(() => tool("wrap").click());
    expect(log().className).toContain("is-unwrapped");
    expect(isPressed("follow")).toBe("true");
    window.sessionStorage.clear();
    await reload();
    expect(isPressed("wrap")).toBe("false");
  });

  test("a log reads new lines aloud where that is wanted, gathered, and a few at a time", async () => {
    await printed("old\n");
    expect(fake.all("[data-testid=read-aloud]")).toEqual([]);
    await openMenu();
    await fake.within(() => tool("read-new-lines-aloud").click());
    const region = fake.all("[data-testid=read-aloud]")[0]!;
    expect([region.getAttribute("aria-live"), log().getAttribute("aria-live")]).toEqual([
      "polite",
      "off",
    ]);
    for (let line = 0; line < 20; line++) await fake.print(1, `new ${line}\n`);
    await fake.pass(100);
    expect(region.textContent).toBe("");
    await fake.pass(2_000);
    const spoken = Array.from({ length: 8 }, (_, line) => `new ${line + 12}`);
    expect(region.textContent).toBe(["12 more lines, then:", ...spoken].join("\n"));
  });

  test("a log goes to the next line that looks like an error, and round again", async () => {
    await printed("fine\nerror: one\nfine\nfatal: two\n");
    const at = () => fake.all(".is-current").map((line) => line.textContent);
    await press("e");
    expect(at()).toEqual(["error: one"]);
    await press("e");
    expect(at()).toEqual(["fatal: two"]);
    await press("e");
    expect(at()).toEqual(["error: one"]);
    expect(isPressed("follow")).toBe("false");
  });

  test("offers the attempts there were, each with its own log", async () => {
    const again = step(1, {
      status: "in_progress",
      attempt: 2,
      attempts: [{ attempt: 1, status: "failed" }],
    });
    await fake.show("w1", live({ steps: [steps[0]!, again] }));
    const select = fake.all(".output-attempt select")[0] as HTMLSelectElement;
    expect([...select.options].map(({ text }) => text)).toEqual(["1 of 2, failed", "2 of 2, now"]);
    await fake.within(() => {
      select.value = "1";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });
    expect(window.location.search).toBe("?step=action-1&attempt=1");
    expect(fake.followed.map(({ options }) => options.attempt)).toEqual([1]);
  });
});

describe("the numbers of a log's lines", () => {
  const far = 20 * 1024 * 1024;
  const tell = async () => {
    await fake.show("w1", live({ steps }));
    await fake.print(1, "late\n", { from: far });
    await fake.pass(100);
  };

  test("a log's lines are counted only when asked for, where much stands before", async () => {
    fake.stop();
    const all = fakeLogRest("x\n".repeat(far / 2));
    fake = await openFakePage("/w/w1", { rest: all });
    await tell();
    expect([fake.all("a.output-number").length, all.calls]).toEqual([0, 0]);
    await fake.within(() => fake.all(".output-status button")[0]!.click());
    expect(fake.text("[data-testid=log-status]")).toContain("Counting lines…");
    await until(() => fake.pass(100).then(() => fake.all("a.output-number").length > 0), "numbers");
    expect(fake.all("a.output-number")[0]!.dataset.number).toBe(String(far / 2 + 1));
    expect(fake.all(".output-status button")).toEqual([]);
  });

  test("numbers are not offered where a part of the output is missing before", async () => {
    fake.stop();
    const all = fakeLogRest("x\n".repeat(far / 2), { from: 1_000_000, to: 2_000_000 });
    fake = await openFakePage("/w/w1", { rest: all });
    await tell();
    await fake.within(() => fake.all(".output-status button")[0]!.click());
    const status = () => fake.text("[data-testid=log-status]");
    await until(() => fake.pass(100).then(() => status() === "● Following · 21.0 MB"), status);
    expect(fake.all(".output-status button")).toEqual([]);
    expect(fake.all("a.output-number")).toEqual([]);
  });
});

describe("groups in a log", () => {
  const GROUP = "::group::Install\nfetching\nunpacking\n::endgroup::\nafter\n";
  const toggle = () => fake.all(".output-group")[0]!;

  test("groups in a log that have ended are folded, and say how much is in them", async () => {
    await printed(GROUP);
    expect(lines()).toEqual(["Install (2 lines)", "after"]);
    expect(toggle().getAttribute("aria-expanded")).toBe("false");
    await fake.within(() => toggle().click());
    expect(lines()).toEqual(["Install", "fetching", "unpacking", "End of group", "after"]);
    // Who opens a group wants to read it, not to be carried off.
    expect(isPressed("follow")).toBe("false");
  });

  test("groups in a log that were opened are open after a reload", async () => {
    await printed(GROUP);
    await fake.within(() => toggle().click());
    await reload();
    await fake.print(1, GROUP);
    await fake.pass(100);
    expect(toggle().getAttribute("aria-expanded")).toBe("true");
  });

  test("groups at work are open, and stay so when they end", async () => {
    await printed("::group::Install\nfetching\n");
    expect(lines()).toEqual(["Install", "fetching"]);
    await fake.print(1, "::endgroup::\n");
    await fake.pass(100);
    expect(lines()).toEqual(["Install", "fetching", "End of group"]);
  });

  test("open for what is found in them", async () => {
    await printed("::group::Install\nfatal: no space\n::endgroup::\n");
    expect(lines()).toEqual(["Install (1 line)"]);
    await press("e");
    expect(fake.all(".is-current").map((line) => line.textContent)).toEqual(["fatal: no space"]);
  });
});

describe("a search in a log", () => {
  const input = () => fake.all(".output-search-text")[0] as HTMLInputElement;
  const type = (text: string) =>
    fake.within(() => {
      input().value = text;
      input().dispatchEvent(new Event("input", { bubbles: true }));
    });
  const enter = (shiftKey = false) =>
    fake.within(() => {
      const event = new KeyboardEvent("keydown", { key: "Enter", shiftKey, bubbles: true });
      input().dispatchEvent(event);
    });
  const count = () => fake.text("[data-testid=search-count]");
  const current = () => fake.all("mark.is-current").length;

  test("a search counts and marks what it finds, and moves nothing until it is asked to", async () => {
    await printed("abc\nxAbx ab\n");
    await type("ab");
    expect(fake.all("mark").map((mark) => mark.textContent)).toEqual(["ab", "Ab", "ab"]);
    expect([count(), current(), isPressed("follow")]).toEqual(["0/3", 0, "true"]);
    await enter();
    expect([count(), current(), isPressed("follow")]).toEqual(["1/3", 1, "false"]);
    await enter();
    await enter();
    expect(count()).toBe("3/3");
    await enter();
    expect(count()).toBe("1/3");
    await enter(true);
    expect(count()).toBe("3/3");
    await press("N");
    expect(count()).toBe("2/3");
    await press("n");
    expect(count()).toBe("3/3");
  });

  test("a search is there again after a reload", async () => {
    await printed("abc\n");
    await type("zzz");
    expect(count()).toBe("Not found");
    await reload();
    expect(input().value).toBe("zzz");
  });

  test("a search says what is wrong with an expression", async () => {
    await printed("abc\n");
    await fake.within(() => fake.all("[aria-label='Regular expression']")[0]!.click());
    await type("a(");
    expect(fake.text("[data-testid=log-said]")).toBe("This is not a valid expression.");
    expect(input().getAttribute("aria-invalid")).toBe("true");
  });
});

describe("a log that is opened again", () => {
  const text = Array.from({ length: 3_000 }, (_, line) => `line ${line + 1}\n`).join("");

  test("a log whose reader was not at its end reads that part again, and follows from there on", async () => {
    await printed("one\n");
    const kept = { isFollowing: false, offset: text.indexOf("line 700"), delta: -3 };
    window.sessionStorage.setItem("instep.log.w1.1.1", JSON.stringify(kept));
    // Leaving writes down where the reader was: that is this one's to say.
    const item = window.sessionStorage.getItem("instep.log.w1.1.1")!;
    fake.stop();
    window.sessionStorage.setItem("instep.log.w1.1.1", item);
    fake = await openFakePage("/w/w1", { keepMemory: true, rest: fakeLogRest(text) });
    await fake.show("w1", live({ steps }));
    await vi.waitFor(() => expect(fake.followed).toHaveLength(1));
    expect(fake.followed[0]!.options).toEqual({ attempt: 1, from: text.length });
    await until(
      () => fake.pass(100).then(() => lines().includes("line 700")),
      "the line that was read is drawn",
    );
    await until(() => fake.pass(100).then(() => lines().at(-1) === "line 2699"), "all lines drawn");
    expect(isPressed("follow")).toBe("false");
    await fake.print(1, "new\n");
    await fake.pass(100);
    expect(fake.text("[data-testid=new-lines]")).toBe("↓ 1 new line");
  });

  test("a log opened by a link to a line that is not there says so, and shows the end", async () => {
    fake.stop();
    fake = await openFakePage("/w/w1?step=action-1#L9999", { rest: fakeLogRest(text) });
    await fake.show("w1", live({ steps }));
    await vi.waitFor(() => expect(fake.text("[role=alert]")).toContain("Line 9,999 is not there"));
    expect(lines().at(-1)).toBe("line 3000");
    await until(() => fake.pass(100).then(() => lines()[0] === "line 1001"), "all lines drawn");
  });

  test("a log opened while the server does not answer says so, and tries again when asked", async () => {
    fake.stop();
    const rest = fakeLogRest(text);
    let isUp = false;
    const log: typeof rest.log = (...asked) =>
      isUp ? rest.log(...asked) : Promise.reject(new Error("no answer"));
    fake = await openFakePage("/w/w1?step=action-1#L70", { rest: { log } });
    await fake.show("w1", live({ steps }));
    await vi.waitFor(() => expect(fake.text("[role=alert]")).toContain("no answer"));
    isUp = true;
    await fake.within(() => fake.all("[role=alert] button")[0]!.click());
    await vi.waitFor(() => expect(lines()).toContain("line 70"));
    expect(fake.all("main [role=alert]")).toEqual([]);
  });
});
