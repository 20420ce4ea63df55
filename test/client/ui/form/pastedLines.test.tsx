// @vitest-environment happy-dom
/** What is pasted with several lines stays whole, or is refused in words; Enter in a field starts nothing. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunCommand } from "../../../../client/index.js";
import { linesOf, readPasted } from "../../../../client/ui/form/pastedLines.js";
import { type FakePage, openFakePage } from "../fakePage.js";

const KEY = "-----BEGIN KEY-----\nabcdefghijkl\n-----END KEY-----\n";
const DEFINITION = {
  name: "deploy",
  on_restart: "ask" as const,
  last: null,
  usual_ms: null,
  inputs: {
    note: { type: "string" as const },
    key: { type: "secret" as const, title: "Deploy key" },
    times: { type: "number" as const },
    machine: { type: "ssh" as const },
  },
  steps: [{ action: "copy", enabled: true, idempotent: false, asks: false }],
};

let fake: FakePage;
let sent: RunCommand[];
beforeEach(async () => {
  sent = [];
  const run = (async (command: RunCommand) => {
    sent.push(command);
    return { workflow_id: "w2" };
  }) as unknown as FakePage["page"]["client"]["rest"]["run"];
  const definitions = async () => ({
    success: true as const,
    definitions: [DEFINITION],
    problems: [],
  });
  fake = await openFakePage("/start/deploy", { rest: { definitions, run } });
  await fake.pass(500);
});
afterEach(() => fake.stop());

const field = (name: string) =>
  document.getElementById(`input-${name}`) as HTMLInputElement | HTMLTextAreaElement;

/** As the browser does it: what nobody takes goes in without its line ends where it is one line. */
async function give(name: string, text: string, how: "paste" | "drop" | "beforeinput" = "paste") {
  await fake.within(() => {
    const to = field(name);
    const event = new Event(how, { bubbles: true, cancelable: true });
    const data = { getData: () => text };
    Object.assign(event, { clipboardData: data, dataTransfer: data, data: text });
    Object.defineProperty(event, "inputType", { value: "insertText" });
    if (!to.dispatchEvent(event)) return;
    to.value += to instanceof HTMLTextAreaElement ? text : text.replaceAll("\n", "");
    to.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

async function start() {
  await fake.within(() => fake.all("[data-testid=start]")[0]!.click());
  await fake.pass(0);
}

describe("a connection with port forwarding in it", () => {
  test("a connection with port forwarding in it is taken, and said beside the field before anything starts", async () => {
    await give("machine", "ssh -p 2222 root@host -L 8080:localhost:8080");
    expect(document.getElementById("input-machine-lines")?.textContent).toBe(
      "Port forwarding was left out: -L 8080:localhost:8080.",
    );
    expect(field("machine").getAttribute("aria-describedby")).toContain("input-machine-lines");
    await start();
    expect(sent).toHaveLength(1);
  });
});

describe("several lines that are given at once", () => {
  test.each(["paste", "drop", "beforeinput"] as const)(
    "by %s reach the command whole, also of a secret",
    async (how) => {
      await give("note", "first\n  second\n", how);
      await give("key", KEY, how);
      await start();
      expect(sent).toMatchObject([{ inputs: { note: "first\n  second\n", key: KEY } }]);
    },
  );

  test("several lines of a secret are hidden still, counted, kept from the clipboard and in no draft", async () => {
    field("key").focus();
    await give("key", KEY);
    const shown = field("key");
    expect(shown.tagName).toBe("TEXTAREA");
    expect(shown.className).toContain("is-hidden");
    expect(document.activeElement).toBe(shown);
    expect(shown.selectionStart).toBe(KEY.length);
    expect(fake.text("#input-key-lines")).toBe("3 lines, kept as they are and not shown.");
    expect(shown.getAttribute("aria-describedby")).toContain("input-key-lines");
    const copy = new Event("copy", { bubbles: true, cancelable: true });
    expect(shown.dispatchEvent(copy)).toBe(false);
    expect(JSON.stringify({ ...window.sessionStorage })).not.toContain("abcdefghijkl");
  });

  test("go where the caret is", async () => {
    await fake.within(() => {
      const key = field("key") as HTMLInputElement;
      key.value = "ab";
      key.dispatchEvent(new Event("input", { bubbles: true }));
    });
    (field("key") as HTMLInputElement).setSelectionRange(1, 1);
    await give("key", "1\n2");
    expect(field("key").value).toBe("a1\n2b");
  });

  test.each([
    ["times", "a number"],
    ["machine", "a connection"],
  ])("are refused in words for %s, and nothing of them is taken", async (name, what) => {
    await give(name, "1\n2");
    expect(field(name).value).toBe("");
    expect(fake.text(`#input-${name}-lines`)).toBe(
      `2 lines were pasted, and ${what} has one. Nothing of them was taken.`,
    );
    await give(name, "7\n");
    expect(field(name).value).toBe("7");
    expect(document.getElementById(`input-${name}-lines`)).toBeNull();
  });
});

describe("Enter in a field", () => {
  const enter = async (name: string, init: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent("keydown", {
      key: "Enter",
      bubbles: true,
      cancelable: true,
      ...init,
    });
    await fake.within(() => {
      field(name).focus();
      field(name).dispatchEvent(event);
    });
    return event.defaultPrevented;
  };

  test.each(["note", "key", "times"])(
    "leads from %s to the button, and presses nothing",
    async (name) => {
      expect(await enter(name)).toBe(true);
      expect((document.activeElement as HTMLElement).dataset.testid).toBe("start");
      expect(sent).toEqual([]);
    },
  );

  test("Enter is a line more with Shift, among several lines, and the writing system's own while it composes", async () => {
    expect(await enter("note", { shiftKey: true })).toBe(false);
    expect(await enter("note", { isComposing: true })).toBe(false);
    await give("note", "a\nb");
    expect(await enter("note")).toBe(false);
  });
});

test.each([
  ["one\n", "line"],
  ["\r\none\r\n", "line"],
  ["", "line"],
  ["\n", "line"],
  ["a\rb", "lines"],
  ["a\r\nb", "lines"],
])("%j pasted into text is a %s", (pasted, kind) => {
  expect(readPasted({ type: "string" }, pasted).kind).toBe(kind);
});

test("lines are counted as people count them", () => {
  expect([linesOf("a\nb"), linesOf("a\nb\n"), linesOf("a\n\n")]).toEqual([2, 2, 2]);
});
