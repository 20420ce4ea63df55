/** Links that another server made a moment ago, about which the store is asked before anybody hears that there is none; and what becomes of links where a clock is set. */
import { describe, expect, it } from "vitest";
import type { KeptShare, ShareStore } from "../../../../server/ingress/access/shareStore.js";
import { Shares } from "../../../../server/ingress/access/shares.js";
import { shareTokenOf } from "../../../../server/ingress/access/shareToken.js";
import type { Commits } from "../../../../server/state/commits.js";
import { EVERYTHING } from "../../../../server/state/scope.js";
import type { Workflows } from "../../../../server/state/workflows.js";
import { manualClock } from "../../../support/clocks/manualClock.js";

const KEY = Buffer.alloc(32, 7);
const SHARE: KeptShare = {
  ...{ number: "123456", workflow_id: "mine", epoch: "e", by: "ann" },
  ...{ made_at: 0, ends_at: Number.MAX_SAFE_INTEGER },
};
const TOKEN = shareTokenOf(SHARE, KEY);

/** What the other server made is known here once the store was asked for it. */
function world(theirs: readonly KeptShare[], at?: number) {
  const clock = manualClock(at);
  const known = new Map<string, KeptShare>();
  const asked: string[] = [];
  const store: ShareStore = {
    key: KEY,
    find: (number) => known.get(number) ?? null,
    all: () => [...known.values()],
    hear: async (number) => {
      asked.push(number);
      await Promise.resolve();
      for (const share of theirs) if (share.number === number) known.set(number, share);
    },
    put: async (share, replaced) => {
      for (const number of replaced) known.delete(number);
      known.set(share.number, share);
    },
    remove: async (number) => void known.delete(number),
    listen: () => () => {},
    close: () => {},
  };
  const workflows = {
    find: () => (known.size > 0 ? { record: { workflow_id: "mine", epoch: "e" } } : null),
  } as unknown as Pick<Workflows, "find">;
  const commits = { listen: () => () => {} } as unknown as Commits;
  const shares = new Shares({ open: async () => store, workflows, commits, clock });
  return { shares, asked, clock, known };
}

describe("a link that another server made", () => {
  it("it lets in where the store knows it, and is asked for once", async () => {
    const { shares, asked } = world([SHARE]);
    const grants = await Promise.all([shares.grantOf(TOKEN), shares.grantOf(TOKEN)]);
    expect(grants.map((grant) => grant?.can)).toEqual([["watch"], ["watch"]]);
    expect((await shares.grantOf(TOKEN))?.can).toEqual(["watch"]);
    expect(asked).toEqual([SHARE.number]);
    shares.close();
  });

  it("it is a wrong token where the store knows none, and without a seal the store is not asked", async () => {
    const { shares, asked } = world([]);
    expect(await shares.grantOf(TOKEN)).toBe(null);
    expect(await shares.grantOf(shareTokenOf(SHARE, Buffer.alloc(32, 8)))).toBe(null);
    expect(asked).toEqual([SHARE.number]);
    shares.close();
  });

  it("it is taken back by its token and by its number", async () => {
    for (const named of [TOKEN, SHARE.number]) {
      const { shares } = world([SHARE]);
      expect(await shares.revoke(named, () => {})).toEqual(SHARE);
      shares.close();
    }
  });
});

describe("a clock that is set", () => {
  const HOUR = 3_600_000;
  const YEAR = 365 * 24 * HOUR;
  const now = manualClock().now();
  const twoHours: KeptShare = { ...SHARE, made_at: now, ends_at: now + 2 * HOUR };
  const token = shareTokenOf(twoHours, KEY);

  it.each([HOUR, 24 * HOUR, YEAR])("back by %i ms lengthens no link of this server", async (ms) => {
    const { shares, clock } = world([twoHours]);
    clock.advance(HOUR);
    clock.setWall(clock.now() - ms);
    expect((await shares.grantOf(token))?.can).toEqual(["watch"]);
    expect(await shares.list(EVERYTHING)).toHaveLength(1);
    clock.advance(HOUR);
    expect(() => shares.grantOf(token)).toThrow("this link ended at 2026-01-01T02:00:00.000Z");
    expect(await shares.list(EVERYTHING)).toEqual([]);
    shares.close();
  });

  it.each([HOUR, 24 * HOUR, YEAR])(
    "back by %i ms while no server ran shuts out a link that was made after that, until it is right",
    async (ms) => {
      const { shares, clock } = world([twoHours], now - ms);
      await expect(shares.grantOf(token)).rejects.toThrow(
        "the clock of this server is before the time at which this link was made",
      );
      clock.setWall(now + HOUR);
      expect((await shares.grantOf(token))?.can).toEqual(["watch"]);
      shares.close();
    },
  );

  it.each([HOUR * 3, 24 * HOUR, YEAR])(
    "forward by %i ms shuts out links, and lets them in again once it is right",
    async (ms) => {
      const { shares, clock } = world([twoHours]);
      expect((await shares.grantOf(token))?.can).toEqual(["watch"]);
      clock.setWall(now + ms);
      expect(() => shares.grantOf(token)).toThrow("this link ended at");
      clock.setWall(now);
      expect((await shares.grantOf(token))?.can).toEqual(["watch"]);
      shares.close();
    },
  );

  it.each([HOUR * 3, 24 * HOUR, YEAR])(
    "forward by %i ms takes no link away, also where others are made meanwhile",
    async (ms) => {
      const { shares, clock } = world([twoHours]);
      expect((await shares.grantOf(token))?.can).toEqual(["watch"]);
      clock.setWall(now + ms);
      for (let n = 0; n < 500; n++) await shares.make("mine", 1_000, null);
      expect(() => shares.grantOf(token)).toThrow("this link ended at");
      clock.setWall(now);
      expect((await shares.grantOf(token))?.can).toEqual(["watch"]);
      shares.close();
    },
  );

  it("a link whose maker's clock goes a little before this one's lets in at once", async () => {
    const { shares } = world([{ ...twoHours, made_at: now + 60_000 }]);
    expect((await shares.grantOf(token))?.can).toEqual(["watch"]);
    shares.close();
  });
});

describe("links that have ended", () => {
  const now = manualClock().now();
  /** The first ended last. */
  const ended = Array.from({ length: 2_000 }, (_, n): KeptShare => {
    return { ...SHARE, number: String(100_000 + n), made_at: 0, ends_at: now - n };
  });
  const fill = async (last: Partial<KeptShare>) => {
    const opened = world([]);
    for (const one of ended) opened.known.set(one.number, one);
    const kept = { ...ended.at(-1)!, ...last };
    opened.known.set(kept.number, kept);
    return { ...opened, kept };
  };

  it("they are kept to the number of 2,000: a new one takes the place of the one that ended first", async () => {
    const { shares, known } = await fill({});
    const made = await shares.make("mine", 60_000, null);
    expect([known.size, known.has(made.number)]).toEqual([2_000, true]);
    expect(ended.filter(({ number }) => !known.has(number))).toEqual([ended.at(-1)]);
    shares.close();
  });

  it("one that somebody is still in by keeps its place where the clock was set forward", async () => {
    const { shares, clock, known, kept } = await fill({ ends_at: now + 1_000 });
    expect((await shares.grantOf(shareTokenOf(kept, KEY)))?.can).toEqual(["watch"]);
    for (const one of ended.slice(0, -1)) known.set(one.number, { ...one, ends_at: now + 2_000 });
    clock.setWall(now + 3_600_000);
    await shares.make("mine", 60_000, null);
    expect([known.size, known.has(kept.number)]).toEqual([2_000, true]);
    shares.close();
  });

  it("they count for nothing in the limit of those that are open", async () => {
    const { shares, known } = await fill({});
    for (let n = 0; n < 1_000; n++) await shares.make("mine", 60_000, null);
    await expect(shares.make("mine", 60_000, null)).rejects.toThrow("1000 links are open");
    expect(known.size).toBe(2_000);
    shares.close();
  });
});
