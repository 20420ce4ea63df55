// @vitest-environment happy-dom
/** The times beside the lines of a log: by a switch, also of what was printed before the page was there, and no part of the text. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LogTimes } from "../../../../../../client/index.js";
import { type FakePage, openFakePage } from "../../../fakePage.js";
import { NOW, step, workflow } from "../../../samples.js";

const steps = [step(0, { status: "completed" }), step(1, { status: "in_progress", title: "Copy" })];
const NOON = Date.UTC(2026, 10, 25, 12);
const DAY = 86_400_000;

let fake: FakePage;
let recorded: LogTimes = [];
let asked: { from?: number | undefined; to?: number | undefined }[] = [];
beforeEach(async () => {
  asked = [];
  fake = await openFakePage("/w/w1", {
    rest: {
      logTimes: async (_, __, { from = 0, to = 0 } = {}) => {
        asked.push({ from, to });
        const at = recorded.findLast(([offset]) => offset <= from)?.[1] ?? null;
        const rest = recorded.filter(([offset]) => offset > from && offset < to);
        return { attempt: 1, from, next: to, times: [[from, at], ...rest] };
      },
    },
  });
  await fake.show("w1", { phase: "live", state: workflow({ steps }), asOf: NOW });
});
afterEach(() => fake.stop());

const times = () => fake.all(".output-time").map((one) => one.dataset.time ?? null);
const days = () => fake.all(".output-line").map((one) => one.dataset.day ?? null);
const show = async (zone: string) => {
  const choice = () => fake.all(`[data-testid=log-timestamps-${zone}]`)[0];
  if (!choice()) await fake.within(() => fake.all("[data-testid=log-more]")[0]!.click());
  await fake.within(() => choice()!.click());
  await fake.pass(0);
};
const print = async (text: string, at?: number) => {
  await fake.print(1, text, at === undefined ? {} : { at });
  await fake.pass(100);
};

describe("the times of a log", () => {
  test("the times of a log are not there, and not asked for, until somebody wants them", async () => {
    await print("one\n", NOON);
    expect([times(), asked]).toEqual([[], []]);
  });

  test("the times of a log are those of the first byte of each line, also of what came before they were wanted", async () => {
    recorded = [
      [0, NOON],
      [4, NOON + 1_000],
      [6, NOON + 2_000],
    ];
    await print("one\ntwo\nthree\n");
    await show("utc");
    expect(times()).toEqual(["12:00:00Z", "12:00:01Z", "12:00:02Z"]);
    expect(asked).toEqual([{ from: 0, to: 14 }]);
    expect(fake.all(".output-time")[1]!.title).toBe("Wed 25 Nov 2026, 12:00:01.000 UTC");
    await print("four\n", NOON + 60_000);
    expect(times().at(-1)).toBe("12:01:00Z");
    expect(asked).toHaveLength(1);
    await show("off");
    expect(times()).toEqual([]);
  });

  test("the times of a log are no part of the text", async () => {
    recorded = [[0, NOON]];
    await print("one\ntwo\n");
    await show("utc");
    expect(fake.all(".output-line").map((line) => line.textContent)).toEqual(["one", "two"]);
  });

  test("the times of a log say the day above the first line of one, also where the clock was set back", async () => {
    recorded = [
      [0, NOON],
      [4, NOON + DAY],
      [8, NOON + DAY],
      [12, NOON],
    ];
    await print("one\ntwo\nand\nago\n");
    await show("utc");
    expect(days()).toEqual([
      ...["Wed 25 Nov 2026, UTC", "Thu 26 Nov 2026, UTC", null, "Wed 25 Nov 2026, UTC"],
    ]);
  });

  test("times of a log that nobody recorded are said to be none", async () => {
    recorded = [];
    await print("one\ntwo\n");
    expect(fake.text("[data-testid=log-status]")).not.toContain("recorded");
    await show("local");
    expect(times()).toEqual(["–", "–"]);
    expect(fake.all(".output-time")[0]!.title).toBe("No time was recorded");
    expect(fake.text("[data-testid=log-status]")).toContain("No times were recorded");
    await print("three\n", NOON);
    expect(times()[2]).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(fake.text("[data-testid=log-status]")).not.toContain("recorded");
  });
});
