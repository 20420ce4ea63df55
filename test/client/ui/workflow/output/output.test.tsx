// @vitest-environment happy-dom
/** The output of a step on the page: there when it is wanted, at its end while the reader is there, and never markup. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakePage, openFakePage } from "../../fakePage.js";
import { NOW, step, workflow } from "../../samples.js";

let fake: FakePage;
beforeEach(async () => {
  fake = await openFakePage("/w/w1");
});
afterEach(() => fake.stop());

const live = (part = {}) => ({ phase: "live" as const, state: workflow(part), asOf: NOW });
const steps = [
  step(0, { status: "completed", log_bytes: 12 }),
  step(1, { status: "in_progress" }),
  step(2),
  step(3, { status: "completed" }),
];
const lines = () => fake.all(".output-line").map((line) => line.textContent);

/** happy-dom lays nothing out: heights are what a test says. */
function layOut(log: HTMLElement, heights: { content: number; box: number }): void {
  Object.defineProperty(log, "scrollHeight", { configurable: true, get: () => heights.content });
  Object.defineProperty(log, "clientHeight", { configurable: true, get: () => heights.box });
}

describe("a step's output", () => {
  test("the output of the step at work is shown, and followed from its tail", async () => {
    await fake.show("w1", live({ steps }));
    expect(fake.followed).toEqual([{ step: 1, options: { attempt: 1, tail: 256 * 1024 } }]);
    expect(fake.text("[data-testid=output]")).toBe("Nothing printed yet.");
    await fake.print(1, "one\ntwo\n");
    await fake.pass(100);
    expect(lines()).toEqual(["one", "two"]);
  });

  test("the output is open for the step that failed", async () => {
    await fake.show("w1", live({ steps: [step(0, { status: "failed", log_bytes: 3 })] }));
    expect(fake.followed.map((one) => one.step)).toEqual([0]);
  });

  test("draws a flood ten times a second, and all of it", async () => {
    await fake.show("w1", live({ steps }));
    await fake.print(1, "0\n");
    for (let index = 1; index < 30; index++) await fake.print(1, `${index}\n`);
    expect(lines()).toEqual(["0"]);
    await fake.pass(100);
    expect(lines()).toEqual(Array.from({ length: 30 }, (_, index) => String(index)));
  });

  test("an output is text, whatever it holds", async () => {
    await fake.show("w1", live({ steps }));
    await fake.print(1, "<img src=x onerror=alert(1)>\n\u001b]0;title\u0007<script>x</script>\n");
    expect(lines()).toEqual(["<img src=x onerror=alert(1)>", "<script>x</script>"]);
    expect(fake.root.querySelector("img, script")).toBeNull();
  });

  test("an output says what is not shown, and where all of it is", async () => {
    await fake.show("w1", live({ steps }));
    await fake.print(1, "late\n", { from: 500_000 });
    await fake.print(1, "later\n", { skipped: 7_000 });
    await fake.pass(100);
    expect(lines()).toEqual(["late", "7,000 bytes were left out here", "later"]);
    expect(fake.text(".output-notice")).toBe("Earlier lines");
    const links = fake.all(".output-tools a").map((link) => (link as HTMLAnchorElement).href);
    expect(links).toEqual([
      `${window.location.origin}/workflow/state/steps/1/log?workflow_id=w1&attempt=1`,
    ]);
  });

  test("another attempt is another output", async () => {
    await fake.show("w1", live({ steps }));
    await fake.print(1, "first try\n");
    const again = [steps[0]!, { ...steps[1]!, attempt: 2 }, ...steps.slice(2)];
    await fake.show("w1", live({ steps: again }));
    expect(fake.followed.map((one) => one.options.attempt)).toEqual([2]);
    expect(lines()).toEqual([]);
  });

  test("the selected step's output alone is followed, and none once it is left", async () => {
    await fake.show("w1", live({ steps }));
    await fake.within(() => fake.all("[data-step='0'] .step-name")[0]!.click());
    expect(fake.followed.map((one) => one.step)).toEqual([0]);
    await fake.within(() => fake.all("#tab-details")[0]!.click());
    expect(fake.followed).toEqual([]);
    await fake.within(() => fake.all("#tab-log")[0]!.click());
    expect(fake.followed.map((one) => one.step)).toEqual([0]);
    await fake.within(() => fake.page.router.go({ name: "list" }));
    expect(fake.followed).toEqual([]);
  });

  test("the step and the tab that were chosen are chosen after a reload", async () => {
    await fake.show("w1", live({ steps }));
    await fake.within(() => fake.all("[data-step='0'] .step-name")[0]!.click());
    await fake.within(() => fake.all("#tab-details")[0]!.click());
    const address = window.location.pathname + window.location.search;
    expect(address).toBe("/w/w1?step=action-0");
    fake.stop();
    fake = await openFakePage(address, { keepMemory: true });
    await fake.show("w1", live({ steps }));
    expect(fake.all(".step.is-chosen").map((row) => row.dataset.step)).toEqual(["0"]);
    expect(fake.all("#tab-details")[0]?.getAttribute("aria-selected")).toBe("true");
  });

  test("a token makes the whole output a download, for a link could not carry the token", async () => {
    fake.stop();
    fake = await openFakePage("/w/w1", { hasToken: true });
    await fake.show("w1", live({ steps }));
    expect(fake.all(".output a")).toEqual([]);
    expect(fake.text(".output button[data-testid=log-download]")).toBe("Download so far");
  });

  test("an output is a log that does not read itself aloud", async () => {
    await fake.show("w1", live({ steps }));
    const log = fake.all("[role=log]")[0]!;
    expect(log.getAttribute("aria-live")).toBe("off");
    expect(log.tabIndex).toBe(0);
    expect(log.getAttribute("aria-label")).toBe("Output of action-1");
  });
});

describe("following the end", () => {
  async function openLog() {
    await fake.show("w1", live({ steps }));
    const log = fake.all("[data-testid=output]")[0]!;
    const heights = { content: 1_000, box: 400 };
    layOut(log, heights);
    const grow = async (text: string, by: number) => {
      heights.content += by;
      await fake.print(1, text);
      await fake.pass(100);
    };
    const scrollTo = (top: number) =>
      fake.within(() => {
        log.scrollTop = top;
        log.dispatchEvent(new Event("scroll"));
      });
    return { log, grow, scrollTo };
  }
  const pressed = () => fake.all(".output-tools button")[0]!.getAttribute("aria-pressed");

  test("new lines are in view in the same moment", async () => {
    const { log, grow } = await openLog();
    await grow("one\n", 20);
    expect(log.scrollTop).toBe(1_020);
    expect(pressed()).toBe("true");
  });

  test("the wheel turned upwards ends it, and a pill counts what comes meanwhile", async () => {
    const { log, grow, scrollTo } = await openLog();
    await grow("one\n", 20);
    await fake.within(() => log.dispatchEvent(new WheelEvent("wheel", { deltaY: -50 })));
    await scrollTo(100);
    expect(pressed()).toBe("false");
    await grow("two\nthree\n", 40);
    expect(log.scrollTop).toBe(100);
    expect(fake.text("[data-testid=new-lines]")).toBe("↓ 2 new lines");
    await fake.within(() => fake.all("[data-testid=new-lines]")[0]!.click());
    expect(log.scrollTop).toBe(1_060);
    expect(pressed()).toBe("true");
    expect(fake.all("[data-testid=new-lines]")).toEqual([]);
  });

  test("Shift and Space end it as Page Up does, Space alone does not", async () => {
    const { log } = await openLog();
    const space = (shiftKey: boolean) =>
      fake.within(() => log.dispatchEvent(new KeyboardEvent("keydown", { key: " ", shiftKey })));
    await space(false);
    expect(pressed()).toBe("true");
    await space(true);
    expect(pressed()).toBe("false");
  });

  test("a selection does not move: it ends the following", async () => {
    const { log, grow } = await openLog();
    await grow("one\ntwo\n", 40);
    await fake.within(() => {
      document.getSelection()!.selectAllChildren(log.querySelector(".output-line")!);
    });
    await grow("three\n", 20);
    expect(log.scrollTop).toBe(1_040);
    expect(pressed()).toBe("false");
    document.getSelection()!.removeAllRanges();
  });

  test("growing and resizing do not end it", async () => {
    const { scrollTo } = await openLog();
    await scrollTo(100);
    expect(pressed()).toBe("true");
  });

  test("a drag of the scroll bar or a finger ends it", async () => {
    for (const type of ["pointerdown", "touchstart"]) {
      const { log, scrollTo } = await openLog();
      await fake.within(() => log.dispatchEvent(new Event(type)));
      await scrollTo(100);
      expect([type, pressed()]).toEqual([type, "false"]);
      await scrollTo(600);
      expect([type, pressed()]).toEqual([type, "true"]);
      await fake.within(() => window.dispatchEvent(new Event("pointerup")));
    }
  });

  test("turning the wheel where nothing can be scrolled does not end it", async () => {
    const { log } = await openLog();
    layOut(log, { content: 100, box: 400 });
    await fake.within(() => log.dispatchEvent(new WheelEvent("wheel", { deltaY: -50 })));
    expect(pressed()).toBe("true");
  });

  test("following begins on for a step at work and one that failed, off for one that is done", async () => {
    const failed = step(0, { status: "failed", log_bytes: 3 });
    const done = step(1, { status: "completed", log_bytes: 3 });
    await fake.show("w1", live({ steps: [failed, done] }));
    const pressedFor = async (index: number) => {
      await fake.within(() => fake.all(`[data-step='${index}'] .step-name`)[0]!.click());
      return fake.all("[data-testid=log-follow]").map((one) => one.getAttribute("aria-pressed"));
    };
    expect(await pressedFor(0)).toEqual(["true"]);
    expect(await pressedFor(1)).toEqual(["false"]);
  });

  test("a page that draws late takes no scroll at the end for a way back, until the reader has been elsewhere", async () => {
    const { log, scrollTo } = await openLog();
    const key = new KeyboardEvent("keydown", { key: "PageUp" });
    await fake.within(() => log.dispatchEvent(key));
    const late = new Event("scroll");
    Object.defineProperty(late, "timeStamp", { value: key.timeStamp + 5_000 });
    await fake.within(() => {
      log.scrollTop = 600;
      log.dispatchEvent(late);
    });
    expect(pressed()).toBe("false");
    await scrollTo(100);
    expect(pressed()).toBe("false");
    await scrollTo(600);
    expect(pressed()).toBe("true");
  });

  test("coming within 16 pixels of the end turns it on again", async () => {
    const { log, scrollTo } = await openLog();
    await fake.within(() => log.dispatchEvent(new KeyboardEvent("keydown", { key: "PageUp" })));
    expect(pressed()).toBe("false");
    await scrollTo(583);
    expect(pressed()).toBe("false");
    await scrollTo(584);
    expect(pressed()).toBe("true");
  });

  test.each(["End", "G", "f"])("the key %s turns it on again", async (key) => {
    const { log } = await openLog();
    await fake.within(() => log.dispatchEvent(new KeyboardEvent("keydown", { key: "Home" })));
    expect(pressed()).toBe("false");
    await fake.within(() => log.dispatchEvent(new KeyboardEvent("keydown", { key })));
    expect(pressed()).toBe("true");
  });
});
