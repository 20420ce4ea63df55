/** The links of a cluster in etcd: what one server writes is so at the others, at once and together. */
import { describe, expect } from "vitest";
import { openClusterShares } from "../../../../server/ingress/access/clusterShares.js";
import { until } from "../../../support/deadline.js";
import { etcdStoreTest } from "../../../support/etcd/etcdStores.js";
import { hasEtcd } from "../../../support/etcd/hasEtcd.js";

const share = {
  ...{ number: "123456", workflow_id: "w", epoch: "e" },
  ...{ ends_at: 2, made_at: 1, by: null },
};

describe.skipIf(!hasEtcd)("the links of a cluster", () => {
  etcdStoreTest(
    "a link that takes the place of another is there on every server, and that one is gone",
    async ({ openServer }) => {
      const open = async () =>
        openClusterShares({
          mirror: (await openServer()).mirror,
          random: (bytes) => Buffer.alloc(bytes, 7),
          onFailure: () => {},
        });
      const [one, other] = [await open(), await open()];
      const gone: string[] = [];
      other.listen((number) => gone.push(number));
      const next = { ...share, number: "654321" };
      await one.put(share, []);
      await one.put(next, [share.number]);
      expect(one.all()).toEqual([next]);
      await until(() => other.find(next.number) !== null, "the other server to hear of it");
      expect([other.all(), gone]).toEqual([[next], [share.number]]);
    },
  );
});
