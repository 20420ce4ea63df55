/**
 * The server killed without warning, again and again at any moment, while its commands are at work: nobody would know from the logs and the states.
 *
 * INSTEP_KILLS says how often in each test (5 where it is missing), INSTEP_SEED repeats the moments.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { allProcesses, isRunning } from "../../../../server/machine/processes.js";
import type { Step, WorkflowState } from "../../../../shared/schema/workflow.js";
import { stepAtIndex } from "../../../../shared/state/stepPlace.js";
import { type Chance, seeded } from "../../../support/chance.js";
import { until } from "../../../support/deadline.js";
import { endsKept, untilOneMoreEnds } from "../../../support/servers/keptEnds.js";
import { commandLineOf, untilNoneOf } from "../../../support/servers/processes.js";
import {
  type Beginning,
  type Life,
  livesTest as test,
} from "../../../support/servers/serverLives.js";

const PRINTER = fileURLToPath(
  new URL("../../../support/servers/pacedPrinter.mjs", import.meta.url),
);
const KILLS = Number(process.env.INSTEP_KILLS ?? 5);
const MIB = 1024 * 1024;
const PACE = 5_000_000;
/** As much as a log keeps whole. */
const MOST = 60 * MIB;
/** A server lives until so many bytes more are in its log, at most. */
const LONGEST_LIFE = 1.5 * MIB;

const began = 'echo "$INSTEP_STEP $INSTEP_ATTEMPT" >> NAME.starts';
/** Ends with 5 once there is a file "go". */
const prints = `node ${PRINTER} prints ${PACE} ${MOST}`;
const sleeps = `${began.replace("NAME", "sleeps")}; echo asleep; until test -e go; do sleep 0.1; done; echo awake; exit 6`;
/** Ends with 7 once there is a file "leave", and says when. */
const leaves = `${began.replace("NAME", "leaves")}; echo here; until test -e leave; do sleep 0.05; done; echo gone; date +%s%3N > left; exit 7`;
const COMMANDS: Readonly<Record<string, string>> = { prints, sleeps, leaves };
const NAMES = Object.keys(COMMANDS);
const CODES: Readonly<Record<string, number>> = { prints: 5, sleeps: 6, leaves: 7 };
const SAID: Readonly<Record<string, string>> = {
  sleeps: "asleep\nawake\n",
  leaves: "here\ngone\n",
};

const stepOf = (name: string, indent: string) =>
  `${indent}- action: ${name}\n${indent}  continue_on_error: true\n${indent}  run: '${COMMANDS[name]}'\n`;

/** A workflow, and the steps in it that are watched. */
interface Watched {
  readonly id: string;
  readonly index: number;
  readonly name: string;
}

interface World {
  readonly folder: string;
  readonly lives: { beginning(): Beginning };
  readonly chance: Chance;
}

interface LastLife {
  /** It is to live. */
  readonly life: Life;
  /** When it was started. */
  readonly at: number;
  /** When the command that left had ended, while no server was there. */
  readonly leftBy: number;
}

/** Kills one server after the other. */
async function killAgainAndAgain(world: World, first: Life): Promise<LastLife> {
  const { folder, lives, chance } = world;
  const leaveAt = chance.below(KILLS);
  let leftBy = 0;
  let server: Beginning = {
    process: first.process,
    ready: Promise.resolve(first),
    kill: first.kill,
  };
  for (let kill = 0; kill < KILLS; kill++) {
    // Some are killed as soon as they write to a log again, long before they listen.
    if (chance.below(3) > 0) await server.ready;
    const more = chance.below(LONGEST_LIFE);
    const wanted = Math.min(loggedBytes(folder) + more, MOST);
    await until(
      () => loggedBytes(folder) >= wanted,
      () =>
        `there are ${wanted} bytes in the log: ${loggedBytes(folder)} ${server.process.stderr()}`,
    );
    await server.kill();
    if (kill === leaveAt) {
      const data = path.join(folder, ".instep");
      const ends = endsKept(data);
      writeFileSync(path.join(folder, "workflows", "leave"), "");
      await untilOneMoreEnds(data, ends);
      leftBy = Date.now();
    }
    server = lives.beginning();
  }
  const at = Date.now();
  return { life: await server.ready, at, leftBy };
}

/** How much of the printed output is in the files of logs. */
function loggedBytes(folder: string): number {
  const logs = path.join(folder, ".instep", "logs");
  return readdirSync(logs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes("times"))
    .reduce((sum, { parentPath, name }) => sum + sizeOf(path.join(parentPath, name)), 0);
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Without the lines that are the server's own. */
const printedIn = (log: Buffer): string => log.toString("latin1").replace(/^instep: .*\n/gm, "");

async function logOf({ url }: Life, { id, index }: Watched): Promise<Buffer> {
  const answer = await fetch(`${url}/workflow/state/steps/${index}/log?workflow_id=${id}`);
  return Buffer.from(await answer.arrayBuffer());
}

/** Where two texts differ, in few words: they are millions of bytes. */
function difference(one: string, other: string): string {
  if (one === other) return "none";
  let at = 0;
  while (one[at] === other[at]) at += 1;
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 60), at + 60));
  return `at ${at} of ${one.length} and ${other.length}: ${around(one)} and ${around(other)}`;
}

async function expectWhole(life: Life, folder: string, watched: readonly Watched[]): Promise<void> {
  const workflows = path.join(folder, "workflows");
  for (const one of watched) {
    const file = (name: string) => readFileSync(path.join(workflows, name));
    const log = await logOf(life, one);
    const real = one.name === "prints" ? file("prints").toString("latin1") : SAID[one.name]!;
    expect([one.name, difference(printedIn(log), real)]).toEqual([one.name, "none"]);
    expect(file(`${one.name}.starts`).toString()).toBe(`${one.index} 1\n`);
    expect(log.toString("latin1")).toMatch(
      /^instep: The server was away from .*; the command (kept running|ended at )/m,
    );
  }
}

function expectEnds(
  states: readonly (readonly [Watched, WorkflowState])[],
  folder: string,
  { at, leftBy }: LastLife,
): void {
  for (const [{ name, index }, state] of states) {
    const step = stepAtIndex(state, index) as Step;
    expect([name, step]).toMatchObject([
      name,
      {
        status: "failed",
        attempt: 1,
        data: { exit_code: CODES[name] },
        error: `exit code ${CODES[name]}`,
      },
    ]);
    expect(step).not.toHaveProperty("attempts");
    if (name !== "leaves") continue;
    const left = Number(readFileSync(path.join(folder, "workflows", "left"), "utf8"));
    const finished = Date.parse(step.finished_at!);
    expect(finished).toBeGreaterThanOrEqual(left - 10);
    expect(finished).toBeLessThan(at);
    // The machine's own clock has ticks.
    expect(finished).toBeLessThan(leftBy + 50);
  }
}

async function expectNothingLeft(folder: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) await untilNoneOf(id);
  const kept = () =>
    readdirSync(path.join(folder, ".instep", "keepers")).filter((name) => !name.startsWith("."));
  await until(
    () => kept().length === 0,
    () => `nothing is kept: ${kept().join(", ")}`,
  );
  const keepersOf = () =>
    (allProcesses() ?? [])
      .filter(isRunning)
      .map(({ pid }) => commandLineOf(pid))
      .filter((command) => command.includes(folder) && command.includes("keepers"));
  await until(
    () => keepersOf().length === 0,
    () => `no keeper is left: ${keepersOf().join("\n")}`,
  );
}

const go = (folder: string) => writeFileSync(path.join(folder, "workflows", "go"), "");

describe("a server killed again and again at any moment", () => {
  test("a server killed again and again at any moment loses no byte, no end and no time of three branches at work", async ({
    lives,
    folder,
  }) => {
    await seeded(async (chance) => {
      const first = await lives.begin();
      const branches = NAMES.map((name) => stepOf(name, "      ")).join("");
      first.define(
        "three.yaml",
        `name: three\nsteps:\n  - { action: before, run: echo before }\n  - action: all\n    continue_on_error: true\n    parallel:\n${branches}  - { action: after, run: echo after }\n`,
      );
      const id = await first.start("three");
      const watched = NAMES.map((name, place) => ({ id, name, index: (place + 1) * 1_000 + 1 }));
      await first.until(id, (state) =>
        watched.every(
          ({ index, name }) =>
            name === "prints" || stepAtIndex(state, index)?.message !== undefined,
        ),
      );
      const last = await killAgainAndAgain({ folder, lives, chance }, first);
      const { life } = last;
      expect((await life.stateOf(id)).status).toBe("running");
      go(folder);
      const state = await life.ended(id);
      expect(state).toMatchObject({
        status: "completed",
        steps: [{ attempt: 1 }, {}, { status: "completed" }],
      });
      expectEnds(
        watched.map((one) => [one, state]),
        folder,
        last,
      );
      await expectWhole(life, folder, watched);
      expect(await life.outputOf(id, 2)).toBe("after\n");
      await expectNothingLeft(folder, [id]);
    });
  });

  test("a server killed again and again at any moment loses no byte, no end and no time of three workflows at work", async ({
    lives,
    folder,
  }) => {
    await seeded(async (chance) => {
      const first = await lives.begin();
      const watched: Watched[] = [];
      for (const name of NAMES) {
        first.define(
          `${name}.yaml`,
          `name: ${name}\nsteps:\n${stepOf(name, "  ")}  - { action: after, run: echo after }\n`,
        );
        watched.push({ id: await first.start(name), index: 0, name });
      }
      for (const { id, name } of watched)
        if (name !== "prints")
          await first.until(id, ({ steps }) => steps[0]?.message !== undefined);
      const last = await killAgainAndAgain({ folder, lives, chance }, first);
      const { life } = last;
      go(folder);
      const states: [Watched, WorkflowState][] = [];
      for (const one of watched) states.push([one, await life.ended(one.id)]);
      for (const [, state] of states)
        expect(state).toMatchObject({ status: "completed", steps: [{}, { status: "completed" }] });
      expectEnds(states, folder, last);
      await expectWhole(life, folder, watched);
      await expectNothingLeft(
        folder,
        watched.map(({ id }) => id),
      );
    });
  });
});
