/** Links that show one workflow, in a cluster: each counts on every server at once, whichever made it, and is gone on all when it is taken back. */
import { describe, expect } from "vitest";
import type { ShareMadeAnswer } from "../../../shared/wire/rest.js";
import { clusterTest } from "../../support/cluster/clusterTest.js";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";

const TIMES = 10;
const HOUR_MS = 3_600_000;
const TOKEN = "the-token-of-ann";
const tokens = [{ token: TOKEN, can: "drive", name: "ann" }] as const;
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const ANN = bearer(TOKEN);

describe.skipIf(!hasEtcd)("a link in a cluster", () => {
  clusterTest(
    "a link that one server made lets in at another at once, to a workflow that was made a moment before",
    async ({ node }) => {
      const [a, b] = [await node("a", { tokens }), await node("b", { tokens })];
      for (let n = 0; n < TIMES; n++) {
        const workflow_id = `mine-${n}`;
        const state = { workflow_id, steps: [{ action: "go" }] };
        await a.call("POST", "/workflow/state", { body: state, headers: ANN });
        // Each in its turn makes it, also for a workflow of the other.
        const [maker, other] = n % 2 === 0 ? [a, b] : [b, a];
        const body = { workflow_id, for_ms: HOUR_MS };
        const made = await maker.call("POST", "/workflow/share", { body, headers: ANN });
        expect([made.text, made.status]).toEqual([made.text, 201]);
        const { token } = made.body as unknown as ShareMadeAnswer;
        const headers = bearer(token);
        const read = await other.call("GET", `/workflow/state?workflow_id=${workflow_id}`, {
          headers,
        });
        expect([read.text, read.status]).toEqual([read.text, 200]);
        const tab = await other.openTab({ headers });
        tab.subscribe(workflow_id);
        expect(await tab.take("snapshot")).toMatchObject({ workflow_id });

        const revoked = await other.call("DELETE", "/workflow/share", {
          body: { share: token },
          headers: ANN,
        });
        expect([revoked.text, revoked.status]).toEqual([revoked.text, 200]);
        expect(await tab.closed).toEqual({ code: 4401, reason: "this link was taken back" });
        await until(
          async () => (await maker.call("GET", "/workflow/state", { headers })).status === 401,
          "it to be refused where it was made",
        );
      }
    },
  );

  clusterTest(
    "whoever came in by a link at one server is cut off when the one that made it takes it back",
    async ({ node }) => {
      const [a, b] = [await node("a", { tokens }), await node("b", { tokens })];
      await a.call("POST", "/workflow/state", { body: { workflow_id: "mine" }, headers: ANN });
      const asked = { body: { workflow_id: "mine", for_ms: HOUR_MS }, headers: ANN };
      const made = await a.call("POST", "/workflow/share", asked);
      const taken = made.body as unknown as ShareMadeAnswer;
      const atB = await b.openTab({ headers: bearer(taken.token) });
      const body = { share: taken.share.number };
      await a.call("DELETE", "/workflow/share", { body, headers: ANN });
      expect(await atB.closed).toEqual({ code: 4401, reason: "this link was taken back" });
    },
  );
});
