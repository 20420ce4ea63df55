/** Output of nodes that keep it in one folder which all of them see: read through any node, also while the one that keeps it is away. */
import { createHash } from "node:crypto";
import { describe, expect } from "vitest";
import type { ServerMessage } from "../../../shared/wire/serverMessages.js";
import { type ClusterNode, clusterTest } from "../../support/cluster/clusterTest.js";
import { LOG, STATE, STEP, TEXT } from "../../support/cluster/deploy.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";

const TIMES = `${STEP}/log/times?workflow_id=deploy`;
const PART = `${"x".repeat(99)}\n`.repeat(5_000);
const PARTS = 8;
const sha = (text: string) => createHash("sha256").update(text).digest("hex");
const SHARED = { outputDir: "shared" };

describe.skipIf(!hasEtcd)("output in a folder that all nodes share", () => {
  clusterTest(
    "The node that kept it is closed, and the other one gives all its bytes, their times and their end",
    async ({ node }) => {
      const [a, b] = [await node("a", SHARED), await node("b", SHARED)];
      await a.call("POST", "/workflow/state", { body: STATE });
      for (let round = 0; round < PARTS; round++)
        await a.call("POST", LOG, { body: Buffer.from(PART), headers: TEXT });
      const end = String(PART.length * PARTS);
      await expect
        .poll(async () => (await b.call("HEAD", LOG)).headers.get("instep-log-next"))
        .toBe(end);
      const times = (await a.call("GET", TIMES)).body;
      await a.stop();
      const read = await b.call("GET", LOG);
      expect([read.status, sha(read.text)]).toEqual([200, sha(PART.repeat(PARTS))]);
      expect(read.headers.get("instep-log-whole")).toBe("yes");
      expect((await b.call("HEAD", LOG)).headers.get("instep-log-next")).toBe(end);
      const range = await b.call("GET", LOG, { headers: { Range: "bytes=98-101" } });
      expect([range.status, range.text]).toEqual([206, "x\nxx"]);
      expect((await b.call("GET", `${LOG}&tail=100`)).text).toBe(`${"x".repeat(99)}\n`);
      expect((await b.call("GET", `${LOG}&from=98&to=100`)).text).toBe("x\n");
      expect((await b.call("GET", TIMES)).body).toEqual(times);
      const appended = await b.call("POST", LOG, { body: Buffer.from("y\n"), headers: TEXT });
      expect(appended).toMatchObject({ status: 503, body: { code: "unavailable" } });
      const following = await b.call("GET", `${LOG}&follow=1`);
      expect(following).toMatchObject({ status: 503, body: { code: "unavailable" } });
      await b.call("PATCH", `${STEP}?workflow_id=deploy`, { body: { status: "completed" } });
      const followed = await b.call("GET", `${LOG}&follow=1`);
      expect([followed.status, sha(followed.text)]).toEqual([200, sha(PART.repeat(PARTS))]);
    },
  );

  clusterTest(
    "A tab on the other node is told all that was printed, then that the node is away, and goes on where it is once the node is back",
    async ({ node }) => {
      const [a, b] = [await node("a", SHARED), await node("b", SHARED)];
      await a.call("POST", "/workflow/state", { body: STATE });
      const print = (at: ClusterNode, text: string) =>
        at.call("POST", LOG, { body: Buffer.from(text), headers: TEXT });
      await print(a, PART);
      const end = String(PART.length);
      await expect
        .poll(async () => (await b.call("HEAD", LOG)).headers.get("instep-log-next"))
        .toBe(end);
      await a.stop();
      const tab = await b.openTab();
      tab.send({ type: "follow_log", workflow_id: "deploy", step: 0 });
      let text = "";
      const until = async (isIt: (frame: ServerMessage) => boolean) => {
        for (;;) {
          const frame = await tab.next();
          if (isIt(frame)) return frame;
          if (frame.type !== "log") continue;
          expect(frame.from).toBe(text.length);
          text += frame.text;
        }
      };
      const away = await until(({ type }) => type === "log_away");
      expect(away).toMatchObject({ node: "a", attempt: 1, since: expect.any(String) });
      expect(sha(text)).toBe(sha(PART));
      const again = await node("a", SHARED);
      await until((frame) => frame.type === "log_away" && frame.since === null);
      await print(again, "more\n");
      await again.call("PATCH", `${STEP}?workflow_id=deploy`, { body: { status: "completed" } });
      const over = await until(({ type }) => type === "log_end");
      expect(over).toMatchObject({ reason: "over", next: PART.length + 5 });
      expect(sha(text)).toBe(sha(`${PART}more\n`));
      await again.stop();
      const late = await b.openTab();
      late.send({ type: "follow_log", workflow_id: "deploy", step: 0, tail: 5 });
      expect(await late.next()).toMatchObject({ type: "log", text: "more\n" });
      expect(await late.next()).toMatchObject({ type: "log_end", reason: "over" });
    },
    60_000,
  );

  clusterTest(
    "A folder that another store has written to is refused in words",
    async ({ node }) => {
      const first = await node("a", SHARED);
      await first.stop();
      const refused = node("a", { ...SHARED, dataDirName: "other" });
      await expect(refused).rejects.toThrow(/is not the output of this store .* another --node/);
      // Its own comes back.
      const again = await node("a", SHARED);
      expect((await again.call("GET", "/readyz")).status).toBe(200);
    },
  );
});
