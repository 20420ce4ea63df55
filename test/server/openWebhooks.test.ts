/** Opening the part of a server that tells webhooks: where it is refused, and with which words. */
import { describe, expect, test } from "vitest";
import type { Basis } from "../../server/basis.js";
import { silentLog } from "../../server/log/log.js";
import { openWebhooks } from "../../server/openWebhooks.js";
import type { Storage } from "../../server/storage.js";
import { manualClock } from "../support/clocks/manualClock.js";
import { commitsOf } from "../support/disks/commitsOf.js";
import { memoryDisk } from "../support/disks/memoryDisk.js";
import { MemoryStore } from "../support/disks/memoryStore.js";

const HOOK = { url: "https://example.org/hook" };

function open(webhooks: unknown) {
  const store = new MemoryStore();
  const storage = {
    disk: memoryDisk(),
    store,
    commits: commitsOf(store),
    shared: null,
    unread: [],
  };
  const basis = { clock: manualClock(), log: silentLog, metrics: null };
  const options = { dataDir: "/data", webhooks } as never;
  const runner = () => {
    throw new Error("the runner is not asked for");
  };
  const given = [basis as unknown as Basis, storage as unknown as Storage] as const;
  return openWebhooks(options, ...given, "boot", runner);
}

describe("opening webhooks", () => {
  test("a server alone has them, and refuses one that cannot be used by its field", async () => {
    const webhooks = await open([HOOK]);
    expect(webhooks.waiting).toBe(0);
    await webhooks.close();
    await expect(open([{ url: "example.org" }])).rejects.toThrow(
      "webhooks: entry 1: url must be an address that begins with https:// (or http://)",
    );
  });
});
