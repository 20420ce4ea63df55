/** Several servers that change the same thing: a flood through one of them leaves room for what comes through another. */
import { describe, expect } from "vitest";
import { faultTest } from "../../support/cluster/faultTest.js";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { RawTab } from "../../support/links/rawTab.js";
import { call } from "../../support/links/rest.js";
import { liveUrl } from "../../support/model/insistentWriters.js";
import { UNHURRIED } from "../../support/servers/liveServer.js";

const WRITERS = 16;
const COMMANDS = 100;

describe.skipIf(!hasEtcd)("a cluster in which one thing is changed without a pause", () => {
  faultTest(
    "each command through another server is accepted while changes of the same workflow flood through the first",
    async ({ openCluster }) => {
      const { embed } = await openCluster();
      const [a, b] = [await embed({ limits: UNHURRIED }), await embed({ limits: UNHURRIED })];
      const at = (url: string | null) => `${url}/workflow/state?workflow_id=contended`;
      await call(at(a.url), "POST", { body: { workflow_id: "contended" } });
      await until(async () => (await call(at(b.url), "GET")).body.state, "b has it, too");
      const save = (part: object) => ({
        ...{ kind: "save", merge: true },
        state: { workflow_id: "contended", ...part },
      });
      const flood = await flooding(a.url!, (n) => save({ flooded: n }));
      const other = await flooding(b.url!, (n) => save({ flooded_too: n }));
      const { tab } = await RawTab.open(liveUrl(b.url!));
      for (let n = 1; n <= COMMANDS; n++) await tab.accepted(save({ asked: n }));
      for (const { end } of [flood, other]) expect(await end()).toEqual(["accepted"]);
      for (const { count } of [flood, other]) expect(count).toBeGreaterThan(COMMANDS);
      const { body } = await call(at(a.url), "GET");
      expect(body.state).toMatchObject({ asked: COMMANDS });
      tab.drop();
    },
  );

  faultTest(
    "each start through another server is accepted while starts flood through the first",
    async ({ openCluster }) => {
      const { embed } = await openCluster();
      const [a, b] = [await embed({ limits: UNHURRIED }), await embed({ limits: UNHURRIED })];
      const start = (name: string) => ({ kind: "save", state: { name } });
      const flood = await flooding(a.url!, (n) => start(`flood ${n}`));
      const { tab } = await RawTab.open(liveUrl(b.url!));
      for (let n = 1; n <= COMMANDS; n++) await tab.accepted(start(`asked ${n}`));
      expect(await flood.end()).toEqual(["accepted"]);
      expect(flood.count).toBeGreaterThan(COMMANDS);
      tab.drop();
    },
  );
});

/** Tabs of which each sends its next command as soon as the one before is answered. `end` resolves with what was answered: `accepted`, or why not. */
async function flooding(url: string, command: (n: number) => object) {
  const tabs = await Promise.all(
    Array.from({ length: WRITERS }, async () => (await RawTab.open(liveUrl(url))).tab),
  );
  const answers = new Set<string>();
  let count = 0;
  let isOver = false;
  const floods = tabs.map(async (tab) => {
    while (!isOver) {
      const answer = await tab.ask(command(++count));
      answers.add(answer.type === "accepted" ? answer.type : answer.message);
    }
  });
  return {
    get count() {
      return count;
    },
    end: async () => {
      isOver = true;
      await Promise.all(floods);
      for (const tab of tabs) tab.drop();
      return [...answers];
    },
  };
}
