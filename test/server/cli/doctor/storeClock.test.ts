/** `instep doctor` in front of a cluster's store: what each member says of the time, and one that says nothing. */
import { describe, expect, test } from "vitest";
import { type Heard, type Network, nodeNetwork } from "../../../../server/cli/doctor/network.js";
import { storeClocks } from "../../../../server/cli/doctor/storeClock.js";
import { systemClock } from "../../../../shared/clock.js";
import { etcdTest } from "../../../support/etcd/etcdTest.js";
import { hasEtcd } from "../../../support/etcd/hasEtcd.js";

const NOON = Date.parse("2026-05-01T12:00:00Z");
const says = (date: string | undefined): Heard => ({
  ...{ status: 200, text: "", isEnough: true, askedAt: NOON, answeredAt: NOON },
  headers: date === undefined ? {} : { date },
});
const SILENT: Heard = { why: "nobody listens there (ECONNREFUSED)" };

const judged = async (members: Readonly<Record<string, Heard>>) => {
  const get: Network["get"] = async ({ host, pathname }) => {
    expect(pathname).toBe("/version");
    return members[host] ?? SILENT;
  };
  const store = `etcd://${Object.keys(members).join(",")}/here/`;
  const found = await storeClocks({ get } as Network, { store });
  return found.map(({ check, result, text }) => `${check} ${result}: ${text}`);
};

describe("instep doctor and the clocks of etcd", () => {
  test("each member is told by itself, and one that is silent is wrong only where all are", async () => {
    expect(
      await judged({
        "a:1": says("Fri, 01 May 2026 12:00:00 GMT"),
        "b:2": says("Fri, 01 May 2026 12:01:00 GMT"),
        "c:3": says(undefined),
        "d:4": SILENT,
      }),
    ).toEqual([
      "store clock ok: The clocks here and at etcd at http://a:1 are at most 2 s apart.",
      "store clock warning: The clock here is 60 s behind that of etcd at http://b:2: times on the page and in logs do not fit together.",
      "store clock ok: etcd at http://c:3 does not say what time it is there.",
      "store clock warning: etcd at http://d:4 does not answer: nobody listens there (ECONNREFUSED).",
    ]);
    const [alone] = await judged({ "d:4": SILENT });
    expect(alone).toMatch(/^store clock wrong: /);
  });

  etcdTest.runIf(hasEtcd)("a real etcd says what time it is", async ({ sharedEtcd }) => {
    const store = `etcd://${sharedEtcd.endpoints.map((one) => new URL(one).host).join(",")}`;
    const found = await storeClocks(nodeNetwork(systemClock), { store });
    expect(found.map(({ text }) => text)).toEqual(
      found.map(() => expect.stringContaining("The clocks here and at etcd")),
    );
    expect(found.length).toBeGreaterThan(0);
  });
});
