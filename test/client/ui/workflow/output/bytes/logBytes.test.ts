/** Parts of an output by their place: whole lines and characters, over what was left out, and where a line begins. */
import { describe, expect, test } from "vitest";
import { type ReadLogOptions, SyncError } from "../../../../../../client/index.js";
import {
  createLogParts,
  FIRST_LINE,
} from "../../../../../../client/ui/workflow/output/bytes/logBytes.js";
import { fakeLogRest } from "../../../fakeLogRest.js";

const NAME = { workflow_id: "w1", epoch: "e1", step: 0, attempt: 1 };
const partsOf = (text: string, gap?: { from: number; to: number }) =>
  createLogParts(fakeLogRest(text, gap), NAME, new AbortController().signal);

const LINES = Array.from({ length: 30_000 }, (_, n) => `line ${n} é😀`);
const TEXT = `${LINES.join("\n")}\nlast, without an end`;
const SIZE = Buffer.byteLength(TEXT);

describe("parts of an output", () => {
  test("parts read backwards from the end are the whole output, in whole lines", async () => {
    const parts = partsOf(TEXT);
    let text = "";
    for (let offset = await parts.end(), isLast = false; !isLast; ) {
      const part = await parts.before(offset);
      expect(part.next).toBe(offset);
      expect(part.from === 0 || part.text.startsWith("line")).toBe(true);
      expect(part.lineEnds).toHaveLength(part.text.split("\n").length - 1);
      text = part.text + text;
      offset = part.from;
      isLast = part.isLast;
    }
    expect(text).toBe(TEXT);
  });

  test("parts read forwards from the start are the whole output, and not a byte beyond", async () => {
    const parts = partsOf(TEXT);
    let text = "";
    let offset = 0;
    for (let isLast = false; !isLast; ) {
      const part = await parts.after(offset, SIZE - 4);
      expect(part.from).toBe(offset);
      text += part.text;
      offset = part.next;
      isLast = part.isLast;
    }
    expect(text).toBe(TEXT.slice(0, -4));
    expect(offset).toBe(SIZE - 4);
  });

  test("one endless line comes in parts that cut no character", async () => {
    const endless = "😀".repeat(200_000);
    const parts = partsOf(endless);
    const [last, first] = [await parts.before(800_000), await parts.after(0, 800_000)];
    for (const { text } of [last, first]) expect(text).toMatch(/^(😀)+$/u);
  });

  test("what was left out is crossed, and counted, in both directions", async () => {
    const gap = { from: 20_000, to: 90_000 };
    const parts = partsOf(TEXT, gap);
    const newest = await parts.before(100_000);
    expect([newest.from, newest.isLast, newest.missing]).toEqual([90_000, false, 0]);
    const head = await parts.before(newest.from);
    expect([head.next, head.missing]).toEqual([20_000, 70_000]);
    const start = await parts.after(0, SIZE);
    expect([start.next, start.isLast]).toEqual([20_000, false]);
    const beyond = await parts.after(start.next, SIZE);
    expect([beyond.from, beyond.missing]).toEqual([90_000, 70_000]);
  });

  test("a line is found by its number, and a number by its place", async () => {
    const parts = partsOf(TEXT);
    const place = Buffer.byteLength(`${LINES.slice(0, 20_000).join("\n")}\n`);
    const found = { line: 20_001, offset: place, isThere: true };
    expect(await parts.walk(FIRST_LINE, { line: 20_001 })).toEqual(found);
    expect(await parts.walk(FIRST_LINE, { offset: place })).toEqual(found);
    expect(await parts.walk(found, { line: 20_001 })).toEqual(found);
    expect(await parts.walk(FIRST_LINE, { line: 99_999 })).toMatchObject({
      line: 30_001,
      isThere: false,
    });
  });

  test("lines behind what was left out have no number", async () => {
    const parts = partsOf(TEXT, { from: 40_000, to: 90_000 });
    expect((await parts.walk(FIRST_LINE, { line: 20_001 })).isThere).toBe(false);
  });

  test.each([
    ["within a character is before it", "ab😀", 5, 2],
    ["behind a character is there", "ab😀", 6, 6],
    ["behind a line is there", "ab\n", 3, 3],
    ["of nothing is its begin", "", 0, 0],
  ])("an end %s", async (_, text, length, end) => {
    const whole = new TextEncoder().encode(text).subarray(0, length);
    const log = async (_id: string, _step: number, { tail = 0 }: ReadLogOptions = {}) => {
      const from = Math.max(0, length - tail);
      return { attempt: 1, from, next: length, bytes: whole.slice(from) };
    };
    const parts = createLogParts({ log }, NAME, new AbortController().signal);
    expect(await parts.end()).toBe(end);
  });

  test("another refusal than a missing range is told", async () => {
    const log = () => Promise.reject(new SyncError("forbidden", "no"));
    const parts = createLogParts({ log }, NAME, new AbortController().signal);
    await expect(parts.before(10)).rejects.toThrow("no");
  });
});
