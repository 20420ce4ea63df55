/** A data folder that is taken away from a running server: it says so on every door, and touches nothing that is no longer its own. */
import { mkdir, readdir, readFile, rename, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { lockIn } from "../../support/disks/plantedLock.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const NO_RETRIES = { limits: { heartbeatMs: 1e9 } };

const LOG = "/workflow/state/steps/0/log";
const text = { "Content-Type": "text/plain" };
const start = { workflow_id: "w", n: 0, steps: [{ action: "a" }, { action: "b" }] };

/** Every file below a folder, with what is in it; sockets and the lock left out. */
async function contents(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && path !== lockIn(folder)) files[path] = await readFile(path, "utf8");
  }
  return files;
}

async function refusedOnEveryDoor(server: LiveServer, reason: string): Promise<void> {
  const tab = await server.openTab();
  const refusals = [
    await server.call("POST", "/workflow/state", { body: { ...start, n: 2 } }),
    await server.call("POST", "/workflow/state", { body: { workflow_id: "another" } }),
    await server.call("PATCH", "/workflow/state?workflow_id=w", { body: { n: 3 } }),
    await server.call("DELETE", "/workflow/state?workflow_id=w"),
    await server.call("POST", `${LOG}?workflow_id=w`, { body: "lost\n", headers: text }),
    await server.call("POST", "/workflow/state/steps/1/log?workflow_id=w", {
      body: "lost\n",
      headers: text,
    }),
    await server.call("POST", "/workflow/start", { body: { name: "backup", workflow_id: "run" } }),
  ];
  for (const { status, body } of refusals) {
    expect([status, body.code]).toEqual([503, "not_saved"]);
    expect(body.detail).not.toContain(server.dataDir);
  }
  expect(await tab.take("storage")).toMatchObject({ status: "failing", reason });
  tab.send({
    type: "propose",
    request_id: "r",
    command: { kind: "save", state: { ...start, n: 4 } },
  });
  expect(await tab.take("refused")).toMatchObject({ code: "not_saved" });
  const ready = await server.call("GET", "/readyz");
  expect([ready.status, ready.body]).toEqual([503, { status: "failing", reason }]);
  // The saved state is still told.
  expect((await server.get("/workflow/state?workflow_id=w")).body.state.n).toBe(0);
}

describe("a running server whose data folder", () => {
  const runners = { workflowsDir: join(import.meta.dirname, "../../../examples") };

  liveTest(
    "a running server whose data folder was removed and belongs to another one leaves that one alone",
    async ({ serve }) => {
      const first = await serve({ ...NO_RETRIES, ...runners });
      await first.saved(start);
      await first.call("POST", `${LOG}?workflow_id=w`, { body: "kept\n", headers: text });
      await rm(first.dataDir, { recursive: true });
      const second = await serve({ dataDir: first.dataDir });
      await second.saved({ ...start, n: 100 });
      await second.call("POST", `${LOG}?workflow_id=w`, { body: "ours\n", headers: text });
      const before = await contents(second.dataDir);

      await refusedOnEveryDoor(first, "gone");
      expect(await contents(second.dataDir)).toEqual(before);
      await first.stop();
      expect(await contents(second.dataDir)).toEqual(before);
      await second.saved({ ...start, n: 101 });
      await second.restart();
      expect((await second.get()).body.state.n).toBe(101);
      expect((await second.get(LOG)).text).toBe("ours\n");
    },
  );

  liveTest(
    "a running server whose data folder was moved away goes on when it is back, and not before",
    async ({ serve }) => {
      const server = await serve({ ...NO_RETRIES, ...runners });
      await server.saved(start);
      await rename(server.dataDir, `${server.dataDir}.away`);
      await refusedOnEveryDoor(server, "gone");
      await expect(readdir(server.dataDir)).rejects.toMatchObject({ code: "ENOENT" });

      await mkdir(server.dataDir, { mode: 0o700 });
      await refusedOnEveryDoor(server, "gone");
      expect(await readdir(server.dataDir)).toEqual([]);

      await rm(server.dataDir, { recursive: true });
      await rename(`${server.dataDir}.away`, server.dataDir);
      await until(async () => {
        server.clock.advance(1_000);
        return (await server.call("GET", "/readyz")).status === 200;
      }, "the server to find its folder again");
      await server.saved({ ...start, n: 5 });
      await server.restart();
      expect((await server.get()).body.state.n).toBe(5);
    },
  );

  liveTest(
    "a running server whose data folder has lost its lock changes nothing any more, and lets nobody in",
    async ({ serve }) => {
      const first = await serve({ ...NO_RETRIES, ...runners });
      await first.saved(start);
      const before = await contents(first.dataDir);
      await unlink(lockIn(first.dataDir));
      await refusedOnEveryDoor(first, "taken_over");
      expect(await contents(first.dataDir)).toEqual(before);
      await expect(serve({ dataDir: first.dataDir })).rejects.toThrow("still runs");

      await first.stop();
      const second = await serve({ dataDir: first.dataDir });
      expect((await second.get()).body.state.n).toBe(0);
    },
  );

  liveTest(
    "a running server whose data folder was taken from it is heard of in the tabs before anybody saves",
    async ({ serve }) => {
      const server = await serve(NO_RETRIES);
      await server.saved(start);
      const tab = await server.openTab();
      await unlink(lockIn(server.dataDir));
      server.clock.advance(2_000);
      expect(await tab.take("storage")).toMatchObject({ reason: "taken_over" });
    },
  );
});
