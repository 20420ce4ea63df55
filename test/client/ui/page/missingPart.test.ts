// @vitest-environment happy-dom
/** A part of the page that could not be loaded comes by itself. */
import { beforeEach, expect, test } from "vitest";
import { nothingIsMissing, reloadOnceServed } from "../../../../client/ui/page/missingPart.js";
import { type ManualClock, manualClock } from "../../../support/clocks/manualClock.js";

const memory = window.sessionStorage;
let clock: ManualClock;
let isThere: boolean;
let reloads: number;

beforeEach(() => {
  memory.clear();
  clock = manualClock();
  isThere = true;
  reloads = 0;
});

const start = () =>
  reloadOnceServed({
    clock,
    memory,
    isServed: async () => isThere,
    reload() {
      reloads += 1;
    },
  });

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await Promise.resolve();
}

test("the page is loaded again once the server gives it, and not before", async () => {
  isThere = false;
  start();
  for (let second = 0; second < 30; second += 1) await pass(1_000);
  expect(reloads).toBe(0);
  isThere = true;
  await pass(1_000);
  expect(reloads).toBe(1);
  await pass(120_000);
  expect(reloads).toBe(1);
});

test("a part that stays missing is no endless reloading: the waits grow to a minute", async () => {
  const waits: number[] = [];
  for (let load = 0; load < 7; load += 1) {
    const before = reloads;
    start();
    let waited = 0;
    for (; reloads === before; waited += 1_000) await pass(1_000);
    waits.push(waited);
  }
  expect(waits).toEqual([1_000, 4_000, 16_000, 60_000, 60_000, 60_000, 60_000]);
  nothingIsMissing(memory);
  start();
  await pass(1_000);
  expect(reloads).toBe(8);
});

test("a visitor who goes elsewhere meanwhile is not disturbed", async () => {
  const stop = start();
  clock.advance(1_000);
  stop();
  await Promise.resolve();
  stop();
  await pass(120_000);
  expect(reloads).toBe(0);
});
