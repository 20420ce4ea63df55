/** One document's way out: serialized once, resumed exactly, bounded in what it keeps. */
import { describe, expect, it } from "vitest";
import { Channel } from "../../../server/egress/channel.js";
import { AUDIENCES, type Audience, encodeFrame, type Form } from "../../../server/egress/frames.js";
import type { Outbox, SnapshotFor } from "../../../server/egress/outbox.js";
import { RecentBudget } from "../../../server/egress/recentBudget.js";
import { textFrame, textOf } from "../../../server/egress/textFrame.js";
import type { ServerMessage } from "../../../shared/wire/serverMessages.js";

const LIMITS = { recentChanges: 4, recentBytes: 10_000 };

function watcherOf(audience: Audience = "drive", form: Form = "patch") {
  const frames: Buffer[] = [];
  const outbox = {
    audience,
    form,
    isSlow: false,
    forget: () => {},
    reply: (message: ServerMessage) => void frames.push(encodeFrame(message)),
    replyFrame: (frame: Buffer) => void frames.push(frame),
    change: (_id: string, frame: Buffer) => void frames.push(frame),
    snapshot: (_id: string, snapshotFor: SnapshotFor) => {
      const frame = snapshotFor(outbox as unknown as Outbox);
      if (frame) frames.push(frame);
    },
    fail: () => void frames.push(textFrame('{"type":"failed"}')),
  };
  const messages = () =>
    frames.map((frame) => JSON.parse(textOf(frame)) as Record<string, unknown>);
  return { outbox: outbox as unknown as Outbox, frames, messages };
}

function documentAt(revision: number, limits = LIMITS) {
  const at = { epoch: "e", revision };
  const failures: unknown[] = [];
  let serialized = 0;
  /** For which audiences patches were made. */
  const patched: Audience[] = [];
  const broken = { patch: false, snapshot: false };
  const channel = new Channel(
    "w",
    {
      position: () => ({ ...at }),
      snapshot: () => {
        serialized += 1;
        if (broken.snapshot) throw new Error("no snapshot");
        return textFrame(JSON.stringify({ type: "snapshot", revision: at.revision }));
      },
    },
    limits,
    (error) => failures.push(error),
  );
  const publish = (padding = "", { isSameForAll = true, isWhole = false } = {}) => {
    at.revision += 1;
    const [base, revision] = [at.revision - 1, at.revision];
    const patch = [{ op: "replace" as const, path: "/x", value: `${revision}${padding}` }];
    channel.publish({
      base,
      revision,
      seenAlike: (audience) => (isSameForAll ? AUDIENCES : [audience]),
      message: (audience) => {
        patched.push(audience);
        if (broken.patch) throw new Error("no patch");
        return isWhole
          ? null
          : { type: "changed", workflow_id: "w", epoch: "e", base, revision, patch };
      },
      heldBytes: () => 100,
    });
  };
  return { channel, publish, at, serialized: () => serialized, patched, broken, failures };
}

describe("a document's channel", () => {
  it("serializes a snapshot once for each revision, however many ask", () => {
    const { channel, publish, serialized } = documentAt(7);
    for (let i = 0; i < 50; i++) channel.join(watcherOf().outbox, null);
    expect(serialized()).toBe(1);
    publish();
    for (let i = 0; i < 50; i++) channel.join(watcherOf().outbox, null);
    expect(serialized()).toBe(2);
  });

  it("serializes a change once, however many watch", () => {
    const { channel, publish } = documentAt(1);
    const watchers = Array.from({ length: 50 }, () => watcherOf());
    for (const { outbox } of watchers) channel.join(outbox, null);
    publish();
    const frames = new Set(watchers.map(({ frames }) => frames.at(-1)));
    expect(frames.size).toBe(1);
  });

  it("a document's channel makes no patch while nobody watches, and then one for each audience", () => {
    const { channel, publish, patched } = documentAt(0);
    for (let i = 0; i < 3; i++) publish("", { isSameForAll: false });
    expect(patched).toEqual([]);
    for (let i = 0; i < 5; i++) {
      for (const audience of AUDIENCES)
        channel.join(watcherOf(audience).outbox, { epoch: "e", revision: 0 });
    }
    const each = AUDIENCES.flatMap((audience) => [audience, audience, audience]);
    expect(patched.toSorted()).toEqual(each.toSorted());
  });

  it("a document's channel makes no patch for an audience that is not there", () => {
    const { channel, publish, patched } = documentAt(0);
    channel.join(watcherOf("watch").outbox, null);
    publish("", { isSameForAll: false });
    expect(patched).toEqual(["watch"]);
    publish();
    expect(patched).toEqual(["watch", "watch"]);
    const { outbox, messages } = watcherOf("drive");
    channel.join(outbox, { epoch: "e", revision: 0 });
    expect(messages().map(({ type }) => type)).toEqual(["changed", "changed", "resumed"]);
    expect(patched).toEqual(["watch", "watch", "drive"]);
  });

  it("a document's channel makes one patch for the readers of both forms, and a frame for each form", () => {
    const { channel, publish, patched } = documentAt(0);
    const patching = watcherOf("watch", "patch");
    const [merging, another] = [watcherOf("drive", "merge"), watcherOf("watch", "merge")];
    for (const { outbox } of [patching, merging, another]) channel.join(outbox, null);
    publish();
    expect(patched).toHaveLength(1);
    const changed = { type: "changed", workflow_id: "w", epoch: "e", base: 0, revision: 1 };
    const patch = [{ op: "replace", path: "/x", value: "1" }];
    expect(patching.messages().at(-1)).toEqual({ ...changed, patch });
    expect(merging.messages().at(-1)).toEqual({ ...changed, merge: { "": { x: "1" } } });
    expect(another.frames.at(-1)).toBe(merging.frames.at(-1));
  });

  it("a tab that comes back reads what it missed in its own form, whoever watched meanwhile", () => {
    const { channel, publish, patched } = documentAt(0);
    channel.join(watcherOf("drive", "merge").outbox, null);
    for (let i = 0; i < 3; i++) publish();
    for (const form of ["patch", "merge", "patch"] as const) {
      const { outbox, messages } = watcherOf("watch", form);
      channel.join(outbox, { epoch: "e", revision: 0 });
      const heard = messages().map((frame) => (form in frame ? form : frame.type));
      expect(heard).toEqual([form, form, form, "resumed"]);
    }
    expect(patched).toHaveLength(3);
  });

  it("a document's channel counts what it keeps, also of changes that are no frames yet", () => {
    const { channel, publish } = documentAt(0);
    for (let i = 0; i < 3; i++) publish();
    expect(channel.recentBytes).toBe(300);
    channel.join(watcherOf().outbox, { epoch: "e", revision: 0 });
    expect(channel.recentBytes).not.toBe(300);
    expect(channel.recentBytes).toBeGreaterThan(0);
  });

  it("a document is sent whole where its change would be no shorter, also to a tab that comes back", () => {
    const { channel, publish } = documentAt(0);
    const { outbox, messages } = watcherOf();
    channel.join(outbox, null);
    publish("", { isWhole: true });
    publish();
    expect(messages().map(({ type }) => type)).toEqual(["snapshot", "snapshot", "changed"]);
    for (const [revision, types] of [
      [0, ["snapshot"]],
      [1, ["changed", "resumed"]],
    ] as const) {
      const back = watcherOf();
      channel.join(back.outbox, { epoch: "e", revision });
      expect(back.messages().map(({ type }) => type)).toEqual(types);
    }
  });

  it("a change that cannot be told reaches everyone as the whole document, and is reported", () => {
    const { channel, publish, broken, failures } = documentAt(0);
    const watchers = [watcherOf(), watcherOf("watch"), watcherOf()];
    for (const { outbox } of watchers) channel.join(outbox, null);
    publish();
    broken.patch = true;
    publish();
    expect(failures).toHaveLength(1);
    broken.patch = false;
    publish();
    for (const { messages } of watchers) {
      expect(messages().map(({ type }) => type)).toEqual([
        "snapshot",
        "changed",
        "snapshot",
        "changed",
      ]);
    }
    const back = watcherOf();
    channel.join(back.outbox, { epoch: "e", revision: 0 });
    expect(back.messages().map(({ type }) => type)).toEqual(["snapshot"]);
  });

  it("closes who can be told neither what changed nor the document", () => {
    const { channel, publish, broken, failures } = documentAt(0);
    const { outbox, messages } = watcherOf();
    channel.join(outbox, null);
    broken.patch = true;
    broken.snapshot = true;
    publish();
    expect(messages().map(({ type }) => type)).toEqual(["snapshot", "failed"]);
    expect(failures).toHaveLength(2);
  });

  it("a tab that comes back gets the document where what it missed cannot be told", () => {
    const { channel, publish, broken, failures } = documentAt(0);
    publish();
    broken.patch = true;
    const { outbox, messages } = watcherOf();
    channel.join(outbox, { epoch: "e", revision: 0 });
    expect(messages().map(({ type }) => type)).toEqual(["snapshot"]);
    expect(failures).toHaveLength(1);
  });

  it("a tab that comes back hears exactly what it missed, or gets everything", () => {
    const { channel, publish } = documentAt(0);
    for (let i = 0; i < 6; i++) publish();
    for (let revision = 0; revision <= 8; revision++) {
      const { outbox, messages } = watcherOf();
      channel.join(outbox, { epoch: "e", revision });
      const kept = revision >= 2 && revision <= 6;
      const expected = kept
        ? [...Array.from({ length: 6 - revision }, () => "changed"), "resumed"]
        : ["snapshot"];
      expect(
        messages().map(({ type }) => type),
        `from ${revision}`,
      ).toEqual(expected);
      if (kept) expect(messages().at(-1)).toMatchObject({ epoch: "e", revision: 6 });
    }
  });

  it("a channel does not take another epoch's number for its own", () => {
    const { channel, publish } = documentAt(0);
    publish();
    const { outbox, messages } = watcherOf();
    channel.join(outbox, { epoch: "before", revision: 1 });
    expect(messages()).toMatchObject([{ type: "snapshot", revision: 1 }]);
  });

  it("a channel sends the snapshot where the missed changes would be longer", () => {
    const { channel, publish } = documentAt(0, { recentChanges: 100, recentBytes: 1_000_000 });
    for (let i = 0; i < 10; i++) publish("x".repeat(10_000));
    const { outbox, messages } = watcherOf();
    channel.join(outbox, { epoch: "e", revision: 0 });
    expect(messages().map(({ type }) => type)).toEqual(["snapshot"]);
  });

  it("a channel keeps no more changes than it may", () => {
    const { channel, publish } = documentAt(0, { recentChanges: 1_000, recentBytes: 2_000 });
    for (let i = 0; i < 200; i++) publish();
    expect(channel.recentBytes).toBeLessThanOrEqual(2_000);
    expect(channel.recentBytes).toBeGreaterThan(1_000);
  });

  it("a channel ends for everyone at once, and for good", () => {
    const { channel, publish } = documentAt(1);
    const { outbox, messages } = watcherOf();
    channel.join(outbox, null);
    channel.end({ type: "closed", workflow_id: "w", epoch: "e", revision: 1, reason: "cleared" });
    publish();
    expect(messages().map(({ type }) => type)).toEqual(["snapshot", "closed"]);
    expect(channel.watched).toBe(false);
  });
});

describe("the budget of all channels", () => {
  it("the budget of all channels takes from the one that changed longest ago", () => {
    const rings = ["a", "b", "c"].map((name) => ({
      name,
      recentBytes: 40,
      forgotten: false,
      forgetRecent() {
        this.forgotten = true;
      },
    }));
    const budget = new RecentBudget(100);
    for (const ring of rings) budget.use(ring);
    expect(rings.map(({ forgotten }) => forgotten)).toEqual([true, false, false]);
    budget.release(rings[1]!);
    budget.use({ recentBytes: 60, forgetRecent: () => {} });
    expect(rings.map(({ forgotten }) => forgotten)).toEqual([true, false, false]);
  });
});
