/** When lines came, as far as the page knows it: what was told holds, what was not asked is asked for, and nothing is made up. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LogTimes, type Moment, SyncError } from "../../../../../../client/index.js";
import { formatStamp } from "../../../../../../client/ui/look/time.js";
import { LineTimes } from "../../../../../../client/ui/workflow/output/times/lineTimes.js";
import { TimesLoader } from "../../../../../../client/ui/workflow/output/times/timesLoader.js";
import { manualClock } from "../../../../../support/clocks/manualClock.js";

const LENGTH = 60;
const told = fc
  .record({
    from: fc.nat(LENGTH - 1),
    length: fc.integer({ min: 1, max: LENGTH }),
    moments: fc.array(fc.option(fc.nat(9)), { minLength: 1, maxLength: 6 }),
  })
  .map(({ from, length, moments }) => {
    const next = Math.min(LENGTH, from + length);
    const times = moments
      .map((at, i) => [from + i * 3, at] as const)
      .filter(([offset]) => offset < next);
    return { from, next, times };
  });

describe("times of lines", () => {
  it("the time of a byte is the last that was told of it, whatever was told in which order", () => {
    fc.assert(
      fc.property(
        fc.array(told, { maxLength: 12 }),
        fc.nat(LENGTH),
        fc.nat(LENGTH),
        (all, a, b) => {
          const times = new LineTimes();
          const known: (Moment | undefined)[] = Array.from({ length: LENGTH }, () => undefined);
          for (const { from, next, times: part } of all) {
            times.told(from, next, part);
            for (let at = from; at < next; at++)
              known[at] = part.findLast(([offset]) => offset <= at)![1];
          }
          const read = () => known.map((_, at) => times.at(at));
          expect(read()).toEqual(known);
          expect(times.at(LENGTH)).toBeUndefined();
          const [from, next] = [Math.min(a, b), Math.max(a, b)];
          const gap = known.findIndex((at, i) => i >= from && i < next && at === undefined);
          const missing = times.missing({ from, next });
          expect(missing?.from ?? -1).toBe(gap);
          if (missing)
            for (let at = missing.from; at < missing.next; at++) expect(known[at]).toBeUndefined();
          const isUnrecorded = from < next && known.slice(from, next).every((at) => at === null);
          expect(times.isUnrecorded({ from, next })).toBe(isUnrecorded);
          times.trim({ from, next }, 0);
          expect(read()).toEqual(known.map((at, i) => (i >= from && i < next ? at : undefined)));
        },
      ),
    );
  });

  it("times of lines that are told of other bytes than they say are not taken", () => {
    const times = new LineTimes();
    times.told(4, 8, [[5, 1]]);
    times.told(4, 8, []);
    expect(times.at(5)).toBeUndefined();
  });

  it("times of lines are not kept while nobody wants to see them", () => {
    const times = new LineTimes();
    times.hear({ from: 0, next: 4, at: [[0, 7]] });
    expect(times.at(0)).toBeUndefined();
    times.isWanted = true;
    times.hear({ from: 4, next: 8, at: [[4, 7]] });
    expect([times.at(0), times.at(4)]).toEqual([undefined, 7]);
  });
});

describe("times that were not told", () => {
  function world(answer: (from: number, to: number) => LogTimes | Error, most = 100) {
    const clock = manualClock();
    const times = new LineTimes();
    const asked: [from: number, to: number][] = [];
    let drawn = 0;
    const logTimes = async (_: string, __: number, { from = 0, to = 0 } = {}) => {
      asked.push([from, to]);
      const next = Math.min(to, from + most);
      const given = answer(from, next);
      if (given instanceof Error) throw given;
      return { attempt: 1, from, next, times: given };
    };
    const name = { workflow_id: "w", epoch: "e", step: 0, attempt: 1 };
    const changed = () => (drawn += 1);
    const loader = new TimesLoader({ rest: { logTimes }, clock, name, times, changed });
    const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
    const pass = async (ms: number) => {
      await settle();
      clock.advance(ms);
      await settle();
    };
    return { clock, times, asked, loader, pass, drawn: () => drawn };
  }

  it("missing times are asked for once, in as many parts as they come in, and what comes meanwhile together", async () => {
    const { loader, asked, pass, times, drawn } = world((from) => [[from, from]], 40);
    loader.want({ from: 10, next: 100 });
    for (let i = 0; i < 4; i++) await pass(0);
    expect(asked).toEqual([...[[10, 100]], [50, 100], [90, 100]]);
    expect([times.at(49), times.at(99), drawn()]).toEqual([10, 90, 3]);
    for (const next of [101, 110, 120]) loader.want({ from: 10, next });
    await pass(300);
    expect(asked.slice(3)).toEqual([[100, 120]]);
    loader.want({ from: 10, next: 120 });
    await pass(10_000);
    expect(asked).toHaveLength(4);
  });

  it("missing times are asked for again where nothing answered, and not where there are none to be had", async () => {
    let answer: Error = new Error("no answer");
    const { loader, asked, pass, clock } = world(() => answer);
    loader.want({ from: 0, next: 10 });
    await pass(4_999);
    expect(asked).toHaveLength(1);
    answer = new SyncError("unknown_workflow", "cleared");
    await pass(1);
    expect(asked).toHaveLength(2);
    await pass(60_000);
    expect([asked.length, clock.waiting]).toEqual([2, 0]);
  });

  it("missing times of bytes that the server has not, or not yet, are asked for at the pace of one that does not answer", async () => {
    let has = 0;
    const { loader, asked, pass, times } = world((from) => (from < has ? [[from, 1]] : []), 30);
    loader.want({ from: 10, next: 100 });
    for (let i = 0; i < 9; i++) await pass(100);
    expect(asked).toEqual([[10, 100]]);
    has = 100;
    await pass(5_000);
    for (let i = 0; i < 3; i++) await pass(0);
    expect(asked.slice(1)).toEqual([...[[10, 100]], [40, 100], [70, 100]]);
    expect(times.missing({ from: 10, next: 100 })).toBeNull();
  });

  it("missing times are not asked for any more once nobody wants them", async () => {
    const { loader, asked, pass, clock, drawn } = world((from) => [[from, 1]], 1);
    loader.want({ from: 0, next: 10 });
    loader.stop();
    await pass(10_000);
    expect([asked.length, clock.waiting, drawn()]).toEqual([1, 0, 0]);
  });
});

describe("a moment that is looked back at", () => {
  const at = Date.UTC(2026, 10, 25, 21, 7, 50, 123);

  it("a moment that is looked back at says the day and the zone", () => {
    expect(formatStamp(at, true)).toEqual({
      text: "21:07:50Z",
      day: "Wed 25 Nov 2026, UTC",
      title: "Wed 25 Nov 2026, 21:07:50.123 UTC",
    });
  });

  it("a moment that is looked back at is told in the zone of the browser, as it was then", () => {
    const before = process.env.TZ;
    const of = (zone: string, when: number) => {
      process.env.TZ = zone;
      return formatStamp(when, false);
    };
    try {
      expect(of("Europe/Berlin", at)).toEqual({
        text: "22:07:50",
        day: "Wed 25 Nov 2026, UTC+1",
        title: "Wed 25 Nov 2026, 22:07:50.123 UTC+1",
      });
      expect(of("Europe/Berlin", Date.UTC(2026, 6, 1)).title).toContain("02:00:00.000 UTC+2");
      expect(of("America/St_Johns", Date.UTC(2026, 0, 1)).title).toBe(
        "Wed 31 Dec 2025, 20:30:00.000 UTC-03:30",
      );
    } finally {
      process.env.TZ = before;
    }
  });
});
