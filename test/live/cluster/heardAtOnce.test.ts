/** What one server of a cluster has said is there, the others know when they are asked for it: nobody hears that there is no such workflow. */
import { describe, expect } from "vitest";
import { clusterTest } from "../../support/cluster/clusterTest.js";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";

const TIMES = 25;

describe.skipIf(!hasEtcd)("a workflow that was made through another server", () => {
  clusterTest(
    "a workflow that one server has acknowledged can be followed, read and changed through another at once",
    async ({ node }) => {
      const [a, b] = [await node("a"), await node("b")];
      const tab = await b.openTab();
      for (let n = 0; n < TIMES; n++) {
        const make = async (what: string) => {
          const workflow_id = `${what}-${n}`;
          const body = { workflow_id, steps: [{ action: "go" }] };
          await a.call("POST", "/workflow/state", { body });
          return workflow_id;
        };
        const follow = await make("follow");
        tab.subscribe(follow);
        expect(await tab.take("snapshot")).toMatchObject({ workflow_id: follow });
        const read = await make("read");
        expect(
          (await b.call("GET", `/workflow/state?workflow_id=${read}`)).body.state,
        ).toMatchObject({ workflow_id: read });
        const change = await make("change");
        expect(
          await tab.ask({ kind: "step", workflow_id: change, index: 0, update: { message: "on" } }),
        ).toMatchObject({ type: "accepted", workflow_id: change });
        const log = await make("log");
        expect((await b.call("GET", `/workflow/state/steps/0/log?workflow_id=${log}`)).status).toBe(
          200,
        );
        const events = await make("events");
        const stream = `/workflow/live?workflow_id=${events}`;
        const { body } = await fetch(`http://127.0.0.1:${b.port}${stream}`, {
          headers: { Accept: "text/event-stream" },
        });
        const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
        let told = "";
        while (!told.includes("event: snapshot") && !told.includes("event: closed"))
          told += (await reader.read()).value ?? "";
        expect(told).not.toContain("event: closed");
        await reader.cancel();
        const clear = await make("clear");
        const cleared = `/workflow/state?workflow_id=${clear}`;
        await b.call("DELETE", cleared);
        await until(async () => !(await a.call("GET", cleared)).body.state, "it to be cleared");
      }
      tab.subscribe("nobody-made-it");
      expect(await tab.take("closed")).toMatchObject({ reason: "unknown" });
    },
  );
});
