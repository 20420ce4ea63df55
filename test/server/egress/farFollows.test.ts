/** Output that another node keeps, as a tab on this one hears of it: whole and once, whatever happens to the link and to that node. */
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
  print(node: LinkedNode, text: string, attempt?: number): Promise<void>;
}

const it = folderTest.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const clock = manualClock();
    const hubs = new LinkedHubs(clock);
    const a = await hubs.addNode("a", folder);
    const b = await hubs.addNode("b", folder);
    let revision = 0;
    const step = async (fields: Partial<Step>) => {
      revision += 1;
      const first: Step = { action: "copy", status: "in_progress", index: 0, node: "b", ...fields };
      await hubs.commit(recordOf({ revision, home: "b", state: stateOf({ steps: [first] }) }));
    };
    const print = async (node: LinkedNode, text: string, attempt = 1) => {
      const name = { workflow_id: "deploy", epoch: "e1", step: 0, attempt };
      await node.outputs.append(name, Buffer.from(text));
    };
    await step({});
    await use({ clock, hubs, a, b, step, print });
    await hubs.close();
  },
});

const FOLLOWED = { workflow_id: "deploy", step: 0 } as const;
const LINE = `${"x".repeat(99)}\n`;
const sha = (text: string) => createHash("sha256").update(text).digest("hex");

describe("output that another node keeps", () => {
  it("A tab hears it under the name that its follower has, and hears of its end", async ({
    world,
  }) => {
    const { a, b, print, step } = world;
    await print(b, "one\n");
    const tab = new LinkedTab(a);
    tab.follow({ ...FOLLOWED, follower: "mine" });
    await expect.poll(() => tab.textOf()).toBe("one\n");
    await print(b, "two\n");
    await expect.poll(() => tab.textOf()).toBe("one\ntwo\n");
    await step({ status: "completed" });
    await expect.poll(() => tab.told("log_end")).toHaveLength(1);
    expect(tab.told("log_end")[0]).toMatchObject({ attempt: 1, next: 8, reason: "over" });
    expect(tab.frames.every((frame) => "follower" in frame && frame.follower === "mine")).toBe(
      true,
    );
  });

  it("A follower begins where it is, or with the newest lines", async ({ world }) => {
    const { a, b, print } = world;
    await print(b, "one\ntwo\nthree\n");
    const [behind, newest] = [new LinkedTab(a), new LinkedTab(a)];
    behind.follow({ ...FOLLOWED, attempt: 1, from: 8 });
    newest.follow({ ...FOLLOWED, tail: 7 });
    await expect.poll(() => behind.textOf()).toBe("three\n");
    await expect.poll(() => newest.textOf()).toBe("three\n");
    expect(world.hubs.linksTo("b")).toBe(1);
  });

  it("20 MB are the same bytes under cuts of the link and at the pace of a slow tab", async ({
    world,
  }) => {
    const { a, b, clock, hubs, print, step } = world;
    const part = LINE.repeat(5_000);
    const [fast, slow] = [new LinkedTab(a), new LinkedTab(a)];
    fast.follow(FOLLOWED);
    slow.follow(FOLLOWED);
    slow.socket.isRead = false;
    for (let round = 0; round < 40; round++) {
      await print(b, part);
      if (round % 5 === 4) {
        hubs.cut("b");
        await Promise.resolve();
        clock.advance(200);
      }
      slow.socket.read(2);
    }
    await step({ status: "completed" });
    slow.socket.isRead = true;
    slow.socket.read(1);
    const whole = sha(part.repeat(40));
    await expect.poll(() => fast.told("log_end").length).toBe(1);
    await expect.poll(() => slow.told("log_end").length).toBe(1);
    expect(sha(fast.textOf())).toBe(whole);
    expect(sha(slow.textOf())).toBe(whole);
    // Nobody reads for the slow one: it asked again where it was.
    const asked = hubs.questions.filter(({ type }) => type === "follow_log");
    expect(asked.length).toBeGreaterThan(10);
  });

  it("A tab hears once that the node is away and since when, and that it is back", async ({
    world,
  }) => {
    const { a, b, clock, hubs, print } = world;
    await print(b, "one\n");
    const tab = new LinkedTab(a);
    tab.follow(FOLLOWED);
    await expect.poll(() => tab.textOf()).toBe("one\n");
    const since = new Date(clock.now()).toISOString();
    hubs.leaves("b");
    clock.advance(60_000);
    await expect.poll(() => tab.told("log_away")).toHaveLength(1);
    expect(tab.told("log_away")[0]).toMatchObject({ attempt: 1, node: "b", since });
    await print(b, "two\n");
    hubs.comes("b");
    await expect.poll(() => tab.textOf()).toBe("one\ntwo\n");
    expect(tab.told("log_away").map((frame) => frame.since)).toEqual([since, null]);
  });

  it("A tab hears that a node is away that is there and is not reached", async ({ world }) => {
    const { a, clock, hubs } = world;
    hubs.unreachable.add("b");
    const tab = new LinkedTab(a);
    tab.follow(FOLLOWED);
    await expect
      .poll(() => {
        clock.advance(500);
        return tab.told("log_away").length;
      })
      .toBe(1);
    hubs.unreachable.delete("b");
    await expect
      .poll(() => {
        clock.advance(500);
        return tab.told("log_away").at(-1)?.since;
      })
      .toBe(null);
  });

  it("A follower goes on with a newer attempt here, and with the next one there again", async ({
    world,
  }) => {
    const { a, b, print, step } = world;
    const past = (attempt: number, node: string) => ({
      ...{ attempt, node, status: "failed" as const, log_bytes: 4 },
    });
    await print(b, "one\n", 1);
    const tab = new LinkedTab(a);
    tab.follow(FOLLOWED);
    await expect.poll(() => tab.textOf(1)).toBe("one\n");
    await step({ attempt: 2, node: "a", attempts: [past(1, "b")] });
    await print(a, "two\n", 2);
    await expect.poll(() => tab.textOf(2)).toBe("two\n");
    await step({ attempt: 3, node: "b", attempts: [past(1, "b"), past(2, "a")] });
    await print(b, "six\n", 3);
    await expect.poll(() => tab.textOf(3)).toBe("six\n");
    expect(tab.told("log_end").map(({ attempt, next }) => [attempt, next])).toEqual([
      [1, 4],
      [2, 4],
    ]);
  });

  it("A follower goes to where the step begins, if it was there before it", async ({ world }) => {
    const { a, b, print, step } = world;
    await step({ status: "pending", node: undefined } as Partial<Step>);
    const tab = new LinkedTab(a);
    tab.follow(FOLLOWED);
    await step({ node: "a" });
    await print(a, "here\n");
    await expect.poll(() => tab.textOf()).toBe("here\n");
    expect(b.outputs.attempts({ workflow_id: "deploy", epoch: "e1" }, 0)).toEqual([]);
  });

  it("A tab hears that the workflow is cleared, and nothing stays open", async ({ world }) => {
    const { a, b, clock, hubs, print } = world;
    const before = clock.waiting;
    await print(b, "one\n");
    const [tab, other] = [new LinkedTab(a), new LinkedTab(a)];
    tab.follow(FOLLOWED);
    other.follow(FOLLOWED);
    await expect.poll(() => tab.textOf()).toBe("one\n");
    other.drop();
    await hubs.store.remove(hubs.store.open.get("deploy")!);
    await expect.poll(() => tab.told("log_end").at(-1)?.reason).toBe("cleared");
    clock.advance(10_000);
    expect(hubs.linksTo("b")).toBe(0);
    expect(clock.waiting).toBe(before);
  });
});
