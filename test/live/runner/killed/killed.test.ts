/** The server's process killed without warning while its own workflows run commands that end with it: nothing looks as if it went on, nothing of it does, and it can be resumed. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { processOf } from "../../../../server/machine/processes.js";
import { until } from "../../../support/deadline.js";
import { processesOf, untilNoneOf, untilSomeOf } from "../../../support/servers/processes.js";
import type { RunnerCalls } from "../../../support/servers/runnerWorld.js";
import { livesTest as test } from "../../../support/servers/serverLives.js";
import { printed } from "../kept/killedBetween.js";

/** Step 3 of 5 goes on until the folder has a file "go". */
const FIVE = (more = "", third = "") => `
name: five
${more}
steps:
  - { action: one, run: echo one }
  - { action: two, run: echo two }
  - action: three
    survives: false
    ${third}
    run: |
      echo "three begins, attempt $INSTEP_ATTEMPT"
      if test "$INSTEP_ATTEMPT" = 1; then setsid sleep 1000 > /dev/null 2>&1 & fi
      sleep 1000 & until grep -q sleep /proc/$!/comm; do :; done
      until test -e go; do sleep 0.02; done
      echo three ends
  - { action: four, run: echo four }
  - { action: five, run: echo five }
`;

const untilInThree = (life: RunnerCalls, id: string) =>
  life.until(id, ({ steps }) => steps[2]?.message?.startsWith("three begins") === true);

describe("a server killed in step 3 of 5", () => {
  test("a server killed in step 3 of 5 comes back with the workflow interrupted, ends what was left, and resumes it", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    first.define("five.yaml", FIVE());
    const id = await first.start("five");
    const before = await untilInThree(first, id);
    await untilSomeOf(id, 4);
    await first.kill();
    const killedAt = Date.now();
    expect(processesOf(id).length).toBeGreaterThanOrEqual(3);

    const second = await lives.begin();
    // The very first answer: nobody ever sees "running" again.
    const found = await second.stateOf(id);
    expect(found).toMatchObject({
      status: "interrupted",
      current_step: 2,
      interruption: {
        reason: "server_restart",
        step: 2,
        since: before.steps[2]?.started_at,
        last_seen: expect.any(String),
      },
      steps: [
        before.steps[0],
        before.steps[1],
        { status: "interrupted" },
        { status: "pending" },
        { status: "pending" },
      ],
    });
    expect(Date.parse(found.interruption!.last_seen!)).toBeLessThanOrEqual(killedAt);
    const cleared = await second.until(
      id,
      ({ interruption }) => interruption?.processes === "ended",
    );
    // A process that was only just forked still has the name of its shell.
    expect(cleared.interruption?.note).toMatch(
      /still ran .* and was ended: \d+ \(sh\), (\d+ \((sh|sleep)\)(, )?){2,3}\.$/,
    );
    await untilNoneOf(id);

    writeFileSync(path.join(folder, "workflows", "go"), "");
    const answer = await second.command("resume", { workflow_id: id });
    expect(answer).toMatchObject({ status: 200, body: { message: "Workflow resumed" } });
    const done = await second.ended(id);
    expect(done).toMatchObject({
      status: "completed",
      steps: [
        before.steps[0],
        before.steps[1],
        {
          status: "completed",
          attempt: 2,
          attempts: [{ attempt: 1, status: "interrupted" }],
        },
        { status: "completed" },
        { status: "completed" },
      ],
    });
    expect(await second.outputOf(id, 2, 1)).toBe("three begins, attempt 1\n");
    expect(await second.outputOf(id, 2)).toMatch(
      /^three begins, attempt 2\nthree ends\ninstep: ended 1 process it left: \d+ \(sleep\)\n$/,
    );
    expect(await second.outputOf(id, 0)).toBe("one\n");
    expect(await second.outputOf(id, 4)).toBe("five\n");
    expect(readdirSync(path.join(folder, ".instep", "processes"))).toEqual([]);
  });

  test("a server killed in step 3 of 5 goes on behind the interrupted step where somebody says that it is done", async ({
    lives,
    instep,
  }) => {
    const first = await lives.begin();
    first.define("five.yaml", FIVE());
    const id = await first.start("five");
    await untilInThree(first, id);
    await first.kill();

    const second = await lives.begin();
    const refusals: [unknown, number, string, RegExp][] = [
      ["six", 400, "bad_message", /^done: is no step of it; there are one, two/],
      [7, 400, "bad_message", /^done: is no step of it; there are \d+, counted from 0/],
      [true, 400, "bad_message", /^done: /],
      ["two", 409, "not_waiting", /"two" is completed; only a step that was interrupted/],
      [3, 409, "not_waiting", /"four" is pending; only a step that was interrupted/],
    ];
    const found = await second.stateOf(id);
    for (const [done, status, code, detail] of refusals) {
      const refused = await second.command("resume", { workflow_id: id, done });
      expect(refused).toMatchObject({
        status,
        body: { code, detail: expect.stringMatching(detail) },
      });
    }
    const both = await second.command("resume", { workflow_id: id, done: "three", answer: {} });
    expect(both).toMatchObject({ status: 400, body: { detail: expect.stringMatching(/^done: /) } });
    expect((await second.stateOf(id)).steps).toEqual(found.steps);

    const telling = instep(["resume", id, "--done", "three"], { INSTEP_URL: second.url });
    expect(await telling.exitCode).toBe(0);
    expect(telling.stdout()).toBe(`Workflow resumed. Follow it at ${second.url}/w/${id}\n`);
    const ended = await second.ended(id);
    expect(ended).toMatchObject({
      status: "completed",
      steps: [
        { status: "completed" },
        { status: "completed" },
        {
          status: "completed",
          attempt: 1,
          finished_at: found.interruption?.last_seen,
          completion_note: expect.stringMatching(
            /^Marked as done by instep resume \(.*\) after it was interrupted\.$/,
          ),
        },
        { status: "completed" },
        { status: "completed" },
      ],
    });
    expect(await second.outputOf(id, 2)).toBe("three begins, attempt 1\n");
    expect(await second.outputOf(id, 3)).toBe("four\n");
    await untilNoneOf(id);
  });

  test("a server killed in step 3 of 5 goes on by itself where the definition says so and the step may be repeated", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    first.define("five.yaml", FIVE("on_restart: resume", "idempotent: true"));
    const id = await first.start("five");
    await untilInThree(first, id);
    await first.kill();
    writeFileSync(path.join(folder, "workflows", "go"), "");

    const second = await lives.begin();
    const done = await second.ended(id);
    expect(done).toMatchObject({ status: "completed", steps: [{}, {}, { attempt: 2 }, {}, {}] });
    expect(done).not.toHaveProperty("interruption");
    await untilNoneOf(id);
  });

  test("a server killed in step 3 of 5 goes on by itself three times in one step, and then says that somebody has to", async ({
    lives,
  }) => {
    let life = await lives.begin();
    life.define("five.yaml", FIVE("on_restart: resume", "idempotent: true"));
    const id = await life.start("five");
    for (let attempt = 1; attempt <= 4; attempt++) {
      await life.until(id, ({ steps }) => steps[2]?.message === `three begins, attempt ${attempt}`);
      await life.kill();
      life = await lives.begin();
    }
    const left = await life.until(id, ({ interruption }) =>
      /by itself/.test(interruption?.note ?? ""),
    );
    expect(left.status).toBe("interrupted");
    expect(left.interruption?.note).toContain("went on by itself 3 times in this step");
    await untilNoneOf(id);
  });

  test("a server killed in step 3 of 5 waits for somebody where the step may not be repeated", async ({
    lives,
  }) => {
    const first = await lives.begin();
    first.define("five.yaml", FIVE("on_restart: resume"));
    const id = await first.start("five");
    await untilInThree(first, id);
    await first.kill();
    const second = await lives.begin();
    const found = await second.until(id, ({ interruption }) => interruption?.processes === "ended");
    expect(found.status).toBe("interrupted");
    expect((await second.command("stop", { workflow_id: id })).body.message).toBe(
      "Workflow stopped",
    );
    expect((await second.stateOf(id)).status).toBe("cancelled");
  });

  test("a workflow cancelled while the killed server's old command is being ended is cancelled once that is gone", async ({
    lives,
  }) => {
    const first = await lives.begin();
    first.define(
      "stubborn.yaml",
      "name: stubborn\nsteps:\n  - { action: stays, survives: false, run: 'trap \"\" TERM; echo here; while :; do sleep 0.1; done' }\n",
    );
    const id = await first.start("stubborn");
    await first.until(id, ({ steps }) => steps[0]?.message === "here");
    await first.kill();

    const second = await lives.begin();
    const asked = await second.command("stop", { workflow_id: id });
    expect(asked).toMatchObject({ status: 202, body: { message: "Workflow is stopping" } });
    expect(processesOf(id)).not.toEqual([]);
    expect(await second.stateOf(id)).toMatchObject({
      status: "interrupted",
      stop_requested: { at: expect.any(String) },
    });
    const retried = await second.command("retry", { workflow_id: id });
    // Told only after the old one is gone, so that there are never two.
    expect(retried.status).toBe(201);
    expect((await second.stateOf(id)).status).toBe("cancelled");
    expect(processesOf(id)).toEqual([]);
    const next = retried.body.workflow_id;
    await second.command("stop", { workflow_id: next, now: true });
    await second.ended(next);
  });

  test("a server killed in step 3 of 5 does not take a process with the same number for its own", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    first.define("five.yaml", FIVE());
    const id = await first.start("five");
    await untilInThree(first, id);
    await first.kill();

    const records = path.join(folder, ".instep", "processes");
    const [name] = readdirSync(records);
    const recorded = JSON.parse(readFileSync(path.join(records, name!), "utf8"));
    const stranger = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
    const forged = { ...recorded, group: stranger.pid };
    writeFileSync(path.join(records, `${stranger.pid}.json`), JSON.stringify(forged));
    try {
      const second = await lives.begin();
      await second.until(id, ({ interruption }) => interruption?.processes === "ended");
      await untilNoneOf(id);
      expect(processOf(stranger.pid!)?.state).not.toBe("Z");
      expect(stranger.exitCode).toBeNull();
      expect(stranger.signalCode).toBeNull();
    } finally {
      stranger.kill("SIGKILL");
    }
  });
});

describe("a server killed again and again", () => {
  test.for([
    ["where commands end with it", "survives: false"],
    ["where commands outlive it", "survives: true"],
  ] as const)(
    "a server killed again and again loses no step that was done, and no line of output, %s",
    async ([, survives], { lives, folder }) => {
      const first = await lives.begin();
      first.define(
        "count.yaml",
        `name: count\non_restart: resume\nsteps:\n${[0, 1, 2, 3, 4, 5]
          .map(
            (step) =>
              `  - action: step${step}\n    idempotent: true\n    ${survives}\n    run: for i in 1 2 3 4 5; do echo "${step}.$i"; sleep 0.02; done\n`,
          )
          .join("")}`,
      );
      const id = await first.start("count");
      let life = first;
      for (let kill = 0; kill < 5; kill++) {
        // Another place in the workflow each time.
        await life.until(
          id,
          ({ steps, status }) => steps[kill]?.status === "completed" || status === "completed",
        );
        const done = (await life.stateOf(id)).steps.filter(({ status }) => status === "completed");
        await life.kill();
        life = await lives.begin();
        const now = await life.stateOf(id);
        expect(now.steps.slice(0, done.length)).toEqual(done);
      }
      const end = await life.until(
        id,
        ({ status }) => status !== "running" && status !== "interrupted",
      );
      expect(end.status).toBe("completed");
      for (const step of [0, 1, 2, 3, 4, 5]) {
        expect(printed(await life.outputOf(id, step))).toBe(
          [1, 2, 3, 4, 5].map((i) => `${step}.${i}\n`).join(""),
        );
        if (survives === "survives: true") expect(end.steps[step]).toMatchObject({ attempt: 1 });
      }
      expect(readdirSync(path.join(folder, ".instep", "processes"))).toEqual([]);
    },
  );
});

describe("a killed server", () => {
  test("a question outlives a kill of the server, with its answer still to come", async ({
    lives,
  }) => {
    const first = await lives.begin();
    first.define(
      "ask.yaml",
      `name: ask\nsteps:\n  - { action: sure, ask: { prompt: Go on?, fields: { go: { type: boolean, required: true } } } }\n  - { action: act, run: 'echo "go: $ANSWER_GO"' }\n`,
    );
    const id = await first.start("ask");
    const asked = await first.until(id, ({ status }) => status === "blocked");
    await first.kill();
    const second = await lives.begin();
    const found = await second.stateOf(id);
    expect(found).toMatchObject({ status: "blocked", block_info: asked.block_info });
    const answer = { workflow_id: id, answer: { go: true }, question: asked.block_info?.id };
    expect((await second.command("resume", answer)).status).toBe(200);
    expect((await second.ended(id)).status).toBe("completed");
    expect(await second.outputOf(id, 1)).toBe("go: true\n");
  });

  test("the queue outlives a kill of the server, in its order", async ({ lives }) => {
    const first = await lives.begin("--max-concurrent", "1");
    first.define(
      "long.yaml",
      "name: long\nsteps:\n  - { action: wait, survives: false, run: echo here; sleep 1000 }\n",
    );
    first.define("short.yaml", "name: short\nsteps:\n  - { action: say, run: date +%s%N }\n");
    const running = await first.start("long");
    const [second, third] = [await first.start("short"), await first.start("short")];
    await first.until(running, ({ steps }) => steps[0]?.message === "here");
    expect(await first.stateOf(second)).toMatchObject({ status: "running", queued: {} });
    await first.kill();

    const life = await lives.begin("--max-concurrent", "1");
    const [one, two] = [await life.ended(second), await life.ended(third)];
    expect([one.status, two.status]).toEqual(["completed", "completed"]);
    const printed = await Promise.all([second, third].map((id) => life.outputOf(id, 0)));
    expect(BigInt(printed[0]!) < BigInt(printed[1]!)).toBe(true);
    expect((await life.stateOf(running)).status).toBe("interrupted");
    await until(() => processesOf(running).length === 0, "the old command is gone");
  });
});
