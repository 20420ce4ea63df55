/** The server is killed while a command is at work, and what its keeper wrote is gone or damaged when the next one comes. */
import { readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { processOf } from "../../../../shared/state/stepProcess.js";
import { untilNoneOf } from "../../../support/servers/processes.js";
import { awaits, counts, own, says, betweenTest as test } from "./killedBetween.js";

const keepersIn = (folder: string): string => path.join(folder, ".instep", "keepers");
const foldersIn = (folder: string): string[] =>
  readdirSync(keepersIn(folder))
    .filter((name) => /^[0-9a-f]{32}$/.test(name))
    .map((name) => path.join(keepersIn(folder), name));

/** It may be done twice, and goes on by itself: two of it at once would be seen. */
const AGAIN = `on_restart: resume
steps:
  - action: work
    idempotent: true
    stop_timeout: 10s
    run: |
      mkdir alone || exit 7
      trap 'rmdir alone' EXIT
      trap 'exit 1' TERM
      ${counts}
      echo begun
      ${awaits("go")}
`;

const LOSSES: readonly (readonly [string, (folder: string) => void])[] = [
  ["its folder", (folder) => rmSync(folder, { recursive: true })],
  ["its folder, moved away,", (folder) => renameSync(folder, `${folder}.elsewhere`)],
  ["its job", (folder) => rmSync(path.join(folder, "job.json"))],
  ["a job that can be understood", (folder) => writeFileSync(path.join(folder, "job.json"), "{}")],
  [
    "all in its folder",
    (folder) => {
      for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
    },
  ],
];

describe("a command whose papers are gone", () => {
  test.for(LOSSES)(
    "a command of which %s is missing is ended before its step begins again",
    async ([, lose], { between, folder }) => {
      const first = await between.first({ again: AGAIN });
      const id = await first.start("again");
      await first.until(id, says(0, "begun"));
      const second = await between.next(first, () => {
        for (const one of foldersIn(folder)) lose(one);
      });
      await second.until(
        id,
        ({ steps }) => steps[0]?.attempt === 2 && steps[0].message === "begun",
      );
      between.give("go");
      const { status, steps } = await second.ended(id);
      expect([status, steps[0]?.attempt]).toEqual(["completed", 2]);
      expect(between.textOf("runs")).toBe("0 1\n0 2\n");
      await untilNoneOf(id);
    },
  );
});

describe("the time in which the server was away", () => {
  test("the time away begins for each of several commands when the server was killed, and never after it ends", async ({
    between,
    folder,
  }) => {
    const steps = `steps:\n  - action: work\n    run: |\n      echo begun\n      ${awaits("go")}\n`;
    const first = await between.first({ one: steps });
    const ids = [await first.start("one"), await first.start("one"), await first.start("one")];
    for (const id of ids) await first.until(id, says(0, "begun"));
    const seen = new Date(Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000);
    const second = await between.next(first, () =>
      utimesSync(path.join(keepersIn(folder), ".seen"), seen, seen),
    );
    for (const id of ids) {
      const { steps: now } = await second.until(
        id,
        (state) => processOf(state.steps[0]?.data)?.taken_up !== undefined,
      );
      expect(processOf(now[0]?.data)?.taken_up?.[0]?.from).toBe(seen.toISOString());
    }
    const ahead = new Date(Date.now() + 3_600_000);
    const third = await between.next(second, () =>
      utimesSync(path.join(keepersIn(folder), ".seen"), ahead, ahead),
    );
    for (const id of ids) {
      const { steps: now } = await third.until(
        id,
        (state) => processOf(state.steps[0]?.data)?.taken_up?.length === 2,
      );
      const { from, to } = processOf(now[0]?.data)!.taken_up![1]!;
      expect(Date.parse(from)).toBeLessThanOrEqual(Date.parse(to));
    }
    between.give("go");
    for (const id of ids) {
      expect((await third.ended(id)).status).toBe("completed");
      expect(own(await third.outputOf(id, 0))).toHaveLength(2);
      await untilNoneOf(id);
    }
  });
});
