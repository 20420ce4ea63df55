/** A start that is refused half way: nothing of it goes on working on a folder that is not its own any more. */
import { existsSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { createInstep } from "../../../server/server.js";
import type { Store } from "../../../server/state/store/store.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { MemoryStore } from "../../support/disks/memoryStore.js";
import { recordOf } from "../../support/disks/records.js";
import { liveTest } from "../../support/servers/liveServer.js";

/** A store that throws when it is used for the `nth` time, and knows how many listen to it. */
function throwingAt(nth: number, store: MemoryStore) {
  let uses = 0;
  let listening = 0;
  const proxy = new Proxy<Store>(store, {
    get: (target, name) => {
      uses += 1;
      // `close` is the end of what was begun before the refusal.
      if (uses === nth && name !== "close") throw new Error(`use ${nth} is refused`);
      if (name === "listen") {
        return (...args: Parameters<Store["listen"]>) => {
          const stop = target.listen(...args);
          listening += 1;
          return () => {
            listening -= 1;
            stop();
          };
        };
      }
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { store: proxy, listening: () => listening };
}

async function withWorkflows(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.commit(recordOf({ workflow_id: "ended", epoch: "e1", clear_at: 1 }), null);
  const lease = { token: 1, driver: "me" };
  await store.commit(recordOf({ workflow_id: "driven", epoch: "e2", lease, fence: 1 }), null);
  return store;
}

describe("a refused start", () => {
  liveTest(
    "a refused start leaves no timer, no listener and no lock, wherever it was refused",
    async ({ folder }) => {
      let isRefused = true;
      let refusals = 0;
      for (let nth = 1; isRefused; nth++) {
        const clock = manualClock();
        const throwing = throwingAt(nth, await withWorkflows());
        const starting = createInstep({ dataDir: folder, clock, store: throwing.store });
        const instep = await starting.catch((error: Error) => {
          expect(error.message).toBe(`use ${nth} is refused`);
          return null;
        });
        isRefused = instep === null;
        if (instep) await instep.close();
        else refusals += 1;
        expect([clock.waiting, throwing.listening()], `use ${nth}`).toEqual([0, 0]);
        expect(existsSync(join(folder, "instep.lock")), `use ${nth}`).toBe(false);
      }
      expect(refusals).toBeGreaterThan(8);
    },
  );

  liveTest("a refused start clears nothing away later, as a server would", async ({ serve }) => {
    const server = await serve({ clearAfterMs: 1_000 });
    await server.saved({ workflow_id: "ended", status: "completed" });
    await server.stop();
    const { dataDir, clock } = server;
    const isPrivate = join(dataDir, "private");
    await rename(isPrivate, `${isPrivate}.aside`);
    await writeFile(isPrivate, "a file in the place of a folder");
    const failing = createInstep({ dataDir, clock, clearAfterMs: 1_000 });
    await expect(failing).rejects.toThrow("private");
    expect(clock.waiting).toBe(0);
    clock.advance(60_000);
    await rm(isPrivate);
    await server.restart({ clock: manualClock() });
    const { body } = await server.get("/workflow/state?workflow_id=ended");
    expect(body.state.status).toBe("completed");
  });
});
