/** Output of a step, asked of a node that does not keep it: as if it were there, and with a plain word where its node is away. */
import { createHash } from "node:crypto";
import { describe, expect } from "vitest";
import { clusterTest } from "../../support/cluster/clusterTest.js";
import { LOG, STATE, TEXT } from "../../support/cluster/deploy.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";

const sha = (text: string) => createHash("sha256").update(text).digest("hex");

describe.skipIf(!hasEtcd)("output that another node keeps", () => {
  clusterTest(
    "Any node reads it as the one that keeps it, and takes more of it",
    async ({ node }) => {
      const [a, b] = [await node("a"), await node("b")];
      await a.call("POST", "/workflow/state", { body: STATE });
      await expect.poll(async () => (await b.call("GET", LOG)).status).toBe(200);
      const more = { body: Buffer.from("one\n"), headers: TEXT };
      expect((await a.call("POST", LOG, more)).body).toMatchObject({ from: 0, next: 4 });
      const through = await b.call("POST", `${LOG}&at=4`, { ...more, body: Buffer.from("two\n") });
      expect(through.body).toMatchObject({ success: true, attempt: 1, from: 4, next: 8 });
      const moved = await b.call("POST", `${LOG}&at=4`, more);
      expect(moved).toMatchObject({ status: 409, body: { code: "offset_moved", next: 8 } });
      for (const query of ["", "&tail=4", "&from=4", "&from=2&to=6", "&timestamps=1"]) {
        const [here, there] = [await a.call("GET", LOG + query), await b.call("GET", LOG + query)];
        expect([there.status, there.text]).toEqual([here.status, here.text]);
        for (const name of ["instep-log-next", "instep-log-from", "instep-log-attempt"])
          expect(there.headers.get(name)).toBe(here.headers.get(name));
      }
      const part = await b.call("GET", LOG, { headers: { Range: "bytes=4-6" } });
      expect([part.status, part.text]).toEqual([206, "two"]);
      expect((await b.call("GET", LOG, { headers: { Range: "bytes=90-" } })).status).toBe(416);
      expect((await b.call("HEAD", LOG)).headers.get("instep-log-next")).toBe("8");
      const times = await b.call("GET", "/workflow/state/steps/0/log/times?workflow_id=deploy");
      expect(times.body).toMatchObject({ success: true, from: 0, next: 8 });
      // A report through the other node says how much the step printed.
      const done = { body: { status: "completed" } };
      await b.call("PATCH", "/workflow/state/steps/0?workflow_id=deploy", done);
      const { body } = await b.call("GET", "/workflow/state?workflow_id=deploy");
      expect(body.state.steps[0]).toMatchObject({ status: "completed", log_bytes: 8, node: "a" });
    },
  );

  clusterTest("20 MB come whole through the other node, read and followed", async ({ node }) => {
    const [a, b] = [await node("a"), await node("b")];
    await a.call("POST", "/workflow/state", { body: STATE });
    await expect.poll(async () => (await b.call("GET", LOG)).status).toBe(200);
    const followed = b.call("GET", `${LOG}&follow=1`);
    const part = `${"x".repeat(99)}\n`.repeat(5_000);
    for (let round = 0; round < 40; round++)
      await (round % 2 ? a : b).call("POST", LOG, { body: Buffer.from(part), headers: TEXT });
    await b.call("PATCH", "/workflow/state/steps/0?workflow_id=deploy", {
      body: { status: "completed" },
    });
    const whole = sha(part.repeat(40));
    expect(sha((await b.call("GET", LOG)).text)).toBe(whole);
    expect(sha((await followed).text)).toBe(whole);
    const tab = await b.openTab();
    tab.send({ type: "follow_log", workflow_id: "deploy", step: 0 });
    let text = "";
    for (let frame = await tab.next(); frame.type !== "log_end"; frame = await tab.next())
      if (frame.type === "log") text += frame.text;
    expect(sha(text)).toBe(whole);
  });

  clusterTest("Where its node is away, every answer says so and since when", async ({ node }) => {
    const [a, b] = [await node("a"), await node("b")];
    await a.call("POST", "/workflow/state", { body: STATE });
    await a.call("POST", LOG, { body: Buffer.from("one\n"), headers: TEXT });
    await expect.poll(async () => (await b.call("GET", LOG)).text).toBe("one\n");
    const tab = await b.openTab();
    tab.send({ type: "follow_log", workflow_id: "deploy", step: 0 });
    expect(await tab.next()).toMatchObject({ type: "log", text: "one\n" });
    await a.stop();
    expect(await tab.next()).toMatchObject({ type: "log_away", node: "a", attempt: 1 });
    const read = await b.call("GET", LOG);
    expect(read).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect(read.body.message).toMatch(/^output is on node a, away since 20/);
    const appended = await b.call("POST", LOG, { body: Buffer.from("two\n"), headers: TEXT });
    expect(appended.body.message).toMatch(
      /^the output of this attempt is kept on node a, which is away since 20/,
    );
    const done = { body: { status: "completed" } };
    const report = await b.call("PATCH", "/workflow/state/steps/0?workflow_id=deploy", done);
    expect(report.status).toBe(200);
  });
});
