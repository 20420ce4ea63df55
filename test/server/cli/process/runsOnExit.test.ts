import { EventEmitter } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { runsOnExit } from "../../../../server/cli/process/runsOnExit.js";
import { cliTest } from "../../../support/servers/builtCommand.js";

describe("what runs when the process exits", () => {
  test("all that runs when the process exits takes one listener, however much it is", () => {
    const exiting = new EventEmitter();
    const onExit = runsOnExit(exiting);
    const ran: number[] = [];

    for (let number = 0; number < 50; number++) onExit(() => ran.push(number));
    expect(exiting.listenerCount("exit")).toBe(1);

    exiting.emit("exit");
    expect(ran).toHaveLength(50);
  });

  test("each thing that runs when the process exits runs whatever else of it fails, and not what was taken back", () => {
    const exiting = new EventEmitter();
    const onExit = runsOnExit(exiting);
    const ran: string[] = [];
    const takeBack = onExit(() => ran.push("taken back"));
    onExit(() => {
      throw new Error("broken");
    });
    onExit(() => ran.push("last"));

    takeBack();
    exiting.emit("exit");

    expect(ran).toEqual(["last"]);
  });
});

cliTest("forty commands at once are nothing that is warned of", async ({ folder, instep }) => {
  const branches = Array.from({ length: 40 }, (_, number) => ({
    action: `branch-${number}`,
    // Each runs until all of them do.
    run: `touch at-work-${number}; until test "$(ls | grep -c at-work-)" -eq 40; do sleep 0.1; done`,
  }));
  const recipe = { name: "wide", steps: [{ action: "all", parallel: branches }] };
  writeFileSync(path.join(folder, "wide.yaml"), JSON.stringify(recipe));

  const { exitCode, stderr } = instep(["run", "wide.yaml"]);

  expect(await exitCode).toBe(0);
  expect(stderr()).not.toContain("Warning");
});
