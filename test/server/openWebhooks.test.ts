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

function open(webhooks: unknown, shared: object | null) {
  const store = new MemoryStore();
  const storage = { disk: memoryDisk(), store, commits: commitsOf(store), shared, unread: [] };
  const basis = { clock: manualClock(), log: silentLog, metrics: null };
  const options = { dataDir: "/data", webhooks } as never;
  const runner = () => {
    throw new Error("the runner is not asked for");
  };
  return openWebhooks(options, basis as unknown as Basis, storage as unknown as Storage, runner);
}

describe("opening webhooks", () => {
  test("a server that shares its store with others refuses webhooks of its settings, and has none otherwise", async () => {
    await expect(open([HOOK], {})).rejects.toThrow(
      "webhooks: a server that shares its store with others cannot tell webhooks yet: use on_end and on_blocked of the definitions",
    );
    expect(await open([], {})).toBeNull();
    expect(await open(undefined, {})).toBeNull();
  });

  test("a server alone has them, and refuses one that cannot be used by its field", async () => {
    const webhooks = await open([HOOK], null);
    expect(webhooks?.waiting).toBe(0);
    await webhooks?.close();
    await expect(open([{ url: "example.org" }], null)).rejects.toThrow(
      "webhooks: entry 1: url must be an address that begins with https:// (or http://)",
    );
  });
});
