/** A tab that reads too slowly gets fewer, larger pictures; nobody else notices. */
import { describe, expect } from "vitest";
import type { ServerMessage } from "../../../shared/wire/serverMessages.js";
import { until } from "../../support/deadline.js";
import type { RawTab } from "../../support/links/rawTab.js";
import { PatchedMirror } from "../../support/model/patchedMirror.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const CHANGES = 40;
const KILOBYTES_500 = 500_000;

/** Together more than the kernel takes for a reader that does not read; the quick one is told each before the next is made. */
async function changeALot(server: LiveServer, quick: RawTab): Promise<void> {
  for (let i = 0; i < CHANGES; i++) {
    const text = `${i} `.padEnd(KILOBYTES_500, "x");
    const answer = await server.call("PATCH", "/workflow/state", { body: { text, i } });
    expect(answer.status).toBe(200);
    expect(await quick.take("changed")).toMatchObject({ revision: i + 2 });
  }
}

describe("a slow watcher", () => {
  liveTest(
    "a slow watcher gets one snapshot in the place of what it could not take",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "big" });
      const [slow, quick] = [await server.openTab(), await server.openTab()];
      for (const tab of [slow, quick]) {
        tab.subscribe("big");
        await tab.take("snapshot");
      }
      slow.socket.pause();
      await changeALot(server, quick);
      // Its answers are not lost, however late it reads them.
      const request = slow.propose({ kind: "save", merge: true, state: { last: true } });
      await until(async () => (await server.get()).body.state.last === true, "it is applied");
      slow.socket.resume();

      const now = (await server.get()).body;

      const heard: ServerMessage[] = [];
      const mirror = new PatchedMirror("big", { epoch: now.epoch, revision: 1, state: {} });
      while (mirror.position?.revision !== now.revision) {
        const frame = await slow.next();
        heard.push(frame);
        // The patches before the snapshot lead to states that nobody here can check but by their positions.
        mirror.take(frame.type === "changed" ? { ...frame, patch: [] } : frame);
      }
      expect(mirror.state).toEqual(now.state);
      heard.push(...(await slow.rest()));
      expect(heard.filter(({ type }) => type === "snapshot")).toHaveLength(1);
      expect(heard.filter(({ type }) => type === "changed").length).toBeLessThan(CHANGES);
      expect(heard).toContainEqual(
        expect.objectContaining({ type: "accepted", request_id: request }),
      );

      expect((await quick.rest()).map(({ type }) => type)).toEqual(["changed"]);
      // Having caught up, it is told everything again.
      await server.call("PATCH", "/workflow/state", { body: { more: true } });
      expect(await slow.take("changed")).toMatchObject({ base: now.revision });
    },
  );

  liveTest(
    "a slow watcher that lets answers pile up is closed, and may come back",
    async ({ serve }) => {
      const server = await serve({ limits: { stuckBytes: 100_000, rateRefusals: 1e6 } });
      await server.saved({ workflow_id: "big" });
      const [stuck, other] = [await server.openTab(), await server.openTab()];
      for (const tab of [stuck, other]) {
        tab.subscribe("big");
        await tab.take("snapshot");
      }
      stuck.socket.pause();
      await changeALot(server, other);
      // Few, so that all are read in the two seconds that a socket has between its close and its end.
      for (let i = 0; i < 20; i++) stuck.send({ type: "unknown" });
      stuck.propose({ kind: "save", merge: true, state: { last: true } });
      await until(async () => (await server.get()).body.state.last === true, "all were read");
      stuck.socket.resume();
      expect((await stuck.closed).code).toBe(4008);
      expect((await other.rest()).map(({ type }) => type)).toEqual(["changed"]);
      const back = await server.openTab();
      back.subscribe("big");
      expect(await back.take("snapshot")).toMatchObject({ revision: CHANGES + 2 });
    },
  );
});
