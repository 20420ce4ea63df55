// @vitest-environment happy-dom
/** Addresses as links, wherever the page shows what programs and people wrote. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakePage, openFakePage } from "../fakePage.js";
import { NOW, step, summary, workflow } from "../samples.js";

let fake: FakePage;
beforeEach(async () => {
  fake = await openFakePage("/w/w1");
});
afterEach(() => fake.stop());

const live = (part = {}) => ({ phase: "live" as const, state: workflow(part), asOf: NOW });
const steps = [step(0, { status: "in_progress" })];
const links = () => fake.all(".text-link") as HTMLAnchorElement[];
const told = () => links().map((link) => [link.textContent, link.href]);

async function printed(text: string): Promise<void> {
  await fake.show("w1", live({ steps }));
  await fake.print(0, text);
  await fake.pass(100);
}

describe("in a log", () => {
  test("an address is a link that opens apart from this page and tells it nothing", async () => {
    await printed("see https://example.org/a.\n");
    expect(told()).toEqual([["https://example.org/a", "https://example.org/a"]]);
    const [link] = links();
    expect([link!.target, link!.rel]).toEqual(["_blank", "noopener noreferrer"]);
    expect(fake.all(".output-line").map((line) => line.textContent)).toEqual([
      "see https://example.org/a.",
    ]);
  });

  test("colours within an address leave it one link", async () => {
    await printed("\u001b[32mhttps://\u001b[1mexample.org\u001b[0m/a b\n");
    expect(told()).toEqual([["https://example.org/a", "https://example.org/a"]]);
    expect(links()[0]!.querySelector(".in-green.is-bold")!.textContent).toBe("example.org");
  });

  test("what is found in an address is marked within the link", async () => {
    await printed("at https://example.org/a now\n");
    const input = fake.all(".output-search-text")[0] as HTMLInputElement;
    await fake.within(() => {
      input.value = "org/a now";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    expect(told()).toEqual([["https://example.org/a", "https://example.org/a"]]);
    expect(fake.all("mark").map((mark) => mark.textContent)).toEqual(["org/a", " now"]);
    expect(links()[0]!.querySelector("mark")).not.toBeNull();
  });

  test("the link that a program made is that and no other, and says where it leads", async () => {
    const osc = (to: string, text: string) => `\u001b]8;;${to}\u0007${text}\u001b]8;;\u0007`;
    await printed(
      [
        osc("https://example.org/x", "the \u001b[31mreport\u001b[0m"),
        osc("https://evil.example/x", "https://google.com/"),
        osc("https://user@evil.example/x", "named"),
        osc("javascript:alert(1)", "script"),
        `https://google.com/${osc("https://evil.example/", "path")}`,
      ].join("\n"),
    );
    expect(links().map((link) => [link.textContent, link.href, link.dataset.leadsTo])).toEqual([
      ["the report", "https://example.org/x", undefined],
      ["https://google.com/", "https://evil.example/x", "evil.example"],
      ["path", "https://evil.example/", "evil.example"],
    ]);
    expect(links()[0]!.title).toBe("https://example.org/x");
  });

  test("marker lines have them, but for the title of a group, which is a button", async () => {
    await printed(
      "::note::see https://example.org/n\n::progress 5::at https://example.org/p\n::group::get https://example.org/g\nx\n",
    );
    expect(links().map((link) => link.textContent)).toEqual([
      "https://example.org/n",
      "https://example.org/p",
    ]);
    expect(fake.all("button a, a a, label a")).toEqual([]);
  });

  test("an address that the page had to cut is none", async () => {
    await printed(`${"x".repeat(8_180)} https://example.org/a/long/path\n`);
    expect(told()).toEqual([]);
  });
});

describe("on the page", () => {
  test("a run's title, errors, messages, notes and inputs have them, and never within another link", async () => {
    const at = (name: string) => `go to https://example.org/${name}`;
    await fake.show(
      "w1",
      live({
        title: at("title"),
        status: "failed",
        error_message: at("error"),
        inputs: { url: at("input") },
        steps: [
          step(0, {
            status: "failed",
            title: at("step"),
            error: at("why"),
            message: at("message"),
            notes: [at("note")],
            tasks: [{ name: "t", status: "failed", note: at("task") }],
          }),
        ],
      }),
    );
    const names = () => new Set(links().map((link) => link.pathname.slice(1)));
    expect([...names()].sort()).toEqual(
      ["error", "message", "note", "step", "task", "title", "why"].sort(),
    );
    await fake.within(() => fake.all("#tab-inputs")[0]!.click());
    expect(names().has("input")).toBe(true);
    expect(fake.all("a a, button a, label a")).toEqual([]);
  });

  test("a question's prompt and the help of its fields have them", async () => {
    await fake.show(
      "w1",
      live({
        status: "blocked",
        block_info: {
          id: "q1",
          step: 0,
          prompt: "Read https://example.org/runbook first",
          fields: { go: { type: "boolean", description: "See https://example.org/go" } },
        },
        steps: [step(0, { status: "blocked" })],
      }),
    );
    expect(links().map((link) => link.pathname)).toEqual(["/runbook", "/go"]);
  });

  test("a row of the list is a link itself: its title stays text, its error has links", async () => {
    fake.stop();
    fake = await openFakePage("/");
    const row = summary({
      title: "Deploy https://example.org/title",
      status: "failed",
      error_message: "see https://example.org/why",
    });
    await fake.show("*", { phase: "live", list: { workflows: { [row.epoch]: row } } });
    expect(links().map((link) => link.pathname)).toEqual(["/why"]);
    expect(fake.all("a a")).toEqual([]);
  });
});
