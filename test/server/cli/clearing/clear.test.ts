import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { fileNameOf } from "../../../../server/machine/fileName.js";
import { commandLine } from "../../../support/servers/commandLine.js";
import { type LiveServer, liveTest } from "../../../support/servers/liveServer.js";
import { runnerTest } from "../../../support/servers/runnerWorld.js";

const ended = async (server: LiveServer, workflow_id: string, status = "failed") => {
  await server.saved({ workflow_id, title: `The ${workflow_id}`, steps: [{ action: "one" }] });
  await server.saved({ workflow_id, status, steps: [{ action: "one" }] });
};
const idsAt = async (server: LiveServer): Promise<string[]> => {
  const { body } = await server.get("/workflows");
  return body.workflows.map(({ workflow_id }: { workflow_id: string }) => workflow_id);
};
const clear = (server: LiveServer, args: readonly string[], typed?: readonly string[]) =>
  commandLine(["clear", ...args], { env: { INSTEP_URL: server.url }, ...(typed && { typed }) });

describe("instep clear", () => {
  liveTest("instep clear asks a person first, and takes only a yes for one", async ({ serve }) => {
    const server = await serve();
    await ended(server, "old");
    for (const typed of [["n"], [""], ["yess"], []]) {
      const { code, stdout, stderr } = await clear(server, ["old"], typed);
      expect([code, stdout]).toEqual([3, ""]);
      expect(stderr).toMatch(
        /^Clear old \(failed .*\) for good, .*\[y\/N\] Nothing was cleared\.\n$/,
      );
    }
    expect(await idsAt(server)).toEqual(["old"]);
    const { code, stdout } = await clear(server, ["old"], ["Yes"]);
    expect([code, stdout]).toEqual([0, "Cleared old.\n"]);
    expect(await idsAt(server)).toEqual([]);
  });

  liveTest("instep clear of a program wants to be told so", async ({ serve }) => {
    const server = await serve();
    await ended(server, "old");
    await ended(server, "older", "completed");
    const unasked = await clear(server, ["old"]);
    expect([unasked.code, unasked.stdout]).toEqual([4, ""]);
    expect(unasked.stderr).toMatch(/^instep: Nobody is here to be asked: --yes clears old/);
    expect(await idsAt(server)).toHaveLength(2);
    const page = `${server.url}/w/older`;
    const { code, stdout } = await clear(server, ["old", "old", page, "--yes", "--json"]);
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { workflow_id: "old", cleared: true, why: null },
      { workflow_id: "older", cleared: true, why: null },
    ]);
  });

  liveTest("clears none of several where one cannot be", async ({ serve }) => {
    const server = await serve();
    await ended(server, "old");
    await server.saved({ workflow_id: "at-work", steps: [{ action: "one" }] });
    const { code, stdout, stderr } = await clear(server, ["old", "at-work", "nobody", "-y"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(
      `at-work has not ended: it is running. Cancel it first: instep cancel ${server.url}/w/at-work`,
    );
    expect(stderr).toContain("There is no workflow nobody.");
    expect(stderr).toContain("Nothing was cleared.");
    expect(await idsAt(server)).toHaveLength(2);

    const current = await clear(server, ["current", "-y"]);
    expect([current.code, current.stderr]).toEqual([
      1,
      expect.stringContaining("at-work has not ended"),
    ]);
    const forced = await clear(server, ["current", "--yes", "--force"]);
    expect([forced.code, forced.stdout]).toEqual([0, "Cleared at-work.\n"]);
  });

  liveTest(
    "instep clear takes all that has ended, or what ended long ago, from the history too",
    async ({ serve }) => {
      const server = await serve({ clearAfterMs: 1_000 });
      await ended(server, "long-ago");
      server.clock.advance(3 * 24 * 3_600_000);
      await ended(server, "just-now", "completed");
      await server.saved({ workflow_id: "at-work", steps: [{ action: "one" }] });
      const env = { INSTEP_URL: server.url };

      const call = (...args: string[]) => clear(server, args);
      const dry = await call("--ended", "--dry-run");
      expect([dry.code, dry.stdout.split("\n").length]).toEqual([0, 3]);
      expect(dry.stdout).toContain("Would clear just-now (completed");
      expect(await idsAt(server)).toHaveLength(3);

      const asked = await commandLine(["clear", "--ended"], { env, typed: ["no"] });
      expect(asked.stderr).toMatch(/ {2}just-now .*\n {2}long-ago .*\nClear 2 workflows for good/);
      expect((await call("--ended", "--yes")).stdout).toBe(
        "Cleared just-now.\nCleared long-ago.\n",
      );
      expect(await idsAt(server)).toEqual(["at-work"]);
      expect(await call("--ended", "--yes")).toEqual({
        code: 0,
        stdout: "Nothing to clear.\n",
        stderr: "",
      });
    },
  );

  liveTest("instep clear goes by the age that is given", async ({ serve }) => {
    const server = await serve();
    await server.saved({ workflow_id: "old", steps: [{ action: "one" }] });
    const hour = 3_600_000;
    const end_time = new Date(Date.now() - 50 * hour).toISOString();
    await server.saved({
      workflow_id: "old",
      status: "failed",
      end_time,
      steps: [{ action: "one" }],
    });
    const older = async (time: string) =>
      (await clear(server, ["--older-than", time, "-n"])).stdout;
    expect(await older("49h")).toContain("Would clear old (failed 2d 02h ago)");
    expect(await older("2d")).toContain("old");
    expect(await older("51h")).toBe("Nothing to clear.\n");
    for (const wrong of ["soon", "7", "-1d", "1e9d"]) {
      const { code, stderr } = await clear(server, ["--older-than", wrong]);
      expect([code, stderr]).toEqual([2, expect.stringContaining("--older-than: ")]);
    }
  });

  liveTest(
    "instep clear leaves alone what came to have the id while somebody thought",
    async ({ serve }) => {
      const server = await serve({ clearAfterMs: 1_000 });
      const running = { workflow_id: "nightly", steps: [{ action: "one" }] };
      for (const args of [["nightly"], ["--ended"]]) {
        await ended(server, "nightly");
        const beginAgain = async () => {
          server.clock.advance(2_000);
          await server.saved(running);
          return "y";
        };
        const { code, stderr } = await commandLine(["clear", ...args], {
          env: { INSTEP_URL: server.url },
          typed: [beginAgain],
        });
        const said = "Not cleared: nightly: it has changed meanwhile.";
        expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
        expect((await server.get()).body.state).toMatchObject({ ...running, status: "running" });

        // Its predecessor in the history goes by the same id.
        expect((await clear(server, ["--ended", "-y"])).stdout).toBe("Nothing to clear.\n");
      }
    },
  );

  liveTest("wants to know which", async ({ serve }) => {
    const server = await serve();
    const none = await clear(server, []);
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining("Nothing is named to be cleared: give ids"),
    ]);
    const both = await clear(server, ["one", "--ended"]);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("either")]);
    const several = await clear(server, ["one", "http://127.0.0.1:9/w/two"]);
    expect([several.code, several.stderr]).toEqual([2, expect.stringContaining("several servers")]);
  });

  liveTest("puts a record away that cannot be read", async ({ serve }) => {
    const server = await serve();
    await ended(server, "torn");
    await server.stop();
    writeFileSync(join(server.dataDir, "workflows", `${fileNameOf("torn")}.json`), "{");
    await server.restart();
    const { code, stdout } = await clear(server, ["torn", "--yes"]);
    expect([code, stdout]).toEqual([0, "Cleared torn.\n"]);
    const left = readdirSync(join(server.dataDir, "workflows"));
    expect(left.filter((name) => name.endsWith(".json"))).toEqual([]);
  });

  runnerTest("instep clear ends nothing that the server runs", async ({ runnerWorld }) => {
    const { server, define, start, until, command, ended: end } = await runnerWorld();
    define("long.yaml", "name: long\nsteps: [{ action: wait, run: echo here; sleep 1000 }]");
    const id = await start("long");
    await until(id, ({ steps }) => steps[0]?.message === "here");
    const { code, stderr } = await clear(server, [id, "--force", "--yes"]);
    const why = `it is running in the server. Cancel it first: instep cancel ${server.url}/w/${id}`;
    expect([code, stderr]).toEqual([1, `Not cleared: ${id}: ${why}.\n`]);
    const json = await clear(server, [id, "--force", "--yes", "--json"]);
    expect(JSON.parse(json.stdout)).toEqual({ workflow_id: id, cleared: false, why });
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: { code: "failed", message: `Not cleared: ${id}.` },
    });
    await command("stop", { workflow_id: id, now: true });
    expect((await end(id)).status).toBe("cancelled");
  });
});
