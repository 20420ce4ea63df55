/** A damaged workflow is brought back as it was before: another life, which nobody takes for the newer one. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { silentLog } from "../../../server/log/log.js";
import { fileNameOf } from "../../../server/machine/fileName.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const NAME = `${fileNameOf("w")}.json`;
const STEPS = [{ action: "build", status: "in_progress" }, { action: "ship" }];
const STATE = "/workflow/state?workflow_id=w";
const RESTORE = "/workflow/restore?workflow_id=w";
const LOG = "/workflow/state/steps/0/log?workflow_id=w";

const DAMAGES: Record<string, (text: string) => string> = {
  "a cut": (text) => text.slice(0, text.length / 2),
  "a flipped bit": (text) => text.replace('"second"', '"secone"'),
  nothing: () => "",
};

async function damaged(server: LiveServer, by = DAMAGES["a flipped bit"]!): Promise<void> {
  await server.stop();
  const path = join(server.dataDir, "workflows", NAME);
  await writeFile(path, by(await readFile(path, "utf8")));
  await server.restart();
}

async function withTwoVersions(server: LiveServer) {
  await server.saved({ workflow_id: "w", title: "first", steps: STEPS });
  const second = await server.saved({ workflow_id: "w", title: "second", steps: STEPS });
  return second;
}

describe("a damaged workflow that is restored", () => {
  liveTest.for(Object.entries(DAMAGES))(
    "a workflow restored after %s is the version before it, interrupted, in an epoch of its own",
    async ([, by], { serve }) => {
      const server = await serve();
      const second = await withTwoVersions(server);
      await server.call("POST", LOG, {
        body: "printed\n",
        headers: { "Content-Type": "text/plain" },
      });
      const saved_at = (await server.get(STATE)).body.state.last_update;
      await damaged(server, by);
      const { body: told } = await server.get(STATE);
      expect(told.damaged).toMatchObject({ backup: { saved_at, status: "running" } });
      expect((await server.call("PATCH", STATE, { body: { title: "x" } })).status).toBe(409);
      const tab = await server.openTab();
      for (const id of ["*", "w"]) tab.subscribe(id);
      expect(await tab.take("snapshot")).toMatchObject({ workflow_id: "*" });
      expect(await tab.take("closed")).toMatchObject({ reason: "damaged" });

      const key = { headers: { "Idempotency-Key": "once" } };
      const answer = await server.call("POST", RESTORE, key);
      expect(answer.body).toMatchObject({
        success: true,
        message: "Workflow restored",
        revision: 1,
      });
      expect(answer.body.epoch).not.toBe(second.epoch);
      expect((await server.call("POST", RESTORE, key)).body).toEqual(answer.body);
      expect(await tab.take("snapshot")).toMatchObject({
        workflow_id: "w",
        epoch: answer.body.epoch,
        state: { title: "first" },
      });
      server.clock.advance(1_000);
      expect((await tab.take("changed")).patch).toContainEqual({
        op: "remove",
        path: `/damaged/${NAME}`,
      });

      for (let start = 1; start <= 2; start++) {
        const { state, epoch } = (await server.get(STATE)).body;
        expect(epoch).toBe(answer.body.epoch);
        expect(state).toMatchObject({
          title: "first",
          status: "interrupted",
          interruption: { reason: "restored", step: 0 },
          recovered_from_backup: { saved_at },
        });
        expect((await server.get(LOG)).text).toBe("printed\n");
        expect((await server.call("POST", RESTORE)).status).toBe(404);
        const old = { "If-Match": `"${second.epoch}.${second.revision}"` };
        for (const revision of [1, 2]) {
          const headers = { "If-Match": `"${second.epoch}.${revision}"` };
          const late = await server.call("PATCH", STATE, { body: { title: "late" }, headers });
          expect(late.status).toBe(412);
        }
        expect((await server.call("DELETE", STATE, { headers: old })).status).toBe(412);
        await server.restart();
      }
      const files = await readdir(join(server.dataDir, "workflows"));
      expect(files.filter((name) => name.includes(".damaged-"))).toHaveLength(1);

      await server.call("POST", LOG, { body: "more\n", headers: { "Content-Type": "text/plain" } });
      expect((await server.get(LOG)).text).toBe("printed\nmore\n");
      expect((await server.call("DELETE", STATE)).status).toBe(200);
      await server.restart();
      expect((await server.get(STATE)).body).toMatchObject({ state: null });
      expect(await readdir(join(server.dataDir, "logs"))).toEqual([]);
    },
  );

  liveTest(
    "a restored workflow that printed nothing gives nothing to complain of",
    async ({ serve }) => {
      const complaints: string[] = [];
      const complain = (_details: object, message: string) => void complaints.push(message);
      const server = await serve({ log: { ...silentLog, error: complain } });
      await withTwoVersions(server);
      await damaged(server);
      expect((await server.call("POST", RESTORE)).status).toBe(200);
      expect((await server.get(LOG)).text).toBe("");
      expect(complaints).toEqual(["a damaged file was moved aside"]);
    },
  );

  liveTest(
    "a damaged workflow that is restored has no driver: the tokens of before count no more",
    async ({ serve }) => {
      const server = await serve();
      await withTwoVersions(server);
      const driver = await server.openTab();
      driver.propose({ kind: "claim", workflow_id: "w", driver: "me" });
      const { token } = await driver.take("accepted");
      await damaged(server);
      const tab = await server.openTab();
      tab.propose({ kind: "restore", workflow_id: "w" });
      await tab.take("accepted");
      tab.propose({ kind: "claim", workflow_id: "w", driver: "another" });
      const claimed = await tab.take("accepted");
      expect(claimed.token).toBeGreaterThan(token!);
      for (const late of [token, token! + 1, undefined]) {
        tab.propose(
          { kind: "step", workflow_id: "w", index: 0, update: { message: "late" } },
          { token: late },
        );
        expect(await tab.take("refused")).toMatchObject({ code: "stale_driver" });
      }
      const set = {
        kind: "save",
        workflow_id: "w",
        state: { steps: STEPS, recovered_from_backup: 1 },
      };
      tab.propose(set, { token: claimed.token });
      await tab.take("accepted");
      const { state } = (await server.get(STATE)).body;
      expect(state).toMatchObject({ recovered_from_backup: { at: expect.any(String) } });
    },
  );

  liveTest(
    "a damaged workflow that is restored is refused where nothing is damaged, and where nothing was before",
    async ({ serve }) => {
      const server = await serve();
      expect((await server.call("POST", RESTORE)).body).toMatchObject({ code: "unknown_workflow" });
      await server.saved({ workflow_id: "w", title: "second" });
      expect((await server.call("POST", RESTORE)).status).toBe(404);
      expect((await server.call("POST", "/workflow/restore")).status).toBe(400);
      await damaged(server);
      expect((await server.get(STATE)).body.damaged).toMatchObject({ backup: null });
      expect((await server.call("POST", RESTORE)).body).toMatchObject({
        status: 409,
        code: "damaged",
      });
      await server.call("DELETE", STATE);
      expect((await server.call("POST", RESTORE)).status).toBe(404);
    },
  );

  liveTest(
    "a damaged workflow that is restored is not what was cleared, or lived before under its id",
    async ({ serve }) => {
      const server = await serve();
      await withTwoVersions(server);
      await server.call("DELETE", STATE, { headers: { "Idempotency-Key": "clear" } });
      await damaged(server, () => "");
      expect((await server.call("POST", RESTORE)).status).toBe(409);
      await server.call("DELETE", STATE);
      await server.saved({ workflow_id: "w", title: "second" });
      await damaged(server);
      expect((await server.get(STATE)).body.damaged).toMatchObject({ backup: null });
    },
  );

  liveTest(
    "a damaged workflow that is restored needs a token that may drive it",
    async ({ serve }) => {
      const tokens = [
        { token: "all-token", can: "drive" },
        { token: "view-token", can: "watch" },
        { token: "other-token", can: "drive", workflows: ["v*"] },
        { token: "bound-token", can: "drive", workflows: ["w"] },
      ] as const;
      const as = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
      const server = await serve({ tokens });
      for (const title of ["first", "second"])
        await server.saved({ workflow_id: "w", title }, as("all-token").headers);
      await damaged(server);
      for (const token of ["view-token", "other-token"])
        expect((await server.call("POST", RESTORE, as(token))).status).toBe(403);
      expect((await server.call("POST", RESTORE, as("bound-token"))).status).toBe(200);
    },
  );
});
