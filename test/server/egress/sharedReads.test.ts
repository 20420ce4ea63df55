/** Output of a node that is away, as a tab hears it from the folder that all nodes share: whole and once, whatever happens meanwhile. */
import { createHash } from "node:crypto";
import { describe, expect } from "vitest";
import type { Step } from "../../../shared/schema/workflow.js";
import { type ManualClock, manualClock } from "../../support/clocks/manualClock.js";
import { LinkedHubs, type LinkedNode, LinkedTab } from "../../support/cluster/linkedHubs.js";
import { recordOf, stateOf } from "../../support/disks/records.js";
import { folderTest } from "../../support/disks/temporaryFolder.js";

interface World {
  readonly clock: ManualClock;
  readonly hubs: LinkedHubs;
  readonly a: LinkedNode;
  readonly b: LinkedNode;
  step(step: Partial<Step>): Promise<void>;
  /** On b, which keeps it. */
  print(text: string, attempt?: number): Promise<void>;
  away(): void;
}

const it = folderTest.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const clock = manualClock();
    const hubs = new LinkedHubs(clock);
    const a = await hubs.addNode("a", folder, true);
    const b = await hubs.addNode("b", folder, true);
    let revision = 0;
    const step = async (fields: Partial<Step>) => {
      revision += 1;
      const first: Step = { action: "copy", status: "in_progress", index: 0, node: "b", ...fields };
      await hubs.commit(recordOf({ revision, home: "b", state: stateOf({ steps: [first] }) }));
    };
    const print = async (text: string, attempt = 1) => {
      const name = { workflow_id: "deploy", epoch: "e1", step: 0, attempt };
      await b.outputs.append(name, Buffer.from(text));
    };
    const away = () => {
      hubs.leaves("b");
      clock.advance(60_000);
    };
    await step({});
    await use({ clock, hubs, a, b, step, print, away });
    await hubs.close();
  },
});

const FOLLOWED = { workflow_id: "deploy", step: 0 } as const;
const LINE = `${"x".repeat(99)}\n`;
const sha = (text: string) => createHash("sha256").update(text).digest("hex");
const kinds = (tab: LinkedTab) => tab.frames.map(({ type }) => type);

describe("output of a node that is away, in a folder that all share", () => {
  it("A tab that comes then is told what is there, then that the node is away, and goes on once it is back", async ({
    world,
  }) => {
    const { a, hubs, print, away } = world;
    await print("one\n");
    away();
    const tab = new LinkedTab(a);
    tab.follow({ ...FOLLOWED, follower: "mine" });
    await expect.poll(() => kinds(tab)).toEqual(["log", "log_away"]);
    expect(tab.frames[1]).toMatchObject({ follower: "mine", attempt: 1, node: "b" });
    expect(tab.textOf()).toBe("one\n");
    await print("two\n");
    hubs.comes("b");
    await expect.poll(() => tab.textOf()).toBe("one\ntwo\n");
    expect(tab.told("log_away").map(({ since }) => since === null)).toEqual([false, true]);
  });

  it("A tab that was behind hears the rest while the node is away, and a tail is one of what is there", async ({
    world,
  }) => {
    const { a, hubs, print, away } = world;
    await print("one\n");
    const [tab, newest] = [new LinkedTab(a), new LinkedTab(a)];
    tab.follow(FOLLOWED);
    await expect.poll(() => tab.textOf()).toBe("one\n");
    hubs.unreachable.add("b");
    hubs.cut("b");
    await print("two\nsix\n");
    away();
    newest.follow({ ...FOLLOWED, tail: 5 });
    for (const one of [tab, newest]) await expect.poll(() => one.told("log_away").length).toBe(1);
    expect(tab.textOf()).toBe("one\ntwo\nsix\n");
    expect(newest.textOf()).toBe("six\n");
  });

  it("Where the step has ended, its end is told, and nobody hears that the node is away", async ({
    world,
  }) => {
    const { a, step, print, away } = world;
    await print("one\n");
    await step({ status: "completed", log_bytes: 4 });
    away();
    const tab = new LinkedTab(a);
    tab.follow(FOLLOWED);
    await expect.poll(() => kinds(tab)).toEqual(["log", "log_end"]);
    expect(tab.told("log_end")[0]).toMatchObject({ attempt: 1, next: 4, reason: "over" });
  });

  it("An end that is reported while the node is away is told then", async ({ world }) => {
    const { a, step, print, away } = world;
    await print("one\n");
    away();
    const tab = new LinkedTab(a);
    tab.follow(FOLLOWED);
    await expect.poll(() => kinds(tab)).toEqual(["log", "log_away"]);
    await step({ status: "completed" });
    await expect.poll(() => tab.told("log_end")).toHaveLength(1);
    expect(tab.told("log_end")[0]).toMatchObject({ next: 4, reason: "over" });
  });

  it("No end is told while the folder has less than was reported", async ({ world }) => {
    const { a, hubs, step, print, away } = world;
    await print("one\n");
    away();
    await step({ status: "completed", log_bytes: 8 });
    const tab = new LinkedTab(a);
    tab.follow(FOLLOWED);
    await expect.poll(() => kinds(tab)).toEqual(["log", "log_away"]);
    await print("two\n");
    hubs.comes("b");
    await expect.poll(() => tab.told("log_end")).toHaveLength(1);
    expect(tab.textOf()).toBe("one\ntwo\n");
  });

  it("A follower goes on with newer attempts of it, and hears after each that the node is away", async ({
    world,
  }) => {
    const { a, step, print, away } = world;
    await print("one\n");
    away();
    const tab = new LinkedTab(a);
    tab.follow(FOLLOWED);
    await expect.poll(() => kinds(tab)).toEqual(["log", "log_away"]);
    await print("two\n", 2);
    const past = { attempt: 1, node: "b", status: "failed" as const, log_bytes: 4 };
    await step({ attempt: 2, attempts: [past] });
    await expect.poll(() => kinds(tab)).toEqual(["log", "log_away", "log_end", "log", "log_away"]);
    expect(tab.textOf(2)).toBe("two\n");
  });

  it("20 MB are the same bytes at the pace of a slow tab, while the node comes and goes", async ({
    world,
  }) => {
    const { a, hubs, step, print, away } = world;
    const part = LINE.repeat(5_000);
    const [fast, slow] = [new LinkedTab(a), new LinkedTab(a)];
    fast.follow(FOLLOWED);
    slow.follow(FOLLOWED);
    slow.socket.isRead = false;
    for (let round = 0; round < 40; round++) {
      await print(part);
      if (round % 8 === 3) away();
      if (round % 8 === 7) hubs.comes("b");
      slow.socket.read(2);
    }
    away();
    slow.socket.isRead = true;
    slow.socket.read(1);
    await step({ status: "completed", log_bytes: part.length * 40 });
    for (const tab of [fast, slow]) {
      await expect.poll(() => tab.told("log_end").length).toBe(1);
      expect(sha(tab.textOf())).toBe(sha(part.repeat(40)));
    }
  });

  it("A tab that leaves while its output is read is told nothing more", async ({ world }) => {
    const { a, clock, print, away } = world;
    await print(LINE.repeat(10_000));
    away();
    const before = clock.waiting;
    const tab = new LinkedTab(a);
    tab.follow(FOLLOWED);
    tab.drop();
    clock.advance(10_000);
    const other = new LinkedTab(a);
    other.follow(FOLLOWED);
    await expect.poll(() => other.told("log_away").length).toBe(1);
    expect(tab.frames).toEqual([]);
    other.drop();
    clock.advance(10_000);
    expect(clock.waiting).toBe(before);
  });
});
