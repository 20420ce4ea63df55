// @vitest-environment happy-dom
/** A search of the whole log: it says that it can be had, how far it is, and what became of it. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { createLogParts } from "../../../../../../client/ui/workflow/output/bytes/logBytes.js";
import type { Elsewhere } from "../../../../../../client/ui/workflow/output/onPage/elsewhere.js";
import {
  type Fits,
  searchElsewhere,
} from "../../../../../../client/ui/workflow/output/search/wholeSearch.js";
import { fakeLogRest } from "../../../fakeLogRest.js";
import { type FakePage, openFakePage } from "../../../fakePage.js";
import { NOW, step, workflow } from "../../../samples.js";

const NAME = { workflow_id: "w1", epoch: undefined, step: 0, attempt: 1 };
const linesText = (count: number, more: Record<number, string> = {}) =>
  Array.from({ length: count }, (_, index) => `${more[index + 1] ?? `line ${index + 1}`}\n`).join(
    "",
  );
const fitsOf =
  (word: string): Fits =>
  async (texts) =>
    texts.map((text) => text.split(word).length - 1);

function around(text: string, page: { from: string; to: string }, part: Partial<Elsewhere> = {}) {
  const { signal } = new AbortController();
  return {
    parts: createLogParts(fakeLogRest(text), NAME, signal),
    begin: text.indexOf(page.from),
    next: text.indexOf(page.to),
    until: text.length,
    isWanted: () => true,
    ...part,
  };
}

describe("a search of what is not on the page", () => {
  const text = linesText(90_000, { 500: "a needle", 85000: "a needle, a needle" });
  const page = { from: "line 4000\n", to: "line 5000\n" };
  const search = (by: 1 | -1, where: Elsewhere, word = "needle") =>
    searchElsewhere(by, where, fitsOf(word), () => {});

  test("a search goes on to the end first, and then from the start to the page", async () => {
    const late = { offset: text.indexOf("a needle, a"), part: 0, index: 0, isRoundAgain: false };
    expect(await search(1, around(text, page))).toEqual({ name: "found", line: late });
    const early = { offset: text.indexOf("a needle"), part: 0, index: 0, isRoundAgain: true };
    const behind = { from: "line 86000\n", to: "line 87000\n" };
    expect(await search(1, around(text, behind))).toEqual({ name: "found", line: early });
  });

  test("a search goes back to the start first, and then from the end to the page, to the last match of a line", async () => {
    const early = { offset: text.indexOf("a needle"), part: 0, index: 0, isRoundAgain: false };
    expect(await search(-1, around(text, page))).toEqual({ name: "found", line: early });
    const before = { from: "line 100\n", to: "line 200\n" };
    const late = { offset: text.indexOf("a needle, a"), part: 0, index: 1, isRoundAgain: true };
    expect(await search(-1, around(text, before))).toEqual({ name: "found", line: late });
  });

  test("a search says that there is no match only after all of the output was read", async () => {
    const shares: number[] = [];
    const end = await searchElsewhere(1, around(text, page), fitsOf("hay"), ({ share }) =>
      shares.push(share),
    );
    expect(end).toEqual({ name: "none" });
    expect(shares.length).toBeGreaterThan(2);
    expect([...shares].sort((one, other) => one - other)).toEqual(shares);
    expect(shares.at(-1)).toBe(1);
  });

  test("a search finds what stands far within a line that is longer than the page draws", async () => {
    const long = `${"x".repeat(100_000)}needle${"y".repeat(100)}\n`;
    const whole = `${linesText(3_000)}${long}${linesText(10)}`;
    const end = await search(1, around(whole, { from: "line 1\n", to: "line 2\n" }));
    // 100,000 characters are in parts of 8,192.
    const line = { offset: whole.indexOf("xxx"), part: 12, index: 0, isRoundAgain: false };
    expect(end).toEqual({ name: "found", line });
  });

  test("passes over what is not kept any more", async () => {
    const rest = fakeLogRest(text, {
      from: text.indexOf("line 6000\n"),
      to: text.indexOf("line 7000\n"),
    });
    const parts = createLogParts(rest, NAME, new AbortController().signal);
    const end = await search(1, around(text, page, { parts }));
    expect(end).toMatchObject({ name: "found", line: { offset: text.indexOf("a needle, a") } });
  });

  test("a search stops when nobody waits any more, and says when it takes too long", async () => {
    let left = 2;
    const isWanted = () => left-- > 0;
    expect(await search(1, around(text, page, { isWanted }))).toEqual({ name: "stopped" });
    const end = await searchElsewhere(
      1,
      around(text, page),
      async () => null,
      () => {},
    );
    expect(end).toEqual({ name: "tooLong" });
  });
});

describe("on the page", () => {
  let fake: FakePage;
  afterEach(() => fake.stop());
  const input = () => fake.all(".output-search-text")[0] as HTMLInputElement;
  const said = () => fake.text("[data-testid=log-said]");
  const count = () => fake.text("[data-testid=search-count]");
  const at = () => fake.all("mark.is-current").map((mark) => mark.parentElement!.textContent);
  const type = (text: string) =>
    fake.within(() => {
      input().value = text;
      input().dispatchEvent(new Event("input", { bubbles: true }));
    });
  const key = (name: string) =>
    fake.within(
      () =>
        void input().dispatchEvent(
          new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }),
        ),
    );

  /** A finished log, opened at its start; `hold` keeps the next answers back. */
  async function open(text: string) {
    const rest = fakeLogRest(text);
    const waiting: (() => void)[] = [];
    let isHeld = false;
    const log: typeof rest.log = async (...asked) => {
      if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve));
      return rest.log(...asked);
    };
    fake = await openFakePage("/w/w1?step=action-0#L1", { rest: { log } });
    const steps = [step(0, { status: "completed", log_bytes: text.length })];
    await fake.show("w1", { phase: "live", state: workflow({ steps }), asOf: NOW });
    await vi.waitFor(() => expect(fake.all(".is-selected")).toHaveLength(1));
    return {
      hold: () => {
        isHeld = true;
      },
      /** One answer, or all and those to come. */
      letOne: () => waiting.shift()?.(),
      release: () => {
        isHeld = false;
        for (const go of waiting.splice(0)) go();
      },
    };
  }

  test("Enter is offered, the search is shown with its line and can be stopped", async () => {
    const server = await open(linesText(90_000, { 80000: "a needle" }));
    await type("needle");
    expect(said()).toBe("Not in the lines loaded: Enter searches the whole log.");
    server.hold();
    await key("Enter");
    expect(said()).toBe("Searching the whole log… 0 % Stop");
    await key("Escape");
    expect(at()).toEqual([]);
    expect(said()).toBe("Not in the lines loaded: Enter searches the whole log.");
    await key("Enter");
    await vi.waitFor(async () => {
      server.letOne();
      await fake.pass(0);
      expect(said()).toMatch(/^Searching the whole log… line \d+,\d{3}, \d+ % Stop$/);
    });
    server.release();
    await vi.waitFor(() => expect(at()).toEqual(["a needle"]));
    expect([said(), count()]).toEqual(["", "1/1+"]);
  });

  test("what is nowhere is said to be nowhere, until more is printed", async () => {
    await open(linesText(20_000));
    await type("needle");
    await key("Enter");
    await vi.waitFor(() => expect(said()).toBe("Not found in the whole log."));
    await fake.pass(6_000);
    expect(said()).toBe("Not found in the whole log.");
    await fake.print(0, "later needle\n");
    await fake.pass(100);
    expect(said()).toBe("Not in the lines loaded: Enter searches the whole log.");
    await type("needl");
    expect(said()).toBe("Not in the lines loaded: Enter searches the whole log.");
  });

  test("Enter goes round from the end of a log to its start", async () => {
    const text = linesText(20_000, { 30: "a needle" });
    const rest = fakeLogRest(text);
    fake = await openFakePage("/w/w1", { rest });
    const steps = [step(0, { status: "in_progress", log_bytes: text.length })];
    await fake.show("w1", { phase: "live", state: workflow({ steps }), asOf: NOW });
    const from = text.indexOf("line 19000\n");
    await fake.print(0, text.slice(from), { from });
    await fake.pass(100);
    await type("needle");
    await key("Enter");
    await vi.waitFor(() => expect(at()).toEqual(["a needle"]));
    expect(said()).toBe("From the start of the log again.");
  });

  test("another text ends the search of the one before", async () => {
    const server = await open(linesText(90_000, { 80000: "a needle" }));
    await type("needle");
    server.hold();
    await key("Enter");
    await type("line 5");
    expect(said()).toBe("");
    server.release();
    await key("Enter");
    await vi.waitFor(() => expect(at()).toEqual(["line 5"]));
    expect(said()).toBe("");
  });

  test("a server that does not answer is not taken for a log without it", async () => {
    await open(linesText(20_000));
    await type("needle");
    fake.page.client.rest.log = () => Promise.reject(new Error("no answer"));
    await key("Enter");
    await vi.waitFor(() => expect(said()).toContain("the server did not answer"));
  });

  test("the next error says when there is none in the whole log", async () => {
    await open(linesText(20_000));
    await fake.within(() => fake.all("[data-testid=log-next-error]")[0]!.click());
    await vi.waitFor(() => expect(said()).toBe("No line of the log looks like an error."));
  });
});
