/** A server that is stopped and started again in the middle of a step, as for an upgrade: the command knows nothing of it, and tabs see how it goes on. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { createClient, type View } from "../../../../client/index.js";
import type { WorkflowState } from "../../../../shared/schema/workflow.js";
import { processOf } from "../../../../shared/state/stepProcess.js";
import { until } from "../../../support/deadline.js";
import { endsKept, untilOneMoreEnds } from "../../../support/servers/keptEnds.js";
import { processesOf, untilNoneOf } from "../../../support/servers/processes.js";
import { type Life, livesTest as test } from "../../../support/servers/serverLives.js";

/** Prints a number for each file that somebody makes, until there is a file "go". */
const COUNTS = `echo "$$ begins" >> began; n=0
      while ! test -e go; do
        if test -e "tick-$n"; then echo "tick $n"; n=$((n + 1)); fi
        sleep 0.02
      done
      echo "goes"`;

const recipe = (more = "") => `name: flow
steps:
  - { action: before, run: echo before }
  - action: counts
    ${more}
    run: |
      ${COUNTS}
  - { action: behind, run: echo behind }
`;

const printed = (life: Life, id: string, line: string) =>
  until(async () => (await life.outputOf(id, 1)).includes(`${line}\n`), `"${line}" is in the log`);

async function stopped({ process }: Life, signal: NodeJS.Signals): Promise<readonly string[]> {
  process.signal(signal);
  expect(await process.exitCode).toBe(0);
  return process
    .stderr()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).msg);
}

const keepersIn = (folder: string): readonly string[] =>
  readdirSync(path.join(folder, ".instep", "keepers"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

describe("an upgrade in the middle of a step", () => {
  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    test(`a server stopped by ${signal} and started again goes on with the same process, in the same attempt, and adds nothing to it`, async ({
      lives,
      folder,
    }) => {
      const here = (name: string) => path.join(folder, "workflows", name);
      const first = await lives.begin();
      first.define("flow.yaml", recipe());
      const id = await first.start("flow");
      writeFileSync(here("tick-0"), "");
      await printed(first, id, "tick 0");
      const before = await first.until(id, ({ steps }) => processOf(steps[1]?.data) !== null);
      const pid = processOf(before.steps[1]?.data)?.pid;
      const said = await stopped(first, signal);
      expect(said).toEqual([
        "started",
        "stopping",
        "left 1 command at work for the next server",
        "stopped",
      ]);
      expect(processesOf(id)).toContain(pid);
      writeFileSync(here("tick-1"), "");

      const second = await lives.begin();
      const after = await second.stateOf(id);
      expect(after).toMatchObject({ status: "running", current_step: 1 });
      expect(after.steps[1]).toMatchObject({
        status: "in_progress",
        attempt: 1,
        started_at: before.steps[1]?.started_at,
      });
      expect(after.steps[1]?.attempts ?? []).toEqual([]);
      expect(processOf(after.steps[1]?.data)).toMatchObject({ pid });
      writeFileSync(here("tick-2"), "");
      await printed(second, id, "tick 2");
      writeFileSync(here("go"), "");
      const { status, steps } = await second.ended(id);
      expect(status).toBe("completed");
      expect(processOf(steps[1]?.data)).toMatchObject({
        pid,
        taken_up: [{ gone: "server" }],
        unwatched_ms: expect.any(Number),
      });
      expect(steps[1]?.notes).toEqual([
        expect.stringMatching(
          /^The server was away from \d\d:\d\d:\d\d to \d\d:\d\d:\d\d; the command kept running\.$/,
        ),
      ]);
      expect((await second.outputOf(id, 1)).replace(/^instep: The server was away.*\n/m, "")).toBe(
        "tick 0\ntick 1\ntick 2\ngoes\n",
      );
      expect(readFileSync(here("began"), "utf8")).toBe(`${pid} begins\n`);
      await untilNoneOf(id);
      await until(() => keepersIn(folder).length === 0, "nothing of the keeper is left");
    });
  }

  test("a tab sees the link go and come back, and the step at work all the time", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    first.define("flow.yaml", recipe());
    const id = await first.start("flow");
    await first.until(id, ({ steps }) => steps[1]?.status === "in_progress");
    const client = createClient({ url: first.url });
    const seen: View[] = [];
    client.watch(id, (view) => seen.push(view));
    await until(() => seen.at(-1)?.phase === "live", "the tab is live");
    const from = seen.length;
    await stopped(first, "SIGTERM");
    await until(() => seen.at(-1)?.phase !== "live", "the tab knows that the link is gone");

    const { port } = new URL(first.url);
    const second = await lives.begin("--port", port);
    await until(() => seen.at(-1)?.phase === "live", "the tab is live again");
    writeFileSync(path.join(folder, "workflows", "go"), "");
    await second.ended(id);
    await until(() => seen.at(-1)?.state?.status === "completed", "the tab sees the end");
    client.close();

    const views = seen.slice(from);
    const phases = views.map(({ phase }) => phase);
    expect(phases.filter((phase, at) => phase !== phases[at - 1])).toEqual(["stale", "live"]);
    const statuses = (state: WorkflowState | null | undefined) => [
      state?.status,
      state?.steps[1]?.status,
      state?.steps[1]?.attempt,
    ];
    const known = ["running in_progress 1", "running completed 1", "completed completed 1"];
    const shown = views.map(({ state }) => statuses(state).join(" "));
    expect(shown.filter((one) => !known.includes(one))).toEqual([]);
  });

  test("a command that ends while no server is there ends the step with its code, at its time, and the workflow goes on", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    first.define("flow.yaml", recipe());
    const id = await first.start("flow");
    await first.until(id, ({ steps }) => processOf(steps[1]?.data) !== null);
    await stopped(first, "SIGTERM");
    const data = path.join(folder, ".instep");
    const ends = endsKept(data);
    const before = Date.now();
    writeFileSync(path.join(folder, "workflows", "go"), "");
    await untilNoneOf(id);
    await untilOneMoreEnds(data, ends);
    const after = Date.now();

    const second = await lives.begin();
    const { status, steps } = await second.ended(id);
    expect([status, steps[1]?.attempt, steps[2]?.status]).toEqual(["completed", 1, "completed"]);
    const finished = Date.parse(steps[1]!.finished_at!);
    expect(finished).toBeGreaterThanOrEqual(before - 50);
    expect(finished).toBeLessThanOrEqual(after + 50);
  });

  test("a cancel ends a command that was taken up, with all it started", async ({ lives }) => {
    const first = await lives.begin();
    first.define("flow.yaml", recipe());
    const id = await first.start("flow");
    await first.until(id, ({ steps }) => processOf(steps[1]?.data) !== null);
    await stopped(first, "SIGTERM");
    const second = await lives.begin();
    await second.command("stop", { workflow_id: id });
    expect((await second.ended(id)).status).toBe("cancelled");
    expect(processesOf(id)).toEqual([]);
  });
});

describe("commands that end with the server", () => {
  const ends = async (life: Life, id: string, signal: NodeJS.Signals) => {
    await life.until(id, ({ steps }) => steps[1]?.status === "in_progress");
    const said = await stopped(life, signal);
    expect(said).toEqual(["started", "stopping", "stopped"]);
    expect(processesOf(id)).toEqual([]);
  };

  test.for([
    ["survives: false", "SIGTERM", []],
    ["tty: true", "SIGTERM", []],
    ["", "SIGINT", []],
    ["", "SIGTERM", ["--on-stop", "end"]],
  ] as const)(
    'a command with "%s" is ended by %s with the flags %j, and its workflow is interrupted',
    async ([more, signal, flags], { lives }) => {
      const first = await lives.begin(...flags);
      first.define("flow.yaml", recipe(more));
      const id = await first.start("flow");
      await ends(first, id, signal);
      const second = await lives.begin();
      const state = await second.stateOf(id);
      expect(state.interruption).toMatchObject({ reason: "server_restart", step: 1 });
    },
  );

  test("Ctrl-C without a terminal leaves the commands at work where --on-stop keep says so", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin("--on-stop", "keep");
    first.define("flow.yaml", recipe());
    const id = await first.start("flow");
    await first.until(id, ({ steps }) => processOf(steps[1]?.data) !== null);
    expect(await stopped(first, "SIGINT")).toContain("left 1 command at work for the next server");
    writeFileSync(path.join(folder, "workflows", "go"), "");
    const second = await lives.begin();
    expect((await second.ended(id)).status).toBe("completed");
    expect(existsSync(path.join(folder, ".instep", "keepers"))).toBe(true);
  });
});
