/** The server gone while a workflow cleans up, or before it could: the cleaning up goes on, and the end is the one that was decided. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { processesOf, untilNoneOf } from "../../../support/servers/processes.js";
import { livesTest as test } from "../../../support/servers/serverLives.js";

const recipe = (steps: string, more = "") => `name: tidy\n${more}steps:\n${steps}`;
const BUILD_FAILS = '  - { action: build, run: "exit 3" }\n';
const LONG = "  - { action: long, survives: false, run: 'echo begun; sleep 1000' }\n";
/** Ends when the folder has a file "go". */
const clean = (more = "idempotent: true") =>
  `  - action: clean\n    survives: false\n    when: always\n    ${more}\n    run: |\n      echo cleaning $INSTEP_ATTEMPT\n      until test -e go; do sleep 0.02; done\n`;

const says =
  (index: number, word: string) =>
  ({ steps }: { steps: { message?: unknown }[] }) =>
    steps[index]?.message === word;

describe("killed while it cleans up", () => {
  test("a workflow killed while it cleans up after a failure goes on by itself, and has failed", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    first.define("tidy.yaml", recipe(BUILD_FAILS + clean()));
    const id = await first.start("tidy");
    await first.until(id, says(1, "cleaning 1"));
    await first.kill();

    const second = await lives.begin();
    const state = await second.until(id, says(1, "cleaning 2"));
    expect(state).toMatchObject({ status: "running", ending: { status: "failed" } });
    writeFileSync(path.join(folder, "workflows", "go"), "");
    expect(await second.ended(id)).toMatchObject({
      status: "failed",
      error_message: "build: exit code 3",
      steps: [{ status: "failed" }, { status: "completed", attempt: 2 }],
    });
    await untilNoneOf(id);
  });

  test("a workflow killed while it cleans up after a cancel goes on by itself, and is cancelled", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    first.define("tidy.yaml", recipe(LONG + clean()));
    const id = await first.start("tidy");
    await first.until(id, says(0, "begun"));
    await first.command("stop", { workflow_id: id });
    await first.until(id, says(1, "cleaning 1"));
    await first.kill();

    const second = await lives.begin();
    const state = await second.until(id, says(1, "cleaning 2"));
    expect(state).toMatchObject({ status: "running", stop_requested: {} });
    writeFileSync(path.join(folder, "workflows", "go"), "");
    const ended = await second.ended(id);
    expect(ended).toMatchObject({
      status: "cancelled",
      steps: [{ status: "cancelled", attempt: 1 }, { status: "completed" }],
    });
    expect(ended.error_message).toBeUndefined();
  });

  test("a workflow killed while it cleans up in a step that may not be repeated waits for somebody, and a cancel ends it", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    first.define(
      "tidy.yaml",
      recipe(BUILD_FAILS + clean("idempotent: false"), "on_restart: resume\n"),
    );
    const id = await first.start("tidy");
    await first.until(id, says(1, "cleaning 1"));
    await first.kill();

    const second = await lives.begin();
    const waiting = await second.until(
      id,
      ({ interruption }) => interruption?.note?.includes("somebody has to say") === true,
    );
    expect(waiting.status).toBe("interrupted");
    await second.command("resume", { workflow_id: id });
    await second.until(id, says(1, "cleaning 2"));
    writeFileSync(path.join(folder, "workflows", "go"), "");
    expect(await second.ended(id)).toMatchObject({
      status: "failed",
      error_message: "build: exit code 3",
    });
  });
});

describe("killed before it could clean up", () => {
  test("a workflow killed while it was being cancelled cleans up, and the step that was being ended does not run again", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    const deaf =
      "  - action: long\n    survives: false\n    run: |\n      trap '' TERM\n      echo begun\n      while :; do sleep 0.1; done\n";
    first.define("tidy.yaml", recipe(deaf + clean()));
    const id = await first.start("tidy");
    await first.until(id, says(0, "begun"));
    await first.command("stop", { workflow_id: id });
    await first.kill();

    const second = await lives.begin();
    await second.until(id, says(1, "cleaning 1"));
    expect(processesOf(id).length).toBeGreaterThan(0);
    writeFileSync(path.join(folder, "workflows", "go"), "");
    expect(await second.ended(id)).toMatchObject({
      status: "cancelled",
      steps: [{ status: "cancelled", attempt: 1 }, { status: "completed" }],
    });
    await untilNoneOf(id);
  });

  test("a workflow killed and cancelled after that cleans up all the same, and at once it does not", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    first.define("tidy.yaml", recipe(LONG + clean()));
    const [one, other] = [await first.start("tidy"), await first.start("tidy")];
    for (const id of [one, other]) await first.until(id, says(0, "begun"));
    await first.kill();

    const second = await lives.begin();
    for (const id of [one, other])
      await second.until(id, ({ interruption }) => interruption?.processes === "ended");
    writeFileSync(path.join(folder, "workflows", "go"), "");
    await second.command("stop", { workflow_id: one });
    expect(await second.ended(one)).toMatchObject({
      status: "cancelled",
      steps: [{ status: "cancelled", attempt: 1 }, { status: "completed" }],
    });
    await second.command("stop", { workflow_id: other, now: true });
    expect(await second.ended(other)).toMatchObject({
      status: "cancelled",
      steps: [{ status: "cancelled" }, { status: "pending" }],
    });
  });
});

describe("a server that stops while it cleans up", () => {
  test("a server that stops while it cleans up ends that within seconds, and goes on with it when it is started again", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    first.define("tidy.yaml", recipe(LONG + clean()));
    const id = await first.start("tidy");
    await first.until(id, says(0, "begun"));
    await first.command("stop", { workflow_id: id });
    await first.until(id, says(1, "cleaning 1"));
    first.process.signal("SIGTERM");
    expect(await first.process.exitCode).toBe(0);
    expect(processesOf(id)).toEqual([]);

    const second = await lives.begin();
    await second.until(id, says(1, "cleaning 2"));
    writeFileSync(path.join(folder, "workflows", "go"), "");
    expect(await second.ended(id)).toMatchObject({ status: "cancelled" });
  });
});
