/** The private halves of workflows in a real etcd: every server knows them, and no change takes back another's. */
import { describe, expect, onTestFinished } from "vitest";
import type { RunData } from "../../../../server/runner/kept/runData.js";
import { SharedRuns } from "../../../../server/runner/kept/sharedRuns.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { type OpenedStore, etcdStoreTest as test } from "../../../support/etcd/etcdStores.js";

const DATA: RunData = {
  ...{ name: "deploy", source: null, folder: ".", inputs: { host: "h" }, secret_answers: {} },
};

function runsOf({ mirror }: OpenedStore, wanted: ReadonlySet<string> = new Set()) {
  const clock = manualClock();
  const unread: string[] = [];
  const runs = new SharedRuns({
    ...{ mirror, clock, wanted: () => wanted },
    onUnreadable: (_, key) => unread.push(key),
    onFailure: (error) => {
      throw error;
    },
  });
  onTestFinished(() => runs.close());
  return { runs, clock, unread };
}

describe("the private halves of workflows that servers share", () => {
  test("what one server writes another one knows, also one that comes later", async ({
    openServer,
  }) => {
    const [one, other] = [runsOf(await openServer()).runs, runsOf(await openServer()).runs];
    await one.write("r", DATA);
    expect(one.get("r")).toEqual(DATA);
    await expect.poll(() => other.get("r")).toEqual(DATA);
    expect(runsOf(await openServer()).runs.get("r")).toEqual(DATA);
    await other.remove("r");
    await expect.poll(() => one.get("r")).toBeUndefined();
    await one.remove("r");
  });

  test("of changes that several servers make at once none is lost", async ({ openServer }) => {
    const all = [runsOf(await openServer()).runs, runsOf(await openServer()).runs];
    await all[0]!.write("r", DATA);
    await expect.poll(() => all[1]!.get("r")).toEqual(DATA);
    const names = ["a", "b", "c", "d", "e", "f"];
    const told = names.map((name, at) =>
      all[at % 2]!.update("r", (data) => ({
        ...data,
        secret_answers: { ...data.secret_answers, [name]: { told: true } },
      })),
    );
    await Promise.all(told);
    const known = () => all.map((runs) => Object.keys(runs.get("r")!.secret_answers).sort());
    await expect.poll(known).toEqual([names, names]);
  });

  test("a change of one that is gone does nothing", async ({ openServer }) => {
    const { runs } = runsOf(await openServer());
    await runs.update("r", (data) => data);
    expect(runs.get("r")).toBeUndefined();
  });

  test("one that is no workflow's is removed after a while, and one that is, is not", async ({
    openServer,
  }) => {
    const server = await openServer();
    const writer = runsOf(server).runs;
    for (const id of ["owned", "left"]) await writer.write(id, DATA);
    const { runs, clock } = runsOf(await openServer(), new Set(["owned"]));
    await runs.write("new", DATA);
    clock.advance(600_000);
    await expect.poll(() => runs.get("left")).toBeUndefined();
    expect(runs.get("owned")).toEqual(DATA);
    expect(runs.get("new")).toEqual(DATA);
  });
});
