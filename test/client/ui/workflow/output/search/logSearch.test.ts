/** Searching a log: what is found, what an error looks like, and expressions that would never come back. */
import { describe, expect, test } from "vitest";
import type { Range } from "../../../../../../client/ui/workflow/output/lines/stretches.js";
import type { OutputBlock } from "../../../../../../client/ui/workflow/output/onPage/logWindow.js";
import {
  finderFor,
  MISSING_SEARCH,
} from "../../../../../../client/ui/workflow/output/search/finders.js";
import {
  LogSearch,
  NO_RESULT,
  type SearchResult,
} from "../../../../../../client/ui/workflow/output/search/logSearch.js";
import {
  type PatternQuestion,
  patternRanges,
} from "../../../../../../client/ui/workflow/output/search/patternRanges.js";
import { hintText } from "../../../../../../client/ui/workflow/output/search/searchHint.js";
import { looksLikeError } from "../../../../../../shared/errorLines/errorLines.js";
import { manualClock } from "../../../../../support/clocks/manualClock.js";
import { until } from "../../../../../support/deadline.js";

const block = (id: number, ...texts: string[]): OutputBlock => ({
  id,
  lines: texts.map((text, index) => ({
    kind: "text",
    text,
    stretches: null,
    line: id * 200 + index,
    part: 0,
    offset: null,
    marker: null,
  })),
});

/** Answers when the test says so, as a worker does in its own time. */
function fakeWorkers() {
  const open: { answer(): void; fail(): void; isEnded: boolean }[] = [];
  const openWorker = () => {
    const worker = {
      isEnded: false,
      asked: null as PatternQuestion | null,
      onmessage: null as ((event: MessageEvent) => void) | null,
      onerror: null as (() => void) | null,
      postMessage(question: PatternQuestion) {
        worker.asked = question;
      },
      terminate() {
        worker.isEnded = true;
      },
      answer() {
        worker.onmessage?.({ data: patternRanges(worker.asked!) } as MessageEvent);
      },
      fail() {
        worker.onerror?.();
      },
    };
    open.push(worker);
    return worker as unknown as Worker;
  };
  return { open, openWorker };
}

function finderOf(text: string, isPattern: boolean) {
  const clock = manualClock();
  const workers = fakeWorkers();
  const finder = finderFor({ text, isPattern }, { clock, openWorker: workers.openWorker });
  if (finder === null || "problem" in finder) throw new Error(finder?.problem ?? "nothing wanted");
  return { finder, clock, workers };
}

const lengths = (result: SearchResult) => result.matches.map(({ key, index }) => `${key} ${index}`);

describe("a search", () => {
  test.each<[string, string, string, number[][]]>([
    [
      "in any case",
      "ab",
      "AB cab",
      [
        [0, 2],
        [4, 6],
      ],
    ],
    ["with special characters", "a.b(", "axb a.b(", [[4, 8]]],
    ["beside letters whose case has another length", "x", "İİ x", [[3, 4]]],
  ])("finds text %s", (_, text, line, expected) => {
    const places = finderOf(text, false).finder.find([line]) as Range[][];
    expect(places[0]!.map(({ from, to }) => [from, to])).toEqual(expected);
  });

  test.each<[string, string, string, number[][]]>([
    ["in any case", "L\\w+e$", "one line", [[4, 8]]],
    ["but no empty places", "a*", "bab", [[1, 2]]],
  ])("finds an expression %s", (_, pattern, line, expected) => {
    const [places] = patternRanges({ pattern, texts: [line] });
    expect(places!.map(({ from, to }) => [from, to])).toEqual(expected);
  });

  test("a half expression is answered with a sentence, and nothing wanted is nothing", () => {
    const parts = { clock: manualClock(), openWorker: fakeWorkers().openWorker };
    expect(finderFor({ text: "a(", isPattern: true }, parts)).toEqual({
      problem: "This is not a valid expression.",
    });
    expect(finderFor({ text: "", isPattern: true }, parts)).toBeNull();
  });

  test("a search by an expression whose worker does not come says so at once, and tries again", async () => {
    const { finder, workers } = finderOf("a+", true);
    const asked = finder.find(["aab"]);
    await Promise.resolve();
    workers.open[0]?.fail();
    expect([await asked, finder.isMissing]).toEqual([null, true]);
    const said = { query: { text: "a+", isPattern: true }, problem: null, result: NO_RESULT };
    const searched = { hasMore: true, isNowhere: false, stoppedAt: 1 };
    expect(hintText({ ...said, finder }, searched)).toBe(MISSING_SEARCH);
    const again = finder.find(["aab"]);
    await Promise.resolve();
    workers.open[1]?.answer();
    expect([(await again)?.[0]?.length, finder.isMissing]).toEqual([1, false]);
  });

  test("a search counts over all blocks, in order", () => {
    const search = new LogSearch(
      finderOf("a", false).finder,
      () => 0,
      () => {},
    );
    const found = search.result([block(0, "a", "b", "aa"), block(1, "a")]);
    expect(lengths(found)).toEqual(["0.0 0", "2.0 0", "2.0 1", "200.0 0"]);
  });

  test("searches no line twice, and gives the same block the same answer", () => {
    let searched = 0;
    const finder = {
      find(texts: readonly string[]) {
        searched += texts.length;
        return texts.map(() => [{ from: 0, to: 1 }]);
      },
      isMissing: false,
      stop: () => {},
    };
    const search = new LogSearch(
      finder,
      () => 0,
      () => {},
    );
    const full = block(0, "a", "b");
    const open = block(1, "c");
    const first = search.result([full, open]);
    const grown = { id: 1, lines: [...open.lines, ...block(2, "d").lines] };
    const second = search.result([full, grown]);
    expect(searched).toBe(4);
    expect(second.ranges.get(full)).toBe(first.ranges.get(full));
  });

  test("text that takes too long is searched as far as it goes, and the place is named", () => {
    let now = 0;
    const finder = {
      find(texts: readonly string[]) {
        now += 100;
        return texts.map(() => [{ from: 0, to: 1 }]);
      },
      isMissing: false,
      stop: () => {},
    };
    const search = new LogSearch(
      finder,
      () => now,
      () => {},
    );
    const blocks = [0, 1, 2, 3, 4].map((id) => block(id, "a"));
    const found = search.result(blocks);
    expect([found.matches.length, found.stoppedAt?.line]).toEqual([3, 600]);
    // With the next picture it goes on.
    const more = search.result(blocks);
    expect([more.matches.length, more.stoppedAt]).toEqual([5, null]);
  });

  test("an expression is searched beside the page, block by block", async () => {
    const { finder, workers } = finderOf("[ab]", true);
    let changes = 0;
    const search = new LogSearch(
      finder,
      () => 0,
      () => void changes++,
    );
    const blocks = [block(0, "a"), block(1, "b")];
    expect(search.result(blocks).matches).toEqual([]);
    for (let round = 1; round <= 2; round++) {
      await until(() => workers.open.length > 0, "a worker");
      await Promise.resolve();
      workers.open[0]!.answer();
      await until(() => changes === round, "an answer");
      const found = search.result(blocks);
      expect([found.matches.length, found.isSearching]).toEqual([round, round < 2]);
    }
  });

  test("an expression that does not come back is ended, and the place is named", async () => {
    const { finder, workers, clock } = finderOf("(a+)+$", true);
    let changes = 0;
    const search = new LogSearch(
      finder,
      () => 0,
      () => void changes++,
    );
    search.result([block(3, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")]);
    await until(() => workers.open.length > 0, "a worker");
    clock.advance(1_500);
    await until(() => changes === 1, "the end");
    expect(workers.open[0]!.isEnded).toBe(true);
    expect(search.result([block(3, "a")]).stoppedAt?.line).toBe(600);
  });
});

describe("a line looks like an error", () => {
  test.each([
    "ERROR: disk full",
    "error[E0308]: mismatched types",
    "npm ERR! code ENOENT, failed",
    "Traceback (most recent call last):",
    "thread 'main' panicked at src/main.rs",
    "fatal: not a git repository",
    "TypeError: x is not a function",
    "java.lang.NullPointerException",
    "rsync: permission denied",
    "bash: foo: command not found",
  ])("%s", (text) => expect(looksLikeError(text)).toBe(true));

  test.each([
    "Build finished with 0 errors",
    "no errors, no failures",
    "terror in the mirror",
    "unfailing",
    "all is well",
  ])("%s does not", (text) => expect(looksLikeError(text)).toBe(false));
});
