/** A link that shows one workflow: at every door, nothing else, and not for ever. */
import { describe, expect } from "vitest";
import type { ShareMadeAnswer, ShareView } from "../../../shared/wire/rest.js";
import { commandLine } from "../../support/servers/commandLine.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const HOUR_MS = 3_600_000;
const CANARY = "canary-in-another-mine";
const tokens = [
  { token: "the-token-of-ann", can: "drive", name: "ann" },
  { token: "the-token-of-bob", can: "drive", name: "bob", workflows: ["mine", "mine-*"] },
  { token: "the-token-of-eve", can: "watch", name: "eve" },
  { token: "the-token-of-adm", can: "admin", name: "adm" },
] as const;
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const ANN = bearer(tokens[0].token);
const BOB = bearer(tokens[1].token);
const EVE = bearer(tokens[2].token);
const ADM = bearer(tokens[3].token);

async function world(serve: (options: object) => Promise<LiveServer>) {
  const server = await serve({ tokens });
  const steps = [{ action: "build", message: "ours" }];
  await server.saved({ workflow_id: "mine", steps }, ANN);
  await server.saved({ workflow_id: "theirs", title: CANARY, steps: [{ action: CANARY }] }, ANN);
  const share = async (headers = ANN, body: object = { workflow_id: "mine", for_ms: HOUR_MS }) =>
    server.call("POST", "/workflow/share", { body, headers });
  const made = async (): Promise<ShareMadeAnswer> => {
    const answer = await share();
    expect([answer.text, answer.status]).toEqual([answer.text, 201]);
    return answer.body as unknown as ShareMadeAnswer;
  };
  return { server, share, made };
}

describe("a link", () => {
  liveTest("a link shows its workflow at every door, and nothing else", async ({ serve }) => {
    const { server, made } = await world(serve);
    const { token, path } = await made();
    expect(path).toBe(`w/mine#t=${token}`);
    const link = bearer(token);
    const log = "/workflow/state/steps/0/log";
    for (const read of [
      "/workflow/state",
      "/workflow/state?workflow_id=mine",
      "/workflow/state/summary",
      "/workflows",
      "/workflow/definitions",
      `${log}?workflow_id=mine`,
    ]) {
      const { status, text } = await server.get(read, link);
      expect([read, status]).toEqual([read, 200]);
      expect(text).not.toContain(CANARY);
    }
    expect((await server.get("/workflow/state", link)).body.state.workflow_id).toBe("mine");
    const listed = (await server.get("/workflows", link)).body.workflows;
    expect(listed.map(({ workflow_id }) => workflow_id)).toEqual(["mine"]);
    expect((await server.get("/workflow/definitions", link)).body).toMatchObject({
      definitions: [],
      problems: [],
    });
    for (const [method, closed, body] of [
      ["GET", "/workflow/state?workflow_id=theirs", undefined],
      ["GET", `${log}?workflow_id=theirs`, undefined],
      ["GET", "/workflow/shares", undefined],
      ["POST", "/workflow/state", { workflow_id: "mine", title: "x" }],
      ["POST", "/workflow/start", { name: "any", workflow_id: "mine" }],
      ["POST", "/workflow/retry", { workflow_id: "mine" }],
      ["POST", "/workflow/clear", { workflow_id: "mine" }],
      ["DELETE", "/workflow/state?workflow_id=mine", undefined],
      ["POST", "/workflow/share", { workflow_id: "mine" }],
      ["DELETE", "/workflow/share", { share: token }],
    ] as const) {
      const given = body === undefined ? {} : { body };
      const { status, text } = await server.call(method, closed, { headers: link, ...given });
      expect([method, closed, status]).toEqual([method, closed, 403]);
      expect(text).not.toContain(CANARY);
    }
    const { tab, hello } = await server.greet({ headers: link });
    expect(hello.can).toEqual(["watch"]);
    expect(hello).not.toHaveProperty("user");
    tab.subscribe("current");
    expect(await tab.take("current")).toMatchObject({ workflow_id: "mine" });
    tab.subscribe("*");
    tab.subscribe("theirs");
    const heard = JSON.stringify(await tab.rest());
    expect(heard).toContain('"forbidden"');
    expect(heard).not.toContain(CANARY);
    await server.saved({ workflow_id: "newer", title: CANARY }, ANN);
    expect(JSON.stringify(await tab.rest())).not.toContain(CANARY);
  });

  liveTest("a link ends by the clock, cuts off, and says when it ended", async ({ serve }) => {
    const { server, made } = await world(serve);
    const { token, share } = await made();
    const tab = await server.openTab({ headers: bearer(token) });
    const log = await fetch(`${server.url}/workflow/state/steps/0/log?follow=1`, {
      headers: bearer(token),
    });
    server.clock.advance(HOUR_MS);
    expect(await tab.closed).toEqual({ code: 4401, reason: `this link ended at ${share.ends_at}` });
    await expect(log.text()).rejects.toThrow();
    for (let i = 0; i < 30; i++) {
      const { status, body } = await server.get("/workflow/state", bearer(token));
      expect([status, body.message]).toEqual([401, `this link ended at ${share.ends_at}`]);
    }
    expect((await server.get("/workflow/shares", ANN)).body.shares).toEqual([]);
  });

  liveTest(
    "a link that was taken back lets nobody in, also after a restart, and is a wrong token",
    async ({ serve }) => {
      const { server, made } = await world(serve);
      const first = await made();
      const second = await made();
      const tab = await server.openTab({ headers: bearer(first.token) });
      const revoke = (share: string) =>
        server.call("DELETE", "/workflow/share", { body: { share }, headers: ANN });
      expect((await revoke(first.token)).body.share).toEqual(first.share);
      expect(await tab.closed).toEqual({ code: 4401, reason: "this link was taken back" });
      expect((await revoke(first.share.number)).status).toBe(404);
      await server.restart();
      expect((await server.get("/workflow/state", bearer(second.token))).status).toBe(200);
      const statuses: number[] = [];
      for (let i = 0; i < 30; i++)
        statuses.push((await server.get("/workflow/state", bearer(first.token))).status);
      expect(new Set(statuses)).toEqual(new Set([401, 429]));
      expect((await server.get("/workflow/state", bearer(second.token))).status).toBe(200);
    },
  );

  liveTest(
    "a link shows one life of its workflow, and no later one of the same id",
    async ({ serve }) => {
      const { server, made } = await world(serve);
      const { token } = await made();
      const tab = await server.openTab({ headers: bearer(token) });
      tab.subscribe("mine");
      await tab.take("snapshot");
      await server.call("DELETE", "/workflow/state?workflow_id=mine", { headers: ANN });
      await server.saved({ workflow_id: "mine", title: CANARY }, ANN);
      expect(await tab.closed).toMatchObject({ code: 4401 });
      const { status, text } = await server.get("/workflow/state?workflow_id=mine", bearer(token));
      expect(status).toBe(401);
      expect(text).toContain("the workflow of this link is gone");
    },
  );

  liveTest(
    "links are made and listed by those who may drive, and taken back by who made them or an admin",
    async ({ serve }) => {
      const { server, share, made } = await world(serve);
      const { share: anns } = await made();
      const statusOf = async (...given: Parameters<typeof share>) => (await share(...given)).status;
      expect(await statusOf(EVE)).toBe(403);
      expect(await statusOf(BOB, { workflow_id: "theirs" })).toBe(403);
      expect(await statusOf(ANN, { workflow_id: "nowhere" })).toBe(404);
      for (const for_ms of [0, -1, 999, 1.5, 31 * 24 * HOUR_MS])
        expect([for_ms, await statusOf(ANN, { workflow_id: "mine", for_ms })]).toEqual([
          for_ms,
          400,
        ]);
      expect(await statusOf(ANN, { workflow_id: "mine", forms: 1 })).toBe(400);
      const theirs = (await share(ANN, { workflow_id: "theirs" })).body.share as ShareView;
      expect(Date.parse(theirs.ends_at) - Date.parse(theirs.made_at)).toBe(24 * HOUR_MS);
      const listed = async (headers: Record<string, string>, query = "") =>
        (await server.get(`/workflow/shares${query}`, headers)).body.shares;
      expect(await listed(BOB)).toEqual([anns]);
      expect(await listed(ANN, "?workflow_id=theirs")).toEqual([theirs]);
      expect(JSON.stringify(await listed(ANN))).not.toContain("share.");
      const revoke = async (headers: Record<string, string>, { number }: ShareView) =>
        (await server.call("DELETE", "/workflow/share", { body: { share: number }, headers }))
          .status;
      expect([await revoke(BOB, anns), await revoke(BOB, theirs)]).toEqual([403, 404]);
      expect([await revoke(ADM, anns), await revoke(ANN, theirs)]).toEqual([200, 200]);
    },
  );

  liveTest("the command makes links, lists them and takes them back", async ({ serve }) => {
    const { server } = await world(serve);
    const env = { INSTEP_URL: server.url, INSTEP_TOKEN: tokens[0].token };
    const said = async (...args: string[]) => {
      const { code, stdout, stderr } = await commandLine(["share", ...args], { env });
      expect([args, stderr, code]).toEqual([args, stderr, 0]);
      return stdout;
    };
    const link = (await said("mine", "--for", "2h")).trim();
    expect(link).toMatch(new RegExp(`^${server.url}/w/mine#t=share\\.`));
    const [one] = [JSON.parse(await said("--list", "--json"))];
    expect(one).toMatchObject({ workflow_id: "mine", by: "ann" });
    expect(Date.parse(one.ends_at) - Date.parse(one.made_at)).toBe(2 * HOUR_MS);
    expect(await said("mine", "--list")).toContain(one.number);
    expect(await said("--revoke", link)).toContain(one.number);
    expect(await said("--list")).toBe("No links.\n");
    for (const args of [[], ["mine", "--for", "2"], ["mine", "--list", "--revoke", "1"]]) {
      const { code } = await commandLine(["share", ...args], { env });
      expect([args, code]).toEqual([args, 2]);
    }
  });

  liveTest("an open server makes no links, and says why", async ({ serve }) => {
    const server = await serve();
    await server.saved({ workflow_id: "mine" });
    const { status, body } = await server.call("POST", "/workflow/share", { body: {} });
    expect([status, body.message]).toEqual([
      400,
      expect.stringContaining("asks nobody for a token"),
    ]);
    await expect(server.instep.share("mine")).rejects.toThrow("asks nobody for a token");
  });

  liveTest("a program that embeds Instep makes links, too", async ({ serve }) => {
    const { server } = await world(serve);
    const { number, token, path, ends_at } = await server.instep.share("mine", { forMs: HOUR_MS });
    expect(path).toBe(`w/mine#t=${token}`);
    expect(Date.parse(ends_at)).toBe(server.clock.now() + HOUR_MS);
    expect((await server.get("/workflow/state", bearer(token))).status).toBe(200);
    await server.instep.revokeShare(number);
    expect((await server.get("/workflow/state", bearer(token))).status).toBe(401);
  });
});
