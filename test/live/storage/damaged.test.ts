/** A workflow whose record cannot be read: listed, told of, and its id not free until somebody clears it. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { fileNameOf } from "../../../server/machine/fileName.js";
import { liveTest } from "../../support/servers/liveServer.js";

const nameOf = (id: string) => `${fileNameOf(id)}.json`;

describe("a damaged workflow", () => {
  liveTest(
    "a damaged workflow is shown as damaged on every door, and its id is not free",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "w" });
      await server.saved({ workflow_id: "fine" });
      const file = join(server.dataDir, "workflows", nameOf("w"));
      await server.stop();
      const whole = await readFile(file, "utf8");
      await writeFile(file, whole.slice(0, 100));
      await server.restart();

      for (const start of ["first", "second"]) {
        const list = await server.call("GET", "/workflows");
        expect(list.body.workflows.map(({ workflow_id }) => workflow_id)).toEqual(["fine"]);
        expect(list.body.damaged, start).toMatchObject([{ workflow_id: "w", in_history: false }]);
        const read = await server.call("GET", "/workflow/state?workflow_id=w");
        expect(read.body).toMatchObject({
          active: false,
          state: null,
          damaged: { file: nameOf("w") },
        });
        expect(read.headers.get("ETag")).toBe('"damaged"');
        const tag = { headers: { "If-None-Match": '"damaged"' } };
        expect((await server.call("GET", "/workflow/state?workflow_id=w", tag)).status).toBe(304);
        expect((await server.call("GET", "/readyz")).body).toEqual({ status: "ready", damaged: 1 });

        for (const [method, path] of [
          ["POST", "/workflow/state"],
          ["PATCH", "/workflow/state?workflow_id=w"],
          ["PATCH", "/workflow/state/steps/0?workflow_id=w"],
        ] as const) {
          const body = path.includes("steps") ? { status: "completed" } : { title: "again" };
          const sent = method === "POST" ? { ...body, workflow_id: "w" } : body;
          for (const headers of [{}, { "If-Match": '"e.1"' }] as Record<string, string>[]) {
            const { status, body: answer } = await server.call(method, path, {
              body: sent,
              headers,
            });
            expect([status, answer.code], `${method} ${path}`).toEqual([409, "damaged"]);
          }
        }

        const tab = await server.openTab();
        tab.send({ type: "subscribe", workflow_id: "*" });
        const { state } = await tab.take("snapshot");
        expect(state).toMatchObject({ damaged: { [nameOf("w")]: { workflow_id: "w" } } });
        tab.send({ type: "subscribe", workflow_id: "w" });
        expect(await tab.take("closed")).toMatchObject({ workflow_id: "w", reason: "damaged" });
        if (start === "first") await server.restart();
      }
    },
  );

  liveTest(
    "a damaged workflow is cleared by its id: its file stays, and the id is free for good",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "w" });
      await server.stop();
      const folder = join(server.dataDir, "workflows");
      await writeFile(join(folder, nameOf("w")), "half a rec");
      await server.restart();
      const tab = await server.openTab();
      tab.send({ type: "subscribe", workflow_id: "*" });
      await tab.take("snapshot");

      expect((await server.call("DELETE", "/workflow/state?workflow_id=w")).status).toBe(200);
      server.clock.advance(1_000);
      expect(await tab.take("changed")).toMatchObject({
        patch: [{ op: "remove", path: `/damaged/${nameOf("w")}` }],
      });
      expect(await readdir(folder)).toEqual([`${nameOf("w")}.cleared`]);
      expect(await readFile(join(folder, `${nameOf("w")}.cleared`), "utf8")).toBe("half a rec");
      for (let start = 1; start <= 2; start++) {
        expect((await server.call("GET", "/workflows")).body.damaged).toBeUndefined();
        await server.restart();
      }
      await server.saved({ workflow_id: "w", title: "a new one" });
      expect((await server.call("GET", "/readyz")).body).toEqual({ status: "ready" });
    },
  );

  liveTest("a damaged workflow is told only to those who may see it", async ({ serve }) => {
    const tokens = [
      { token: "all-token", can: "drive" },
      { token: "bound-token", can: "drive", workflows: ["mine-*"] },
    ] as const;
    const as = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
    const server = await serve({ tokens });
    const damaged = ["mine-1", "theirs", "Mine-2"];
    for (const workflow_id of damaged) {
      await server.saved({ workflow_id }, as("all-token").headers);
    }
    await server.stop();
    for (const id of damaged) {
      await writeFile(join(server.dataDir, "workflows", nameOf(id)), "half a rec");
    }
    await server.restart();
    const idsFor = async (token: string) => {
      const { body } = await server.call("GET", "/workflows", as(token));
      return (body.damaged as { workflow_id: string }[]).map(({ workflow_id }) => workflow_id);
    };
    expect((await idsFor("all-token")).sort()).toEqual(["mine-1", fileNameOf("Mine-2"), "theirs"]);
    expect(await idsFor("bound-token")).toEqual(["mine-1"]);
    const current = await server.call("GET", "/workflow/state", as("bound-token"));
    expect(current.body).toMatchObject({ damaged: { workflow_id: "mine-1" } });
    const tab = await server.openTab(as("bound-token"));
    tab.send({ type: "subscribe", workflow_id: "*" });
    const { state } = await tab.take("snapshot");
    expect(Object.keys((state as { damaged: object }).damaged)).toEqual([nameOf("mine-1")]);
  });
});
