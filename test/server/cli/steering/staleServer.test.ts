/** The commands on a server of a cluster: which one runs a workflow, and as of when it is what they show while that server cannot follow its store. */
import { describe, expect } from "vitest";
import type { AssembleOptions } from "../../../../server/assemble.js";
import { createInstep } from "../../../../server/server.js";
import { FakeStanding } from "../../../support/cluster/fakeStanding.js";
import { commandTest } from "../../../support/servers/commandHere.js";

interface World {
  readonly standing: FakeStanding;
  readonly url: string;
  /** A state as the server saves it. */
  save(state: object): Promise<void>;
  /** A command for this server, run to its end. */
  run(...args: string[]): Promise<{ code: number | null; out: string; err: string }>;
}

const test = commandTest.extend<{ world: World }>({
  world: async ({ instep, folder }, use) => {
    const standing = new FakeStanding("gpu-1");
    const more: Partial<AssembleOptions> = { standing };
    const server = await createInstep({ dataDir: `${folder}/data`, ...more });
    const { url } = await server.listen({ port: 0 });
    await use({
      standing,
      url,
      async save(state) {
        const answer = await fetch(`${url}/workflow/state`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(state),
        });
        expect(answer.status).toBe(200);
      },
      async run(...args) {
        const call = instep(args, { INSTEP_URL: url });
        return { code: await call.exitCode, out: call.stdout(), err: call.stderr() };
      },
    });
    await server.close({ drainMs: 1_000 });
  },
});

const SINCE = new Date(2026, 0, 1, 9, 41, 7);
const AS_OF = "As of 2026-01-01 09:41:07: the server cannot follow its store.";
const STEPS = [{ action: "build", status: "completed" }];
const ENDED = { workflow_id: "w", title: "W", status: "completed", node: "gpu-2", steps: STEPS };

describe("a server that cannot follow its store", () => {
  test("list says as of when it is beside the table, and for programs in each line", async ({
    world,
  }) => {
    await world.save(ENDED);
    expect((await world.run("list")).err).toBe("");
    expect((await world.run("list", "--json")).out).not.toContain("stale_since");
    world.standing.becomes(SINCE.toISOString());
    expect((await world.run("list")).err).toBe(`${AS_OF}\n`);
    const { out, err } = await world.run("list", "--json");
    expect(JSON.parse(out)).toMatchObject({ workflow_id: "w", stale_since: SINCE.toISOString() });
    expect(JSON.parse(err)).toEqual({
      note: { message: AS_OF, stale_since: SINCE.toISOString() },
    });
    expect((await world.run()).out).toContain(AS_OF);
  });

  test("watch says it before it shows the workflow, and that the server follows again", async ({
    world,
    instep,
  }) => {
    await world.save({ ...ENDED, status: "running" });
    world.standing.becomes(SINCE.toISOString());
    const told = instep(["watch", "w"], { INSTEP_URL: world.url });
    const programs = instep(["watch", "w", "--json"], { INSTEP_URL: world.url });
    await Promise.all([told.until(/\(w\).*\n/), programs.until(/"workflow_id"/)]);
    expect(told.stdout()).toMatch(/^As of 2026-01-01 09:41:07: .*\nW \(w\) on gpu-2\n/);
    world.standing.becomes(null);
    await told.until(/follows its store again/);
    await world.save({ ...ENDED, node: "gpu-3" });
    expect(await Promise.all([told.exitCode, programs.exitCode])).toEqual([0, 0]);
    expect(told.stdout()).toContain("Workflow now on gpu-3\n");
    const events = programs.stdout().trimEnd().split("\n");
    expect(events.map((line) => JSON.parse(line))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: "note", stale_since: SINCE.toISOString() }),
        expect.objectContaining({ type: "workflow", node: "gpu-2" }),
        expect.objectContaining({ type: "note", stale_since: null }),
        { type: "node", workflow_id: "w", node: "gpu-3" },
      ]),
    );
  });

  test("a workflow that is not known may be there by now, and the commands say so", async ({
    world,
  }) => {
    world.standing.becomes(SINCE.toISOString());
    for (const verb of ["watch", "logs", "open"]) {
      const { code, err } = await world.run(verb, "none");
      expect(code).toBe(1);
      expect(err).toContain("knows no workflow none, but it cannot follow its store");
    }
  });

  test("logs says it beside the output", async ({ world }) => {
    await world.save(ENDED);
    world.standing.becomes(SINCE.toISOString());
    expect((await world.run("logs", "w")).err).toContain(AS_OF);
  });
});

describe("the servers of a cluster", () => {
  test("list names the server that runs a workflow only where there is a cluster", async ({
    world,
    serve,
    instep,
  }) => {
    await world.save(ENDED);
    expect((await world.run("list")).out).toMatch(/NODE +TITLE\n.* gpu-2 +W\n/);
    const alone = await serve();
    await fetch(`${alone.url}/workflow/state`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(ENDED),
    });
    const list = instep(["list", "--server", alone.url]);
    expect(await list.exitCode).toBe(0);
    expect(list.stdout()).not.toMatch(/NODE|gpu-2/);
    const watch = instep(["watch", "w", "--server", alone.url]);
    expect(await watch.exitCode).toBe(0);
    expect(watch.stdout()).not.toContain("gpu-2");
  });
});
