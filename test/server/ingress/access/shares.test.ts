/** Links that another server made a moment ago: the store is asked before anybody hears that there is no such link. */
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
    put: async (share) => void known.set(share.number, share),
    remove: async (number) => void known.delete(number),
    listen: () => () => {},
    close: () => {},
  };
  const workflows = {
    find: () => (known.size > 0 ? { record: { epoch: "e" } } : null),
  } as unknown as Pick<Workflows, "find">;
  const commits = { listen: () => () => {} } as unknown as Commits;
  const shares = new Shares({ open: async () => store, workflows, commits, clock });
  return { shares, asked, clock };
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

  it("a link whose maker's clock goes a little before this one's lets in at once", async () => {
    const { shares } = world([{ ...twoHours, made_at: now + 60_000 }]);
    expect((await shares.grantOf(token))?.can).toEqual(["watch"]);
    shares.close();
  });
});
