/** An output on the page is a stretch of what was printed, without a hole or a doubled line, whatever happens in which order. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FollowLogOptions, LogListener } from "../../../../../../client/index.js";
import { numberOf } from "../../../../../../client/ui/workflow/output/lines/lineCount.js";
import { keyOf } from "../../../../../../client/ui/workflow/output/lines/outputLines.js";
import type { LogOnPage } from "../../../../../../client/ui/workflow/output/onPage/logOnPage.js";
import {
  OutputLog,
  type OutputLogParts,
} from "../../../../../../client/ui/workflow/output/onPage/outputLog.js";
import { manualClock } from "../../../../../support/clocks/manualClock.js";
import { fakeLogRest } from "../../../fakeLogRest.js";

const NAME = { workflow_id: "w1", epoch: "e1", step: 0, attempt: 1 };

/** One output, printed to and read: what is told live waits until the test lets it through, and so does what REST answers. */
function world(first = "", gap?: { from: number; to: number }) {
  const clock = manualClock();
  const server = fakeLogRest(first, gap);
  let printed = first;
  let told = 0;
  let listener: LogListener | null = null;
  const followed: FollowLogOptions[] = [];
  const answers: (() => void)[] = [];
  const rest = {
    log: (...asked: Parameters<typeof server.log>) =>
      new Promise<Awaited<ReturnType<typeof server.log>>>((resolve, reject) => {
        answers.push(() => void server.log(...asked).then(resolve, reject));
      }),
  };
  const client = {
    clock,
    rest,
    followLog(_: string, __: number, options: FollowLogOptions, heard: LogListener) {
      followed.push(options);
      listener = heard;
      told = options.from ?? Math.max(0, printed.length - (options.tail ?? 0));
      return () => {
        listener = null;
      };
    },
  } as unknown as OutputLogParts["client"];
  let onPage = null as LogOnPage | null;
  const log = new OutputLog({ client, name: NAME, show: (next) => (onPage = next) });
  /** Until everything that waits for nothing else has happened. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    log,
    clock,
    followed,
    print(text: string) {
      printed += text;
      server.append(text);
    },
    /** What was printed is heard of, at most so much of it. */
    tell(most = Number.POSITIVE_INFINITY) {
      if (!listener || told === printed.length) return;
      const text = printed.slice(told, told + most);
      const [from, next] = [told, told + text.length];
      told = next;
      listener.piece({ attempt: 1, from, next, text, skipped: 0 });
    },
    lose(keep: number) {
      printed = printed.slice(0, keep);
      told = keep;
    },
    hear: (text: string, from: number) =>
      listener?.piece({ attempt: 1, from, next: from + text.length, text, skipped: 0 }),
    hearEnd: () => listener?.end?.({ reason: "over", attempt: 1, next: told }),
    async answer(count = 1) {
      for (let one = 0; one < count; one++) {
        answers.shift()?.();
        await settle();
      }
    },
    async settled() {
      for (let turn = 0; turn < 200 && answers.length > 0; turn++) {
        answers.shift()?.();
        await settle();
      }
      clock.advance(1_000);
      await settle();
    },
    get printed() {
      return printed;
    },
    get told() {
      return told;
    },
    get onPage(): LogOnPage {
      clock.advance(200);
      if (!onPage) throw new Error("nothing was drawn");
      return onPage;
    },
  };
}

const linesIn = ({ blocks }: LogOnPage): string[] =>
  blocks.flatMap((block) => block.lines.map(({ text }) => text));

const numbered = (count: number, from = 1): string =>
  Array.from({ length: count }, (_, n) => `line ${from + n}\n`).join("");

describe("an output on the page", () => {
  test("an output read elsewhere counts what comes, and has it all once it is back at the end", async () => {
    const it = world(numbered(20_000));
    const { log } = it;
    log.open({ line: 3_000 });
    await it.settled();
    expect(it.followed).toEqual([{ epoch: "e1", attempt: 1, from: it.printed.length }]);
    const { onPage } = it;
    expect([onPage.isAtEnd, onPage.total, onPage.base]).toEqual([false, 0, 3_000]);
    it.print("new 1\nnew 2\n");
    it.tell();
    expect([it.onPage.total, linesIn(it.onPage).includes("new 1")]).toEqual([2, false]);
    const back = log.toEnd();
    // Printed and told while the way back is still being read.
    it.print("new 3\n");
    it.tell();
    await it.settled();
    await back;
    expect(linesIn(it.onPage).slice(-4)).toEqual(["line 20000", "new 1", "new 2", "new 3"]);
    it.print("new 4\n");
    it.tell();
    expect(linesIn(it.onPage).at(-1)).toBe("new 4");
  });

  test("an output on the page that a power cut made shorter begins again with what is left", async () => {
    const it = world("");
    const { log } = it;
    log.open("end");
    it.print("one\ntwo\nthree\n");
    it.tell();
    expect(linesIn(it.onPage)).toEqual(["one", "two", "three"]);
    it.lose(4);
    it.hear("other\n", 4);
    expect(linesIn(it.onPage)).toEqual(["other"]);
    expect(it.onPage.older).toBe("some");
  });

  test("an output is read by nobody any more once it is left", async () => {
    const it = world(numbered(5_000));
    const { log } = it;
    log.open({ line: 10 });
    log.stop();
    await it.settled();
    expect(it.followed).toEqual([]);
  });

  test("an output on the page whose start was left out of its middle has numbers only before that", async () => {
    const text = numbered(20_000);
    const it = world(text, { from: 1_000, to: 150_000 });
    const { log } = it;
    log.open({ offset: 0 });
    await it.settled();
    await Promise.all([log.loadNewer(), it.settled()]);
    const lines = it.onPage.blocks.flatMap((block) => block.lines);
    const gap = lines.findIndex(({ kind }) => kind === "gap");
    expect(lines[gap]!.text).toBe("149,000 bytes were left out here");
    expect(numberOf(lines[gap - 2]!, it.onPage.base)).toBe(gap - 1);
    expect(numberOf(lines[gap + 2]!, it.onPage.base)).toBeNull();
  });

  test("an output stays at its end where that is asked for, also while a jump is being read", async () => {
    const it = world(numbered(9_000));
    it.log.open("end");
    await it.settled();
    it.tell();
    const jump = it.log.goTo({ line: 1 });
    const back = it.log.toEnd();
    await it.settled();
    await Promise.all([jump, back]);
    expect(it.onPage.isAtEnd).toBe(true);
    expect(linesIn(it.onPage).at(-1)).toBe("line 9000");
  });

  test("an output has other lines and blocks after each jump, so that no node on the page holds what it held before", async () => {
    const it = world(numbered(12_000));
    const { log } = it;
    const texts = new Map<string, string>();
    const firstOf = new Map<number, string>();
    /** Returns how many lines there are. */
    const look = () => {
      const { blocks } = it.onPage;
      const lines = blocks.flatMap((block) => block.lines);
      for (const { id, lines } of blocks) firstOf.set(id, firstOf.get(id) ?? lines[0]!.text);
      for (const line of lines) texts.set(keyOf(line), texts.get(keyOf(line)) ?? line.text);
      const others = lines.filter((line) => texts.get(keyOf(line)) !== line.text);
      const otherBlocks = blocks.filter(({ id, lines }) => firstOf.get(id) !== lines[0]!.text);
      expect([others, otherBlocks]).toEqual([[], []]);
      return lines.length;
    };
    log.open("end");
    it.tell();
    const numbersAt = (text: string) => {
      const { blocks, base } = it.onPage;
      const found = blocks.flatMap(({ lines }) => lines).find((one) => one.text === text);
      return found && numberOf(found, base);
    };
    const done = async <T>(reading: Promise<T>): Promise<T> => {
      let isDone = false;
      void reading.then(() => (isDone = true));
      for (let turn = 0; turn < 100 && !isDone; turn++) await it.settled();
      expect(isDone).toBe(true);
      return reading;
    };
    for (const line of [1, 11_999, 1]) {
      const key = await done(log.goTo({ line }));
      expect(look()).toBeGreaterThan(1_000);
      expect(texts.get(key!)).toBe(`line ${line}`);
      expect(numbersAt(`line ${line}`)).toBe(line);
      await done(log.toEnd());
      look();
    }
    // Behind the last line there is none: those before it are named after nothing.
    for (let turn = 0; turn < 2; turn++) {
      await done(log.goTo({ offset: it.printed.length }));
      look();
      await done(log.goTo({ line: 1 }));
      look();
    }
  });

  test("an output in a flood is its newest lines with their numbers, drawn a few at a time, and whole once it is quiet", async () => {
    const it = world();
    const { log } = it;
    log.open("end");
    let next = 1;
    const drawn = () => {
      const { blocks, drawn } = it.onPage;
      return blocks.slice(drawn.from, drawn.to).flatMap(({ lines }) => lines);
    };
    for (let turn = 0; turn < 4; turn++) {
      it.print(numbered(8_000, next));
      for (let piece = 0; piece < 4; piece++) it.tell(30_000);
      next += 8_000;
      const lines = drawn();
      expect(lines.at(-1)!.text).toBe(`line ${next - 1}`);
      expect(numberOf(lines.at(-1)!, it.onPage.base)).toBe(next - 1);
      if (turn > 0) expect(lines.length).toBeLessThan(400);
      check(it);
    }
    it.clock.advance(5_000);
    expect(drawn()).toEqual(it.onPage.blocks.flatMap(({ lines }) => lines));
    expect(drawn().length).toBeGreaterThan(4_900);
    // What was passed over is read when it is wanted, and joins without a hole.
    log.follows(false);
    const older = log.loadOlder();
    await it.settled();
    await older;
    check(it);
    expect(linesIn(it.onPage).length).toBeGreaterThan(6_000);
    expect(it.onPage.total).toBe(next - 1);
  });

  test("an output keeps what its reader looks at from the moment he leaves the end, whatever comes", () => {
    const it = world();
    const { log } = it;
    log.open("end");
    it.print(numbered(9_000));
    for (let piece = 0; piece < 20; piece++) it.tell(9_000);
    const { blocks, drawn } = it.onPage;
    const read = blocks[drawn.from + 1]!;
    log.reads({ isFollowing: true, isAtStart: false, block: read.id, screens: 3 });
    // As the wheel does, with a flood already on its way.
    log.follows(false);
    for (let turn = 0; turn < 6; turn++) {
      it.print(numbered(6_000, 9_001 + turn * 6_000));
      for (let piece = 0; piece < 5; piece++) it.tell(20_000);
      const next = it.onPage;
      const shown = next.blocks.slice(next.drawn.from, next.drawn.to);
      expect(shown.find(({ id }) => id === read.id)?.lines[0]?.text).toBe(read.lines[0]!.text);
      log.reads({ isFollowing: false, isAtStart: false, block: read.id, screens: 3 });
    }
    expect(it.onPage.isAtEnd).toBe(false);
    check(it);
  });

  test("an output keeps its start while its reader scrolls, whatever comes, and draws the rest once he rests", () => {
    const it = world();
    const { log } = it;
    log.open("end");
    it.print(numbered(9_000));
    for (let piece = 0; piece < 20; piece++) it.tell(9_000);
    const { blocks, drawn, older } = it.onPage;
    expect(drawn.from).toBeGreaterThan(0);
    const read = blocks[drawn.from + 1]!.id;
    const scrolls = () => {
      log.reads({ isFollowing: false, isAtStart: false, block: read, screens: 3 });
      log.scroll.moved();
    };
    const firstDrawn = () => {
      const { blocks, drawn, older } = it.onPage;
      return { id: blocks[drawn.from]!.id, older };
    };
    log.scroll.pushed();
    log.follows(false);
    const first = { id: blocks[drawn.from]!.id, older };
    for (let turn = 0; turn < 15; turn++) {
      scrolls();
      it.print(numbered(300, 9_001 + turn * 300));
      it.tell();
      void log.loadOlder();
      expect(firstDrawn()).toEqual(first);
    }
    it.clock.advance(300);
    expect(firstDrawn().id).toBeLessThan(first.id);
    check(it);
  });

  test("an output draws above a reader who scrolls where he is about to come to its edge", () => {
    const it = world();
    const { log } = it;
    log.open("end");
    it.print(numbered(9_000));
    for (let piece = 0; piece < 20; piece++) it.tell(9_000);
    const { blocks, drawn } = it.onPage;
    log.scroll.pushed();
    log.follows(false);
    log.scroll.isShort = true;
    log.scroll.moved();
    log.reads({ isFollowing: false, isAtStart: true, block: blocks[drawn.from]!.id, screens: 3 });
    expect(it.onPage.drawn.from).toBeLessThan(drawn.from);
  });

  test("lines are made for a while and drawn, so that a turn ends; an output says that it is behind where that lasts", () => {
    const it = world();
    const { log, clock } = it;
    log.open("end");
    const { elapsed } = clock;
    let looks = 0;
    // Each look at the clock costs what making some lines does on a slow machine.
    clock.elapsed = () => elapsed() + 15 * looks++;
    it.print(numbered(4_000).replaceAll("line", `${"long ".repeat(40)}line`));
    it.tell();
    expect(it.onPage.isBehind).toBe(false);
    const first = linesIn(it.onPage).length;
    expect(first).toBeLessThan(4_000);
    let isTold = false;
    for (let turn = 0; turn < 100 && linesIn(it.onPage).length < 4_000; turn++)
      isTold ||= it.onPage.isBehind;
    expect(linesIn(it.onPage)).toHaveLength(4_000);
    expect(isTold).toBe(true);
    clock.advance(1_000);
    expect(it.onPage.isBehind).toBe(false);
  });

  test("an output is behind while the state says that more was printed than came", () => {
    const it = world();
    const { log, clock } = it;
    log.open("end");
    it.print("one\ntwo\n");
    it.tell(4);
    expect(it.onPage.isBehind).toBe(false);
    log.expects(8);
    expect(it.onPage.isBehind).toBe(false);
    clock.advance(1_000);
    expect(it.onPage.isBehind).toBe(true);
    it.tell();
    expect(it.onPage.isBehind).toBe(false);
    // A power cut took what the state knew of: what there is has come.
    log.expects(100);
    it.hearEnd();
    clock.advance(5_000);
    expect(it.onPage.isBehind).toBe(false);
  });

  const step = fc.oneof(
    fc.record({ do: fc.constant("print" as const), count: fc.integer({ min: 1, max: 900 }) }),
    fc.record({ do: fc.constant("print half" as const) }),
    fc.record({ do: fc.constant("tell" as const), most: fc.integer({ min: 1, max: 20_000 }) }),
    fc.record({ do: fc.constant("answer" as const), count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ do: fc.constant("older" as const) }),
    fc.record({ do: fc.constant("newer" as const) }),
    fc.record({ do: fc.constant("end" as const) }),
    fc.record({ do: fc.constant("line" as const), line: fc.integer({ min: 1, max: 30_000 }) }),
    fc.record({
      do: fc.constant("read" as const),
      isFollowing: fc.boolean(),
      isAtStart: fc.boolean(),
    }),
  );

  test("an output shows a stretch of what was printed, in any order of events", async () => {
    const start = fc.oneof(
      fc.constant("end" as const),
      fc.record({ line: fc.integer({ min: 1, max: 12_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        start,
        fc.array(step, { minLength: 5, maxLength: 60 }),
        async (place, steps) => {
          const it = world(numbered(9_000));
          const { log } = it;
          let next = 9_001;
          log.open(place);
          await it.settled();
          it.tell();
          for (const one of steps) {
            if (one.do === "print") {
              it.print(numbered(one.count, next));
              next += one.count;
            }
            if (one.do === "print half") it.print("half ");
            if (one.do === "tell") it.tell(one.most);
            if (one.do === "answer") await it.answer(one.count);
            if (one.do === "older") void log.loadOlder();
            if (one.do === "newer") void log.loadNewer();
            if (one.do === "end") void log.toEnd();
            if (one.do === "line") void log.goTo({ line: one.line });
            if (one.do === "read")
              log.reads({
                isFollowing: one.isFollowing,
                isAtStart: one.isAtStart,
                block: null,
                screens: null,
              });
            check(it);
          }
          await it.settled();
          it.tell();
          check(it);
          const back = log.toEnd();
          await it.settled();
          await back;
          check(it);
          expect(it.onPage.isAtEnd).toBe(true);
          log.stop();
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** No hole, nothing twice, and the newest that was told where the end is said to be. */
function check(it: ReturnType<typeof world>): void {
  const shown = linesIn(it.onPage);
  const all = it.printed.split("\n");
  const known = it.printed.slice(0, it.told).split("\n");
  const { onPage } = it;
  if (onPage.isAtEnd && shown.length > 0) {
    const whole = known.at(-1) === "" ? known.slice(0, -1) : known;
    expect(shown.slice(-3)).toEqual(whole.slice(-3).slice(-shown.length));
  }
  const first = shown.length === 0 ? -1 : indexOfStretch(all, shown);
  if (shown.length > 0) expect(first).toBeGreaterThanOrEqual(0);
  const line = onPage.blocks[0]?.lines[0];
  if (line && onPage.base !== null) expect(numberOf(line, onPage.base)).toBe(first + 1);
  expect(onPage.blocks.length).toBeLessThan(208);
}

/** Where they stand among all, one behind the other; the last may still be growing. */
function indexOfStretch(all: readonly string[], shown: readonly string[]): number {
  const first = all.indexOf(shown[0]!);
  const fits = shown.every((text, index) => {
    const there = all[first + index] ?? "";
    return index === shown.length - 1 ? there.startsWith(text) : there === text;
  });
  return fits ? first : -1;
}
