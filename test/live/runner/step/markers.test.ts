/** Commands that say something of themselves: marker lines, patterns, tasks and notes, live on the step and gone from nothing. */
import { describe, expect } from "vitest";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

/** A definition of one step that goes on when the file `go` is there. */
const one = (run: string, more = "") =>
  `name: one\nsteps:\n  - action: work\n${more}    run: ${JSON.stringify(run)}\n`;
const WAIT = "until test -e go; do sleep 0.02; done";

describe("markers of a command", () => {
  test("a command says how far it is, what its tasks are and what is worth a note", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "one.yaml",
      one(
        [
          "echo '::progress 42::Copying models'",
          "echo '::task running::node-1'",
          "echo '::task completed::node-2::took 3 s'",
          "echo '::note::The disk is nearly full'",
          "echo '::group::Details'; echo inside; echo '::endgroup::'",
          WAIT,
          "echo '::task failed::node-1::no route'",
          "echo '::progress 100::Done'",
        ].join("\n"),
      ),
    );
    const id = await world.start("one");
    const state = await world.until(id, ({ steps }) => steps[0]?.progress === 0.42);
    expect(state.steps[0]).toMatchObject({
      status: "in_progress",
      progress: 0.42,
      tasks: [
        { name: "node-1", status: "in_progress" },
        { name: "node-2", status: "completed", note: "took 3 s" },
      ],
      notes: ["The disk is nearly full"],
    });
    world.define("go", "");
    const end = await world.ended(id);
    expect(end.steps[0]).toMatchObject({
      status: "completed",
      message: "Done",
      tasks: [{ name: "node-1", status: "failed", note: "no route" }, { name: "node-2" }],
    });
    const printed = await world.outputOf(id, 0);
    expect(printed.split("\n").filter((line) => line.startsWith("::"))).toHaveLength(8);
  });

  test("a command says the same to a terminal, which knows its variables", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "one.yaml",
      one(
        [
          "echo $TERM $COLUMNS $LINES $PAGER; test -t 1 && echo '::note::a terminal'",
          "printf '::progress 50::half\\n' >&2; echo '::error::too few' >&2; exit 4",
        ].join("\n"),
        "    tty: true\n    env: { COLUMNS: '132' }\n",
      ),
    );
    const id = await world.start("one");
    const { steps } = await world.ended(id);
    expect(steps[0]).toMatchObject({
      progress: 0.5,
      notes: ["a terminal"],
      error: "too few",
      data: { exit_code: 4 },
    });
    expect(await world.outputOf(id, 0)).toMatch(/^xterm-256color 132 24 cat\n::note/);
  });

  test("a marker behind a bar that is drawn on the other stream is heard", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "one.yaml",
      one(
        [
          "printf '\\r 10%%|█   | 1/10 [00:01<00:09]' >&2",
          "echo '::progress 10::epoch 1'",
          "printf '\\r 20%%|██  | 2/10 [00:02<00:08]' >&2",
          "echo '::task completed::epoch 2'",
          "printf '\\r 30%%|███ | 3/10 [00:03<00:07]' >&2",
          "echo '::error::out of memory' >&2; exit 3",
        ].join("\n"),
      ),
    );
    const { steps } = await world.ended(await world.start("one"));
    expect(steps[0]).toMatchObject({
      progress: 0.1,
      tasks: [{ name: "epoch 2", status: "completed" }],
      error: "out of memory",
    });
  });

  for (const [name, pattern, run, progress] of [
    ["a pattern of its own", "'(\\d+)/100'", "echo '50/100'", 0.5],
    ["a percent", "'(\\d+)%'", "printf '12%%\\r25%%\\r'", 0.25],
    ["rsync", "rsync", "printf '      1,204,331  62%%   11.80MB/s    0:00:07\\r'", 0.62],
  ] as const) {
    test(`a command says how far it is by the words of ${name}`, async ({ runnerWorld }) => {
      const world = await runnerWorld();
      world.define("one.yaml", one(`${run}; ${WAIT}`, `    progress: ${pattern}\n`));
      const id = await world.start("one");
      const seen = await world.until(id, ({ steps }) => steps[0]?.progress != null);
      expect(seen.steps[0]?.progress).toBe(progress);
      world.define("go", "");
      expect((await world.ended(id)).status).toBe("completed");
    });
  }

  test("the newest line of a command is its message while it runs, marked as no more than that", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("one.yaml", one(`echo first; echo second; echo; ${WAIT}`));
    const id = await world.start("one");
    const seen = await world.until(id, ({ steps }) => steps[0]?.message === "second");
    expect(seen.steps[0]?.message_from).toBe("output");
    world.define("go", "");
    const [step] = (await world.ended(id)).steps;
    expect(step?.message ?? null).toBeNull();
    expect(step?.message_from ?? null).toBeNull();
  });

  for (const [name, end, status] of [
    ["completed", "exit 0", "completed"],
    ["failed", "exit 3", "failed"],
  ] as const) {
    test(`a command's message is what it said on purpose, also when it has ${name} after printing more`, async ({
      runnerWorld,
    }) => {
      const world = await runnerWorld();
      const run = `echo '::progress 90::Copying models'; echo cleanup 30; ${WAIT}; echo bye; ${end}`;
      world.define("one.yaml", one(run));
      const id = await world.start("one");
      const seen = await world.until(id, ({ steps }) => steps[0]?.message === "cleanup 30");
      expect(seen.steps[0]).toMatchObject({ progress: 0.9, message_from: "output" });
      world.define("go", "");
      const [step] = (await world.ended(id)).steps;
      expect(step).toMatchObject({ status, message: "Copying models" });
      expect(step?.message_from ?? null).toBeNull();
    });
  }

  test("nothing that a command printed is its message once it ended, also while it waits for its next attempt", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("one.yaml", one("echo last; exit 1", "    retries: 1\n    backoff: 60s\n"));
    const id = await world.start("one");
    const waiting = await world.until(id, ({ steps }) => steps[0]?.retry_at != null);
    expect(waiting.steps[0]?.message ?? null).toBeNull();
  });

  for (const line of [
    "::progress 101::too much",
    "::progress abc::no number",
    " ::progress 10::not at the start",
    "::task::no status",
    "::task flying::unknown status",
    "::set-output name=x::y",
    "::",
  ]) {
    test(`a line that is no marker says nothing but itself: ${line}`, async ({ runnerWorld }) => {
      const world = await runnerWorld();
      world.define("one.yaml", one(`printf '%s\\n' '${line}'; ${WAIT}`));
      const id = await world.start("one");
      await world.until(id, ({ steps }) => steps[0]?.message === line.trim());
      world.define("go", "");
      const { steps } = await world.ended(id);
      expect(steps[0]).toMatchObject({ status: "completed" });
      expect(steps[0]?.tasks ?? []).toEqual([]);
      expect(await world.outputOf(id, 0)).toBe(`${line}\n`);
    });
  }

  test("a command may say more than anybody can look at, and the state stays small", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "one.yaml",
      one(
        'i=0; while [ $i -lt 3000 ]; do echo "::task completed::node-$i::ok"; echo "::note::note $i"; i=$((i+1)); done',
      ),
    );
    const id = await world.start("one");
    const { status, steps } = await world.ended(id);
    expect(status).toBe("completed");
    expect(steps[0]?.tasks).toHaveLength(200);
    expect(steps[0]?.notes).toHaveLength(20);
    expect(steps[0]?.notes).toContain("note 2999");
  });
});
