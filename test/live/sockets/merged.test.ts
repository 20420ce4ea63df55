/** Two ways to be told the same: sockets that read the form merge end where those end that read patches, over and over. */
import { describe, expect } from "vitest";
import { parseFrame } from "../../../client/wire/frames.js";
import type { ServerMessage } from "../../../shared/wire/serverMessages.js";
import { type Chance, seeded } from "../../support/chance.js";
import type { Frame } from "../../support/links/rawTab.js";
import { PatchedMirror } from "../../support/model/patchedMirror.js";
import { liveTest } from "../../support/servers/liveServer.js";

const tokens = [
  { token: "a-token-that-may-drive-0123456789", can: "drive" },
  { token: "a-token-that-may-watch-0123456789", can: "watch" },
] as const;

const bearer = (token: string) => `instep.bearer.${Buffer.from(token).toString("base64url")}`;

const READERS = tokens.flatMap(({ token }) =>
  [["instep.v1"], ["instep.v1", "instep.merge"]].map((protocols) => ({
    merges: protocols.length > 1,
    options: { protocols: [...protocols, bearer(token)] },
  })),
);

const ID = "w";
const WORDS = ["pending", "in_progress", "completed", "failed"];

/** Something a driver may do: a report, a key that comes or goes, steps that come and go, a secret. */
function someChange(chance: Chance, n: number): object {
  const index = chance.below(3);
  const step = (update: object) => ({ kind: "step", index, update });
  const save = (state: object) => ({ kind: "save", merge: true, state });
  const steps = Array.from({ length: 3 + chance.below(3) }, (_, i) => ({ action: `s${i}`, n }));
  return chance.pick([
    () => step({ status: chance.pick(WORDS), progress: n / 1_000, message: `at ${n}` }),
    () => step({ progress: n / 1_000, data: { "a/b": n, [`k${n % 3}`]: [n, { n }] } }),
    () => step({ tasks: Array.from({ length: chance.below(4) }, (_, i) => ({ name: `t${i}` })) }),
    () => save({ note: chance.pick([null, `note ${n}`]), "007": n, "12": { x: n } }),
    () => save({ secrets: { password: `secret ${n}` }, numbers: { "-": n, a: n, "0": n } }),
    () => save({ steps }),
  ])();
}

/** As our own client reads them. */
const read = (frames: readonly ServerMessage[]): ServerMessage[] =>
  frames.map((frame) => {
    const parsed = parseFrame(JSON.stringify(frame));
    if (!parsed.ok || !parsed.frame) throw new Error(`not read: ${JSON.stringify(frame)}`);
    return parsed.frame;
  });

describe("the form merge on the wire", () => {
  liveTest(
    "hello says that changes come in the form merge only to who offered it",
    async ({ serve }) => {
      const server = await serve();
      const old = await server.greet();
      const now = await server.greet({ protocols: ["instep.v1", "instep.merge"] });
      expect(old.hello).not.toHaveProperty("changes");
      expect(now.hello.changes).toBe("merge");
      expect(now.tab.socket.protocol).toBe("instep.v1");
      const { boot_id: _boot, server_time: _time, changes: _changes, ...rest } = now.hello;
      expect(old.hello).toMatchObject(rest);
    },
  );

  liveTest(
    "a report of two fields takes at most 250 bytes, whatever the size of the state",
    async ({ serve }) => {
      const server = await serve();
      const tab = await server.openTab({ protocols: ["instep.v1", "instep.merge"] });
      const workflow_id = "workflow_1764168364000_a1b2c3";
      const steps = Array.from({ length: 500 }, (_, i) => ({
        action: `step ${i}`,
        status: "pending",
      }));
      await server.saved({ workflow_id, steps });
      tab.subscribe(workflow_id);
      await tab.take("snapshot");
      const report = async (update: object) => {
        await server.call("PATCH", "/workflow/state/steps/321", { body: update });
        return Buffer.byteLength(JSON.stringify(await tab.take("changed")));
      };
      const started = await report({ status: "in_progress", progress: 0, message: "begins" });
      expect(started).toBeLessThanOrEqual(400);
      const bytes = await report({ progress: 0.42, message: "copied 420 of 1000 files" });
      expect(bytes).toBeLessThanOrEqual(250);
    },
  );

  liveTest(
    "all readers of all forms and rights end with the server's state, however often they come back",
    ({ serve }) =>
      seeded(async (chance) => {
        const server = await serve({ tokens: [...tokens] });
        const driver = await server.openTab(READERS[0]!.options);
        const steps = ["s0", "s1", "s2"].map((action) => ({ action }));
        await driver.accepted({ kind: "save", state: { workflow_id: ID, steps } });
        const mirrors = READERS.map(() => new PatchedMirror(ID));
        const heard = READERS.map(() => new Set<string>());
        let changes = 0;
        const change = async () => {
          changes += 1;
          // Several at once are often saved, and told, together.
          const some = Array.from({ length: 1 + chance.below(4) }, () =>
            someChange(chance, changes),
          );
          for (const answer of await Promise.all(some.map((command) => driver.ask(command))))
            if (answer.type !== "accepted") throw new Error(JSON.stringify(answer));
        };
        for (let round = 0; round < 5; round++) {
          const tabs = await Promise.all(READERS.map(({ options }) => server.openTab(options)));
          for (const [i, tab] of tabs.entries()) tab.subscribe(ID, mirrors[i]!.position);
          for (let n = 0; n < 8; n++) await change();
          for (const [i, tab] of tabs.entries()) {
            const frames = await tab.rest();
            for (const frame of frames) for (const key of Object.keys(frame)) heard[i]!.add(key);
            mirrors[i]!.takeAll(read(frames));
            tab.drop();
          }
          // The next tabs hear from what was missed.
          await change();
        }
        for (const [i, { options, merges }] of READERS.entries()) {
          const tab = await server.openTab(options);
          tab.subscribe(ID);
          const [whole] = await tab.rest();
          const last = await server.openTab(options);
          last.subscribe(ID, mirrors[i]!.position);
          mirrors[i]!.takeAll(read(await last.rest()));
          expect(mirrors[i]!.state).toEqual((whole as Frame<"snapshot">).state);
          expect(heard[i]!.has("merge")).toBe(merges);
        }
      }),
  );
});
