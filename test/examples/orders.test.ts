/** The examples in every order in which people cancel, retry, resume, repeat and kill: each order ends completed, and leaves nothing behind. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { parseDefinition } from "../../server/runner/definition/file/definitionFile.js";
import type { WorkflowState } from "../../shared/schema/workflow.js";
import { until } from "../support/deadline.js";
import { cliTest, type InstepProcess } from "../support/servers/builtCommand.js";
import { type RunnerCalls, runnerAt } from "../support/servers/runnerWorld.js";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
const ENDED = ["completed", "failed", "cancelled"];

interface World extends RunnerCalls {
  /** The folder of the server as it is now; its commands find it empty at first, and it has another name in each life. */
  tmp(): string;
  /** While held, every step waits in its first `sleep`. */
  hold(): void;
  /** Resolves once one does, or this comes true. */
  waits(orElse: () => Promise<boolean>): Promise<void>;
  release(): void;
  /** kill -9, and another life. */
  kill(): Promise<void>;
  run(file: string): InstepProcess;
}

const test = cliTest.extend<{ world: World }>({
  world: async ({ instep, folder }, use) => {
    const bin = join(folder, "bin");
    const held = join(folder, "held");
    mkdirSync(bin);
    const waiting = join(folder, "waiting");
    const sleep = `#!/bin/sh\nwhile [ -e '${held}' ]; do : > '${waiting}'; /bin/sleep 0.02; done\n`;
    writeFileSync(join(bin, "sleep"), sleep, { mode: 0o755 });
    const PATH = `${bin}:${process.env.PATH}`;
    let [life, url, server] = [0, "", null as InstepProcess | null];
    const tmp = () => join(folder, `tmp-${life}`);
    const begin = async () => {
      rmSync(tmp(), { recursive: true, force: true });
      life += 1;
      mkdirSync(tmp());
      const flags = ["--port", "0", "--clear-after", "1h", "--workflows", EXAMPLES];
      server = instep(["serve", ...flags, "--data-dir", "data"], { PATH, TMPDIR: tmp() });
      url = (await server.until(/Page +(http:\S+)\//))[1]!;
    };
    const end = async () => {
      server?.signal("SIGKILL");
      await server?.exitCode;
    };
    await begin();
    await use({
      ...runnerAt(() => url, folder),
      tmp,
      hold: () => writeFileSync(held, ""),
      waits: async (orElse) => {
        rmSync(waiting, { force: true });
        await until(async () => existsSync(waiting) || orElse(), "a step sleeps");
      },
      release: () => rmSync(held, { force: true }),
      kill: async () => {
        await end();
        await begin();
      },
      run: (file) =>
        instep(["run", join(EXAMPLES, file), "--data-dir", "other"], { PATH, TMPDIR: tmp() }),
    });
    rmSync(held, { force: true });
    await end();
  },
});

/** To its end, with every question answered by yes. */
async function finished(world: World, id: string): Promise<WorkflowState> {
  for (;;) {
    const state = await world.until(id, ({ status }) => [...ENDED, "blocked"].includes(status));
    if (state.status !== "blocked") return state;
    const question = state.block_info?.id;
    await world.command("answer", { workflow_id: id, question, answer: { go: true } });
  }
}

/** In this step, held: answered where it asks first. */
async function heldIn(world: World, id: string, step: number): Promise<void> {
  for (;;) {
    await world.until(
      id,
      ({ status, steps }) => status === "blocked" || steps[step]?.status === "in_progress",
    );
    const asks = async () => (await world.stateOf(id)).status === "blocked";
    await world.waits(asks);
    if (!(await asks())) return;
    await world.command("answer", { workflow_id: id, answer: { go: true } });
  }
}

/** Starts held in `step`, which lets the steps before go by. */
async function startHeldIn(world: World, name: string, step: number): Promise<string> {
  const id = await world.start(name);
  for (let before = 0; before < step; before++) {
    await heldIn(world, id, before);
    world.release();
    await world.until(id, ({ steps, status }) => {
      return steps[before]?.status === "completed" || status === "blocked";
    });
    world.hold();
  }
  await heldIn(world, id, step);
  return id;
}

async function retried(world: World, workflow_id: string, from?: number): Promise<string> {
  const answer = await world.command("retry", { workflow_id, ...(from !== undefined && { from }) });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.body.workflow_id;
}

async function completes(world: World, id: string): Promise<string> {
  const { status, error_message } = await finished(world, id);
  expect([id, status, error_message ?? null]).toEqual([id, "completed", null]);
  return id;
}

/** In the temporary folder nothing, and of what is not finished nothing either. */
function leavesNothing(world: World, folder: string): void {
  expect(readdirSync(world.tmp())).toEqual([]);
  const kept = readdirSync(join(folder, "data", "private"), { recursive: true }).map(String);
  expect(kept.filter((name) => /(?:^|\/)(?:new|unfinished|restored|link)-/.test(name))).toEqual([]);
}

const EXAMPLES_HERE = ["backup", "deploy"].map((name) => {
  const source = readFileSync(join(EXAMPLES, `${name}.yaml`), "utf8");
  const { steps } = parseDefinition(source, name);
  // A cancel does not end what always runs.
  const ends = steps.flatMap(({ when }, index) => (when === "always" ? [] : [index]));
  return { name, ends, steps: steps.map((_, index) => index) };
});

describe.each(EXAMPLES_HERE)("the example $name", ({ name, ends, steps }) => {
  const waiting = ends.filter((step) => name !== "deploy" || step < 2);

  test(`the example ${name} is retried from every step, once it is completed, and those retries again`, async ({
    world,
    folder,
  }) => {
    const first = await completes(world, await world.start(name));
    let last = first;
    for (const step of steps) {
      await completes(world, await retried(world, first, step));
      last = await completes(world, await retried(world, last, step));
    }
    leavesNothing(world, folder);
  });

  test(`the example ${name} is cancelled in every step, retried to its end, and retried again`, async ({
    world,
    folder,
  }) => {
    for (const step of waiting) {
      world.hold();
      const id = await startHeldIn(world, name, step);
      await world.command("stop", { workflow_id: id });
      expect((await world.ended(id)).status).toBe("cancelled");
      const again = await retried(world, id);
      await heldIn(world, again, step);
      await world.command("stop", { workflow_id: again });
      await world.ended(again);
      world.release();
      const done = await completes(world, await retried(world, again));
      await completes(world, await retried(world, done, step));
    }
    leavesNothing(world, folder);
  });

  test(`the example ${name} is killed with its server in every step, goes on, and is retried`, async ({
    world,
    folder,
  }) => {
    for (const step of waiting) {
      world.hold();
      const id = await startHeldIn(world, name, step);
      await world.kill();
      world.release();
      await world.until(id, ({ status, interruption }) => {
        return status !== "interrupted" || interruption?.processes !== "ending";
      });
      await world.command("resume", { workflow_id: id });
      await completes(world, id);
      await completes(world, await retried(world, id, step));
    }
    leavesNothing(world, folder);
  });

  test(`the example ${name} runs several times at once, retries of one among them`, async ({
    world,
    folder,
  }) => {
    const first = await completes(world, await world.start(name));
    const ids = await Promise.all([
      ...[1, 2, 3].map(() => world.start(name)),
      ...[0, 1, 1].map((step) => retried(world, first, step)),
    ]);
    // Each is answered as it comes: those of one group come one after the other.
    await Promise.all(ids.map((id) => completes(world, id)));
    leavesNothing(world, folder);
  });
});

describe("the examples in a terminal", () => {
  test("the examples in a terminal are cancelled by Ctrl-C, run again, and go on in a server of the same folder", async ({
    world,
    instep,
    folder,
  }) => {
    world.hold();
    const run = world.run("backup.yaml");
    await run.until(/\[1\/5\]/);
    run.signal("SIGINT");
    expect(await run.exitCode).toBe(130);
    world.release();
    expect(await world.run("backup.yaml").exitCode).toBe(0);

    const flags = ["--port", "0", "--data-dir", "other", "--workflows", EXAMPLES];
    const server = instep(["serve", ...flags]);
    const [, url] = await server.until(/Page +(http:\S+)\//);
    const there = { ...world, ...runnerAt(() => url!, folder) };
    const { workflows } = (await (await fetch(`${url}/workflows`)).json()) as {
      workflows: { workflow_id: string; status: string }[];
    };
    expect(workflows.map(({ status }) => status).sort()).toEqual(["cancelled", "completed"]);
    for (const { workflow_id } of workflows) {
      await completes(there, await retried(there, workflow_id, 2));
    }
    expect(readdirSync(world.tmp())).toEqual([]);
  });
});

describe("the example deploy", () => {
  test("the example deploy takes a broken release back, and an older one retried is live again", async ({
    world,
    folder,
  }) => {
    const live = () => readFileSync(join(folder, "data/private/deploy/current/index.html"), "utf8");
    const one = await completes(world, await world.start("deploy", { inputs: { words: "One" } }));
    await completes(world, await world.start("deploy", { inputs: { words: "Two" } }));
    expect(live()).toBe("<h1>Two</h1>\n");
    const broken = await world.start("deploy", { inputs: { words: "Three", broken: true } });
    const { status, steps } = await finished(world, broken);
    expect(status).toBe("failed");
    expect(steps[1]!.error).toMatch(/^\w+\.html is empty: taken back to releases\//);
    expect(live()).toBe("<h1>Two</h1>\n");

    await completes(world, await retried(world, one, 1));
    expect(live()).toBe("<h1>One</h1>\n");
  });
});
