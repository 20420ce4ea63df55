/** A server's copy of its cluster's keys: told once and in order, also where answers are lost and the watch is silent. */
import { describe, expect, it, onTestFinished } from "vitest";
import { EtcdMirror } from "../../../server/cluster/etcdMirror.js";
import type { MirroredTransaction } from "../../../server/cluster/keyMirror.js";
import { type ManualClock, manualClock } from "../../support/clocks/manualClock.js";
import { type Fate, ScriptedEtcd } from "../../support/etcd/scriptedEtcd.js";

const put = (key: string, value: string, than = 0): MirroredTransaction => ({
  compare: [{ key, target: "mod", is: "equal", than }],
  writes: [{ put: key, value: Buffer.from(value) }],
  witness: { key, isOurs: (found) => found?.toString() === value },
});

interface World {
  readonly etcd: ScriptedEtcd;
  readonly mirror: EtcdMirror;
  readonly clock: ManualClock;
  /** All that a follower of `doc/` heard. */
  readonly heard: string[];
}

async function world(prepare: (etcd: ScriptedEtcd) => void = () => {}): Promise<World> {
  const etcd = new ScriptedEtcd();
  prepare(etcd);
  const clock = manualClock();
  const onTrouble = () => {};
  const mirror = await EtcdMirror.open({
    ...{ client: etcd, prefix: "/p/", clock, onTrouble },
    heavy: ["doc/"],
  });
  onTestFinished(async () => {
    await mirror.close();
    expect(clock.waiting).toBe(0);
  });
  const heard: string[] = [];
  mirror.follow("doc/", (event) =>
    heard.push(event.kind === "put" ? `${event.key}=${event.value}` : `-${event.key}`),
  );
  return { etcd, mirror, clock, heard };
}

/** Lets time pass until the work is done. */
async function during<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  over.catch(() => {});
  while (!isOver) {
    await new Promise(setImmediate);
    clock.advance(50);
  }
  return over;
}

describe("a mirror of etcd", () => {
  it("a follower is told all that is there, and then each change once", async () => {
    const { etcd, heard, mirror } = await world((before) => {
      before.put("/p/doc/a", "1");
      before.put("/other/doc/b", "2");
    });
    etcd.put("/p/doc/b", "2");
    etcd.put("/other/doc/c", "3");
    etcd.delete("/p/doc/a");
    expect(heard).toEqual(["a=1", "b=2", "-a"]);
    expect(mirror.modOf("doc/a")).toBe(0);
  });

  it("what we write is told before the transaction resolves, and not again by the watch", async () => {
    const { etcd, heard, mirror } = await world();
    etcd.isWatchHeard = false;
    const revision = await mirror.transact(put("doc/a", "1"));
    expect(heard).toEqual(["a=1"]);
    const second = await mirror.transact({
      compare: [{ key: "doc/a", target: "mod", is: "equal", than: revision! }],
      writes: [{ delete: "doc/a" }],
    });
    expect(second).toBe(revision! + 1);
    // The older word about a key that is gone by now comes late.
    etcd.hear();
    expect(heard).toEqual(["a=1", "-a"]);
  });

  it("a refused transaction resolves when it is told what refused it", async () => {
    const { etcd, heard, mirror, clock } = await world();
    etcd.isWatchHeard = false;
    etcd.put("/p/doc/a", "theirs");
    const refused = mirror.transact(put("doc/a", "ours"));
    await new Promise(setImmediate);
    expect(heard).toEqual([]);
    etcd.hear();
    expect(await during(clock, refused)).toBeNull();
    expect(heard).toEqual(["a=theirs"]);
  });

  const FATES: readonly (readonly [string, readonly Fate[], number])[] = [
    ["done, and the answer lost", ["lost answer"], 2],
    ["never there, twice", ["never came", "never came"], 3],
    ["done, and every answer lost for a while", ["lost answer", "never came", "lost answer"], 4],
  ];
  it.each(FATES)("a transaction of unknown outcome is found out: %s", async (_, fates, sent) => {
    const { etcd, heard, mirror, clock } = await world();
    etcd.fates = [...fates];
    expect(await during(clock, mirror.transact(put("doc/a", "1")))).not.toBeNull();
    expect(heard).toEqual(["a=1"]);
    expect(etcd.transactions).toBe(sent);
    expect(etcd.revision).toBe(2);
  });

  it("one whose outcome stays unknown is refused in words that say so", async () => {
    const { etcd, mirror, clock } = await world();
    etcd.fates = Array.from({ length: 100 }, () => "never came" as const);
    const refused = during(clock, mirror.transact(put("doc/a", "1")));
    await expect(refused).rejects.toMatchObject({ code: "unavailable", message: /not known/ });
    expect(clock.elapsed()).toBeLessThan(11_000);
  });

  it("one that somebody else has made impossible is not taken for done", async () => {
    const { etcd, mirror, clock, heard } = await world();
    etcd.fates = ["never came"];
    const work = mirror.transact(put("doc/a", "ours"));
    etcd.put("/p/doc/a", "theirs");
    expect(await during(clock, work)).toBeNull();
    expect(heard).toEqual(["a=theirs"]);
  });

  it("after a compaction it lists again, and tells what it missed as one change of each key", async () => {
    const { etcd, heard, mirror } = await world((before) => {
      for (const key of ["gone", "kept", "moved"]) before.put(`/p/doc/${key}`, "1");
    });
    heard.length = 0;
    etcd.isWatchHeard = false;
    etcd.put("/p/doc/moved", "2");
    etcd.put("/p/doc/moved", "3");
    etcd.put("/p/doc/new", "1");
    etcd.delete("/p/doc/gone");
    await mirror.transact(put("doc/own", "1"));
    etcd.isWatchHeard = true;
    etcd.loseWatch();
    await expect.poll(() => mirror.revision).toBe(etcd.revision);
    expect(heard).toEqual(["own=1", "moved=3", "new=1", "-gone"]);
    etcd.put("/p/doc/kept", "2");
    expect(heard.at(-1)).toBe("kept=2");
  });
});

describe("the freshness of a view", () => {
  const canary = (mirror: EtcdMirror) =>
    mirror.transact({ compare: [], writes: [put("c", "")].flatMap(({ writes }) => writes) });

  it("a view without a sign of life for six seconds is stale, as of the last one, until the next", async () => {
    const { mirror, clock } = await world();
    const told: (string | null)[] = [];
    mirror.freshness.listen((since) => told.push(since));
    clock.advance(4_000);
    await canary(mirror);
    const asOf = new Date(clock.now()).toISOString();
    clock.advance(5_500);
    expect(mirror.freshness.staleSince).toBeNull();
    clock.advance(1_000);
    expect(told).toEqual([asOf]);
    await canary(mirror);
    expect(told).toEqual([asOf, null]);
  });

  it("a watch that does not tell what we wrote is begun anew, and the view is stale meanwhile", async () => {
    const { etcd, mirror, clock } = await world();
    etcd.isWatchHeard = false;
    for (let second = 0; second < 8; second += 2) {
      await canary(mirror);
      clock.advance(2_000);
    }
    expect(etcd.restarts).toBeGreaterThan(0);
    expect(mirror.freshness.staleSince).not.toBeNull();
    etcd.hear();
    expect(mirror.freshness.staleSince).toBeNull();
  });

  it("a watch that does not tell what refuses us is begun anew", async () => {
    const { etcd, mirror, clock } = await world();
    etcd.isWatchHeard = false;
    etcd.put("/p/doc/a", "another server's");
    const refused = during(clock, mirror.transact(put("doc/a", "ours")));
    await expect(refused).rejects.toMatchObject({ code: "unavailable" });
    expect(etcd.restarts).toBeGreaterThan(0);
  });

  it("a process that was stopped knows that its view is old before it hears anything", async () => {
    const { mirror, clock } = await world();
    await canary(mirror);
    clock.sleep(60_000);
    expect(mirror.freshness.staleSince).not.toBeNull();
  });

  it("a key is heard of once all that etcd had of it is told, at once where it has none, and as it is after two seconds", async () => {
    const { etcd, heard, mirror, clock } = await world();
    await mirror.hear("doc/none");
    etcd.isWatchHeard = false;
    etcd.put("/p/doc/a", "1");
    const hearing = mirror.hear("doc/a").then(() => [...heard]);
    await new Promise(setImmediate);
    expect(heard).toEqual([]);
    etcd.hear();
    expect(await hearing).toEqual(["a=1"]);
    etcd.isWatchHeard = false;
    etcd.put("/p/doc/b", "1");
    await during(clock, mirror.hear("doc/b"));
    expect(heard).toEqual(["a=1"]);
  });
});
