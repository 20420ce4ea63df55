// @vitest-environment happy-dom
/** Copying: within the click, in every way a browser offers, and never without a word. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { copyText } from "../../../../client/ui/browser/clipboard.js";
import type { OutputLine } from "../../../../client/ui/workflow/output/lines/outputLines.js";
import { textsOf } from "../../../../client/ui/workflow/output/tools/logCopy.js";
import { fakeLogRest } from "../fakeLogRest.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { NOW, step, workflow } from "../samples.js";

/** What a browser may be like. `copied`: what came to its clipboard. */
function browser(ways: { write?: boolean; writeText?: "ok" | "refused"; byHand?: boolean }) {
  const copied: string[] = [];
  const refused = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  const clipboard = {
    ...(ways.write && {
      write: async ([item]: { items: Record<string, Promise<Blob>> }[]) =>
        void copied.push(await (await item!.items["text/plain"]!).text()),
    }),
    ...(ways.writeText && {
      writeText: async (text: string) =>
        ways.writeText === "ok" ? void copied.push(text) : refused(),
    }),
  };
  const hasClipboard = ways.write || ways.writeText;
  vi.stubGlobal("navigator", hasClipboard ? { clipboard } : {});
  vi.stubGlobal(
    "ClipboardItem",
    ways.write
      ? class {
          constructor(readonly items: Record<string, Promise<Blob>>) {}
        }
      : undefined,
  );
  document.execCommand = () => {
    const field = document.activeElement;
    if (!ways.byHand || !(field instanceof HTMLTextAreaElement)) return false;
    copied.push(field.value);
    return true;
  };
  return copied;
}

afterEach(() => vi.unstubAllGlobals());

describe("a text", () => {
  test.each([
    ["by the clipboard", { writeText: "ok" }],
    ["by hand, where there is no clipboard, as over plain http", { byHand: true }],
    ["by hand, where the clipboard refuses", { writeText: "refused", byHand: true }],
  ] as const)("is copied %s", async (_, ways) => {
    const copied = browser(ways);
    expect(await copyText("some text")).toBe(true);
    expect(copied).toEqual(["some text"]);
    expect(document.querySelector("textarea")).toBeNull();
  });

  test("a text that nothing can copy is said not to be", async () => {
    browser({ writeText: "refused" });
    expect(await copyText("some text")).toBe(false);
  });

  test("a text that is still on its way is promised to the clipboard within the click", async () => {
    const copied = browser({ write: true });
    let arrive = (_: string) => {};
    const write = vi.spyOn(navigator.clipboard, "write");
    const done = copyText(new Promise<string>((resolve) => (arrive = resolve)));
    expect(write).toHaveBeenCalledTimes(1);
    arrive("late");
    expect(await done).toBe(true);
    expect(copied).toEqual(["late"]);
  });

  test("a text that does not arrive is not taken for a refusal", async () => {
    browser({ write: true });
    await expect(copyText(Promise.reject(new Error("no answer")))).rejects.toThrow("no answer");
  });

  test("a text is copied by hand also while a dialog lies over the page, and the focus stays", async () => {
    document.body.innerHTML = "<dialog open><button>in it</button></dialog>";
    const button = document.querySelector("button")!;
    button.focus();
    let isInside = false;
    browser({});
    document.execCommand = () => {
      isInside = document.activeElement?.closest("dialog") !== null;
      return true;
    };
    expect(await copyText("x")).toBe(true);
    expect([isInside, document.activeElement]).toEqual([true, button]);
  });
});

describe("on the page", () => {
  let fake: FakePage;
  const text = Array.from({ length: 3_000 }, (_, line) => `line ${line + 1}\n`).join("");
  const tool = (name: string) => fake.all(`[data-testid=log-${name}]`)[0]!;
  const press = async (name: string) => {
    await fake.within(() => tool(name).click());
    await fake.pass(0);
  };
  beforeEach(async () => {
    fake = await openFakePage("/w/w1?step=action-0#L70", { rest: fakeLogRest(text) });
    const steps = [step(0, { status: "completed", log_bytes: text.length })];
    await fake.show("w1", { phase: "live", state: workflow({ steps }), asOf: NOW });
    await vi.waitFor(() => expect(fake.text(".is-selected")).toBe("line 70"));
    await fake.within(() => tool("more").click());
  });
  afterEach(() => fake.stop());

  test("the last lines are copied from anywhere in a log", async () => {
    const copied = browser({ write: true });
    await press("copy-last");
    await vi.waitFor(() => expect(tool("copy-last").textContent).toBe("Copied"));
    expect(copied[0]).toContain("line 2801\n");
    expect(copied[0]).toContain("line 3000\n");
  });

  test("text that came too late for the browser is copied by a second press", async () => {
    browser({ writeText: "refused" });
    await press("copy-last");
    await vi.waitFor(() => expect(tool("copy-last").textContent).toBe("Not copied: press again"));
    const copied = browser({ byHand: true });
    await press("copy-last");
    await vi.waitFor(() => expect(tool("copy-last").textContent).toBe("Copied"));
    expect(copied[0]).toContain("line 3000\n");
  });

  test("a refusal stands on the button that was pressed", async () => {
    browser({});
    await press("copy-link");
    await vi.waitFor(() => expect(tool("copy-link").textContent).toBe("Not copied"));
    await fake.pass(20_000);
    expect(tool("copy-link").textContent).toBe("Copy link to lines");
  });

  test("over plain http every button copies, the id's too", async () => {
    const copied = browser({ byHand: true });
    const id = fake.all("button").find((one) => one.getAttribute("aria-label") === "Copy the id")!;
    await fake.within(() => id.click());
    await press("copy-link");
    await press("copy-raw");
    expect(copied).toEqual([
      "w1",
      `${window.location.origin}/w/w1?step=action-0&attempt=1#L70`,
      `${window.location.origin}/workflow/state/steps/0/log?workflow_id=w1&attempt=1`,
    ]);
  });

  test("the key says what became of it", async () => {
    const copied = browser({ byHand: true });
    const key = () => new KeyboardEvent("keydown", { key: "y", bubbles: true, cancelable: true });
    await fake.within(() => void document.body.dispatchEvent(key()));
    await vi.waitFor(() => expect(fake.text("[data-testid=log-said]")).toBe("Copied the link."));
    expect(copied).toHaveLength(1);
    browser({});
    await fake.within(() => void document.body.dispatchEvent(key()));
    await vi.waitFor(() => expect(fake.text("[data-testid=log-said]")).toContain("Not copied"));
  });
});

test("a line too long for the page is one again in what is copied", () => {
  const text = (line: number, part: number, text: string) =>
    ({ kind: "text", line, part, text }) as OutputLine;
  const lines = [text(0, 2, "end"), text(1, 0, "one "), text(1, 1, "line"), text(2, 0, "next")];
  expect(textsOf(lines)).toEqual(["end", "one line", "next"]);
});
