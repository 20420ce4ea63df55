/** What a command says of itself before the server is killed, while there is none, and under the next one: each is heard, and once. */
import { describe, expect } from "vitest";
import { awaits, counts, own, printed, says, betweenTest as test } from "./killedBetween.js";

const AWAY = /^The server was away from [\d:]+ to [\d:]+; the command kept running/;

const MARKERS = `steps:
  - action: work
    run: |
      ${counts}
      echo "::task running::one"
      echo "::note::Before."
      echo "::output early=1"
      echo "first=a" >> "$INSTEP_OUTPUT"
      echo "::progress 10::Begun"
      printf '::output ha'
      ${awaits("away")}
      echo "lf=cut in two"
      echo "::note::While away."
      echo "::task completed::one::done"
      echo "::progress 50::Away"
      echo said > said
      ${awaits("go")}
      echo "second=b" >> "$INSTEP_OUTPUT"
      echo "::output late=2"
      echo "::note::After."
      echo "over"
  - action: show
    run: 'echo "$OUTPUT_WORK_EARLY $OUTPUT_WORK_HALF $OUTPUT_WORK_LATE $OUTPUT_WORK_FIRST $OUTPUT_WORK_SECOND"'
`;

describe("what a command says of itself", () => {
  test("what a command says of itself before, between and behind two servers is heard once", async ({
    between,
  }) => {
    const first = await between.first({ markers: MARKERS });
    const id = await first.start("markers");
    await first.until(id, says(0, "Begun"));
    const second = await between.next(first, () => {
      between.give("away");
      return between.written("said");
    });
    const taken = await second.until(
      id,
      (state) => says(0, "Away")(state) && state.steps[0]?.notes?.length === 3,
    );
    expect(taken).toMatchObject({
      status: "running",
      steps: [{ status: "in_progress", attempt: 1, progress: 0.5 }, {}],
    });
    expect(taken.steps[0]?.notes?.toSorted()).toEqual(
      ["Before.", expect.stringMatching(AWAY), "While away."].toSorted(),
    );
    between.give("go");
    const { status, steps } = await second.ended(id);
    expect(status).toBe("completed");
    expect(steps[0]).toMatchObject({
      attempt: 1,
      data: {
        exit_code: 0,
        outputs: { early: "1", half: "cut in two", late: "2", first: "a", second: "b" },
        process: { machine: expect.any(String), taken_up: [{}], unwatched_ms: expect.any(Number) },
      },
    });
    expect(steps[0]).not.toHaveProperty("attempts");
    expect(steps[0]?.notes?.filter((note) => !AWAY.test(note))).toEqual([
      "Before.",
      "While away.",
      "After.",
    ]);
    expect(await second.outputOf(id, 1)).toBe("1 cut in two 2 a b\n");
    expect(between.textOf("runs")).toBe("0 1\n");
  });

  test("what a command says is wrong before the server is killed is its error when it fails under the next one", async ({
    between,
  }) => {
    const run = `${counts}\n      echo first line\n      echo "::error::The disk is full."\n      echo begun\n      ${awaits("go")}\n      echo "Error: something else"\n      exit 3`;
    const first = await between.first({
      wrong: `steps:\n  - action: work\n    run: |\n      ${run}\n`,
    });
    const id = await first.start("wrong");
    await first.until(id, says(0, "begun"));
    const second = await between.next(first);
    between.give("go");
    const { steps } = await second.ended(id);
    expect(steps[0]).toMatchObject({
      status: "failed",
      attempt: 1,
      error: expect.stringContaining("The disk is full."),
      error_line: { line: 2, offset: "first line\n".length },
      data: { exit_code: 3 },
    });
    const log = await second.outputOf(id, 0);
    expect(printed(log)).toBe(
      "first line\n::error::The disk is full.\nbegun\nError: something else\n",
    );
  });

  test("an error is told with its place in the log also where the server's own lines stand before it", async ({
    between,
  }) => {
    const run = `echo one\n      echo begun\n      ${awaits("go")}\n      echo "fatal: no such branch"\n      exit 1`;
    const first = await between.first({
      late: `steps:\n  - action: work\n    run: |\n      ${run}\n`,
    });
    const id = await first.start("late");
    await first.until(id, says(0, "begun"));
    const second = await between.next(await between.next(first));
    between.give("go");
    const { steps } = await second.ended(id);
    const log = await second.outputOf(id, 0);
    expect(own(log)).toHaveLength(2);
    expect(steps[0]).toMatchObject({ error: expect.stringContaining("fatal: no such branch") });
    const { offset, line } = steps[0]!.error_line!;
    expect(Buffer.from(log).subarray(offset).toString()).toMatch(/^fatal: no such branch\n/);
    if (line !== undefined) expect(log.split("\n")[line - 1]).toBe("fatal: no such branch");
  });
});

describe("a command that ends while there is no server", () => {
  test("a command that ends while there is no server has its own end and its own time, and the next step runs", async ({
    between,
  }) => {
    const run = `${counts}; echo begun; ${awaits("go")}; echo last words; date +%s%3N > left; exit 0`;
    const first = await between.first({
      leaves: `steps:\n  - { action: work, run: '${run}' }\n  - { action: after, run: echo after }\n`,
    });
    const id = await first.start("leaves");
    await first.until(id, says(0, "begun"));
    let restarted = 0;
    const second = await between.next(first, async () => {
      const ends = between.oneMoreEnds();
      between.give("go");
      await ends;
      restarted = Date.now();
    });
    const { status, steps } = await second.ended(id);
    expect([status, steps[0]?.attempt, steps[1]?.status]).toEqual(["completed", 1, "completed"]);
    const finished = Date.parse(steps[0]!.finished_at!);
    expect(finished).toBeGreaterThanOrEqual(Number(between.textOf("left")) - 10);
    // The machine's own clock has ticks; no server is there so soon.
    expect(finished).toBeLessThan(restarted + 50);
    expect(Date.parse(steps[1]!.started_at!)).toBeGreaterThanOrEqual(restarted);
    const log = await second.outputOf(id, 0);
    expect(printed(log)).toBe("begun\nlast words\n");
    expect(own(log)).toEqual([expect.stringMatching(/away from .*; the command ended at /)]);
    expect(between.textOf("runs")).toBe("0 1\n");
  });
});
