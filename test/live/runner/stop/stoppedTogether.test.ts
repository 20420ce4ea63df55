/** A service manager, a terminal or the machine sends its signal to the server and to its commands together: no step has failed by that. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import type { Step, WorkflowState } from "../../../../shared/schema/workflow.js";
import { branchesOf } from "../../../../shared/state/stepPlace.js";
import { processesOf, untilNoneOf, untilSomeOf } from "../../../support/servers/processes.js";
import { type Life, livesTest as test } from "../../../support/servers/serverLives.js";

/** Ways in which a command takes a signal. Each says "begun" and then waits for it. */
const COMMANDS: Readonly<Record<string, string>> = {
  direct: `argv: [sh, -c, "echo begun; exec sleep 600"]`,
  shell: `run: "echo begun; sleep 600; echo never"`,
  trapped: `run: "trap 'exit 143' HUP INT TERM; echo begun; while :; do sleep 0.02; done"`,
  // As ssh, rsync and many a script of one's own.
  coded: `run: "trap 'exit 255' HUP INT TERM; echo begun; while :; do sleep 0.02; done"`,
  piped: `run: "echo begun; sleep 600 | cat"`,
  retried: `run: "echo begun; sleep 600"\n    retries: 5\n    backoff: 0s`,
  parallel: `parallel: [{ action: one, idempotent: true, run: sleep 600 }, { action: two, idempotent: true, run: "echo begun; sleep 600" }]`,
  asked: `ask: { prompt: Sure?, when: "echo begun; exec sleep 600" }`,
};
const NAMES = Object.keys(COMMANDS);

const recipe = (name: string) =>
  `name: ${name}\non_restart: resume\nsteps:\n  - action: work\n    ${name === "parallel" ? "" : "idempotent: true"}\n    ${COMMANDS[name]}\n  - { action: behind, run: echo never }\n`;

/** The step at work, or its branch. */
const workOf = ({ steps: [work] }: WorkflowState): Step => branchesOf(work)[1] ?? work!;

const begun = (life: Life, id: string, attempt: number) =>
  life.until(id, (state) => {
    const work = workOf(state);
    return work.message === "begun" && work.attempt === attempt;
  });

const signalAll = (ids: readonly string[], signal: NodeJS.Signals): void =>
  signalEach(ids.flatMap(processesOf), signal);

function signalEach(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It went with another one.
    }
  }
}

/** So long a command that failed is held back at least, as that may be the first sign of the server's own end. */
const TOGETHER_MS = 290;
const MOST_TRIES = 5;

const pass = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe("commands that are signalled together with the server", () => {
  test.for([
    ["at once", 0, "SIGTERM"],
    ["5 ms after the server", 5, "SIGTERM"],
    ["5 ms before it", -5, "SIGTERM"],
    ["30 ms before it", -30, "SIGTERM"],
    ["200 ms before it", -200, "SIGTERM"],
    ["at once, by Ctrl-C", 0, "SIGINT"],
    ["30 ms before it, by a terminal that closes", -30, "SIGHUP"],
  ] as const)(
    "commands that are signalled together with the server are interrupted and resumed, %s",
    async ([, after, signal], { lives }) => {
      let ids: readonly string[];
      let apartMs: number;
      // On a busy machine the second signal may come so late that nobody takes the two for one: that is another case, and this one is tried again.
      let tries = 0;
      do {
        tries += 1;
        const first = await lives.begin();
        for (const name of NAMES) first.define(`${name}.yaml`, recipe(name));
        ids = await Promise.all(NAMES.map((name) => first.start(name)));
        for (const id of ids) await begun(first, id, 1);

        const pids = ids.flatMap(processesOf);
        const commands = () => signalEach(pids, signal);
        const server = () => first.process.signal(signal);
        const [one, other] = after < 0 ? [commands, server] : [server, commands];
        const at = performance.now();
        one();
        await pass(Math.abs(after));
        other();
        apartMs = performance.now() - at;
        expect(await first.process.exitCode).toBe(0);
        for (const id of ids) await untilNoneOf(id);
      } while (after < 0 && apartMs > TOGETHER_MS && tries < MOST_TRIES);

      const second = await lives.begin();
      for (const [place, id] of ids.entries()) {
        const state = await begun(second, id, 2);
        expect([NAMES[place], workOf(state)]).toMatchObject([
          NAMES[place],
          { attempts: [{ attempt: 1, status: "interrupted" }] },
        ]);
        expect(state.steps[1]?.status).toBe("pending");
        await second.command("stop", { workflow_id: id, now: true });
        await second.ended(id);
      }
    },
  );
});

describe("a command of instep run that has the signal a moment before it", () => {
  test.for([
    ["SIGINT", 130],
    ["SIGTERM", 3],
  ] as const)(
    "a command of instep run that has the signal a moment before it is cancelled by %s",
    async ([signal, code], { instep, serve, folder }) => {
      writeFileSync(path.join(folder, "shell.yaml"), recipe("shell"));
      const { url } = await serve();
      for (const flags of [
        ["--data-dir", "own"],
        ["--server", url],
      ]) {
        let ended: number | null;
        let said: string;
        let apartMs: number;
        let tries = 0;
        do {
          tries += 1;
          const run = instep(["run", "shell.yaml", ...flags]);
          const [, id] = await run.until(/\/w\/([\w-]+)/);
          // The shell and its `sleep`.
          await untilSomeOf(id!, 2);
          const at = performance.now();
          signalAll([id!], signal);
          await pass(30);
          run.signal(signal);
          apartMs = performance.now() - at;
          ended = await run.exitCode;
          said = run.stdout();
        } while (apartMs > TOGETHER_MS && tries < MOST_TRIES);
        expect(ended).toBe(code);
        expect(said).toMatch(/Workflow cancelled/i);
      }
    },
  );
});

describe("a command that somebody else ends", () => {
  test("a command that somebody else ends has failed where the server goes on, with its end as its time", async ({
    lives,
  }) => {
    const life = await lives.begin();
    life.define("direct.yaml", recipe("direct"));
    const id = await life.start("direct");
    await begun(life, id, 1);
    const before = Date.now();
    signalAll([id], "SIGTERM");
    await untilNoneOf(id);
    const { status, steps } = await life.ended(id);
    const told = Date.now();
    expect([status, steps[0]]).toMatchObject([
      "failed",
      { error: expect.stringMatching(/^was ended by SIGTERM/) },
    ]);
    const finished = Date.parse(steps[0]!.finished_at!);
    expect(finished).toBeGreaterThanOrEqual(before);
    // It is held back for a second: the server's own end might follow.
    expect(finished).toBeLessThan(told - 900);
  });
});
