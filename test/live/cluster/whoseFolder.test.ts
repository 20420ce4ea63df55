/** A data folder that a server is started on by mistake: nothing of what is kept there is lost, and the refusal says what to do. */
import { describe, expect } from "vitest";
import { clusterTest } from "../../support/cluster/clusterTest.js";
import { LOG, STATE, TEXT } from "../../support/cluster/deploy.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";

const ONE = { body: Buffer.from("one\n"), headers: TEXT };

describe.skipIf(!hasEtcd)("the data folder of a node", () => {
  clusterTest(
    "A wrong prefix is refused with the one of before, and what was printed stays",
    async ({ node, sharedEtcd }) => {
      const first = await node("a");
      await first.call("POST", "/workflow/state", { body: STATE });
      await first.call("POST", LOG, ONE);
      await first.stop();
      await expect(node("a", { prefix: `${sharedEtcd.prefix}typo/` })).rejects.toThrow(
        /is the data folder of a node of another cluster, at etcd:.*Give --store the address and the prefix of before/,
      );
      const again = await node("a");
      expect((await again.call("GET", LOG)).text).toBe("one\n");
    },
    30_000,
  );

  clusterTest(
    "A server alone is refused on it, and what was printed stays",
    async ({ node, sharedEtcd }) => {
      const first = await node("a");
      await first.call("POST", "/workflow/state", { body: STATE });
      await first.call("POST", LOG, ONE);
      await first.stop();
      const refusal = await node("a", { isAlone: true }).catch((error: Error) => error);
      expect(String(refusal)).toMatch(/its workflows are there: a server alone would remove/);
      expect(String(refusal)).toContain(sharedEtcd.prefix.slice(0, -1));
      const again = await node("a");
      expect((await again.call("GET", LOG)).text).toBe("one\n");
    },
    30_000,
  );
});

describe.skipIf(!hasEtcd)("the data folder of a server alone", () => {
  clusterTest(
    "A node is refused on workflows that the cluster does not know, and begins on a folder without any",
    async ({ node }) => {
      const alone = await node("a", { isAlone: true });
      await alone.call("POST", "/workflow/state", { body: STATE });
      await alone.call("POST", LOG, ONE);
      await alone.stop();
      await expect(node("a")).rejects.toThrow(
        /holds 1 workflow of a server alone, .* Move them first: instep migrate --from /,
      );
      const again = await node("a", { isAlone: true });
      expect((await again.call("GET", LOG)).text).toBe("one\n");
      await again.stop();

      const empty = await node("b", { isAlone: true });
      await empty.stop();
      const joined = await node("b");
      expect((await joined.call("GET", "/readyz")).status).toBe(200);
    },
    30_000,
  );
});
