/** Webhooks are told of ends, questions and interruptions over real sockets: once, in order, signed, and again where a receiver failed. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import type { WebhookOptions } from "../../../server/webhooks/readWebhooks.js";
import type { DeliveryView } from "../../../shared/wire/deliveries.js";
import { until } from "../../support/deadline.js";
import { openReceiver, signatureOf } from "../../support/links/receiver.js";
import { commandLine } from "../../support/servers/commandLine.js";
import { IS_ON_ETCD, type LiveServer, liveTest } from "../../support/servers/liveServer.js";

// A node whose clock stands still is not sure that the others see it, and tells nobody: test/live/cluster/webhooks.test.ts has real time.
const test = liveTest.skipIf(IS_ON_ETCD);

const state = (workflow_id: string, status: string, more: object = {}) => ({
  ...{ workflow_id, name: "Nightly", status, current_step: 0, ...more },
  steps: [{ action: "copy", status: status === "running" ? "in_progress" : status, index: 0 }],
  start_time: "2026-01-01T00:00:00Z",
});
const to = (url: string, more: Partial<WebhookOptions> = {}): WebhookOptions => ({
  ...{ url, allow_private: true, ...more },
});
const deliveriesOf = async (server: LiveServer, id: string): Promise<readonly DeliveryView[]> =>
  (await server.get(`/workflow/state/deliveries?workflow_id=${id}`)).body
    .deliveries as DeliveryView[];
async function untilAll(
  server: LiveServer,
  id: string,
  fits: (one: DeliveryView) => boolean,
): Promise<readonly DeliveryView[]> {
  let seen: readonly DeliveryView[] = [];
  await until(
    async () => {
      seen = await deliveriesOf(server, id);
      return seen.length > 0 && seen.every(fits);
    },
    () => `the deliveries to fit: ${JSON.stringify(seen, null, 1)}`,
  );
  return seen;
}
const isDelivered = ({ status }: DeliveryView) => status === "delivered";

function* filesIn(folder: string): Iterable<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(file);
    else yield file;
  }
}

describe("what is told", () => {
  test("an end is told once, signed, and what signs it is found nowhere", async ({ serve }) => {
    const secret = "a-secret-that-nobody-may-read";
    const receiver = await openReceiver();
    const server = await serve({
      webhooks: [to(receiver.url, { secret: { env: "HOOK_SECRET" }, name: "team" })],
      secretEnv: { HOOK_SECRET: secret },
    });
    await server.saved(state("nightly", "running"));
    const { epoch, revision } = await server.saved(state("nightly", "completed"));
    const told = await receiver.untilTold(1);
    expect(told.event).toMatchObject({
      ...{ type: "ended", workflow_id: "nightly", epoch, revision, status: "completed" },
      page: `${server.url.replace(/\/$/, "")}/w/nightly`,
    });
    expect(told.headers["webhook-id"]).toBe(told.event.id);
    expect(told.headers["webhook-signature"]).toBe(signatureOf(told, secret));
    const [delivery] = await untilAll(server, "nightly", isDelivered);
    expect(delivery).toMatchObject({
      ...{ id: told.event.id, webhook: "team", host: `127.0.0.1:${receiver.port}`, event: "ended" },
      ...{ tries: 1, code: 204, error: null, next_try_at: null },
    });
    const shown = [await server.get("/workflow/state"), await server.get("/workflows")];
    for (const { text } of shown) expect(text).not.toMatch(/team|key-in-the-path|nobody-may-read/);
    expect(JSON.stringify(delivery)).not.toContain("key-in-the-path");
    await server.stop();
    expect(receiver.told).toHaveLength(1);
    for (const file of filesIn(server.dataDir)) {
      expect(readFileSync(file, "utf8")).not.toContain(secret);
      expect(statSync(file).mode & 0o077).toBe(0);
    }
    expect(server.clock.waiting).toBe(0);
  });

  test("each event is told in order to whoever asked for it, and to nobody that a driver names", async ({
    serve,
  }) => {
    const all = await openReceiver();
    const questions = await openReceiver();
    const others = await openReceiver();
    const drivers = await openReceiver();
    const server = await serve({
      webhooks: [
        to(all.url),
        to(questions.url, { name: "questions", events: ["blocked"], format: "slack" }),
        to(others.url, { name: "others", workflows: ["other-*"] }),
      ],
    });
    const own = { webhooks: [{ url: drivers.url, allow_private: true }] };
    const asks = { block_info: { id: "q", prompt: "Go on?" } };
    await server.saved(state("nightly", "running", own));
    await server.saved(state("nightly", "blocked", { ...own, ...asks }));
    await server.saved(state("nightly", "interrupted"));
    await server.saved(state("nightly", "failed", { ...own, error_message: "no <space>" }));
    await all.untilTold(3);
    expect(all.told.map(({ event }) => event.type)).toEqual(["blocked", "interrupted", "ended"]);
    expect(all.told[0]?.event).toMatchObject({ question: "Go on?" });
    expect(all.told[2]?.event).toMatchObject({ status: "failed", error: "no <space>" });
    const { event } = await questions.untilTold(1);
    expect(event.text).toBe("Nightly: waits for an answer");
    await untilAll(server, "nightly", isDelivered);
    await server.stop();
    expect([questions, others, drivers].map(({ told }) => told.length)).toEqual([1, 0, 0]);
  });

  test("an end is told where the workflow was cleared right behind it", async ({ serve }) => {
    const receiver = await openReceiver();
    const server = await serve({ webhooks: [to(receiver.url)], history: 0 });
    await server.saved(state("nightly", "completed"));
    await server.call("POST", "/workflow/clear", { body: { workflow_id: "nightly" } });
    expect((await receiver.untilTold(1)).event).toMatchObject({ workflow_id: "nightly" });
  });
});

describe("a receiver that fails", () => {
  test("a delivery that was answered with a fault is sent again under its id, and shows nothing of what it was sent", async ({
    serve,
  }) => {
    const receiver = await openReceiver((response, times, { headers }) => {
      if (times === 2) return void response.writeHead(200).end("fine\nmore");
      response.writeHead(500).end(`no: ${headers.authorization} ${headers["x-team"]}`);
    });
    const headers = { Authorization: { env: "AUTH" }, "X-Team": "platform" };
    const server = await serve({
      webhooks: [to(receiver.url, { headers })],
      secretEnv: { AUTH: "Bearer of-a-secret" },
    });
    await server.saved(state("nightly", "completed"));
    const [failed] = await untilAll(server, "nightly", ({ tries }) => tries === 1);
    expect(failed).toMatchObject({ status: "waiting", code: 500, error: "answered 500" });
    expect(failed).toMatchObject({ answer: "no: *** ***", next_try_at: expect.any(String) });
    server.clock.advance(7_000);
    const [told] = await untilAll(server, "nightly", isDelivered);
    expect(told).toMatchObject({ tries: 2, code: 200, answer: "fine" });
    const ids = receiver.told.map((one) => one.headers["webhook-id"]);
    expect(ids).toEqual([told?.id, told?.id]);
    const again = `/workflow/state/deliveries/${told?.id}/retry?workflow_id=nightly`;
    expect(await server.call("POST", again)).toMatchObject({ status: 202 });
    await receiver.untilTold(3);
    const none = "/workflow/state/deliveries/nothing/retry?workflow_id=nightly";
    expect(await server.call("POST", none)).toMatchObject({ status: 404 });
  });

  test("the command line lists what was told and what is waiting, and sends one again", async ({
    serve,
  }) => {
    const down = await openReceiver((response) => void response.writeHead(503).end("later"));
    const up = await openReceiver();
    const webhooks = [to(down.url, { name: "down" }), to(up.url, { name: "up" })];
    const server = await serve({ webhooks });
    const instep = (...args: string[]) =>
      commandLine(["deliveries", "nightly", ...args], { env: { INSTEP_URL: server.url } });
    await server.saved(state("nightly", "running"));
    expect(await instep()).toMatchObject({ code: 0, stdout: "No webhook was told of it.\n" });
    await server.saved(state("nightly", "completed"));
    const all = await untilAll(server, "nightly", ({ tries }) => tries === 1);
    const [refused, told] = ["down", "up"].map((name) => all.find((one) => one.webhook === name)!);
    const { code, stdout } = await instep();
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n").sort()).toEqual(
      [
        `${refused!.id}  ended  down (127.0.0.1:${down.port})  waiting after 1 try: answered 503, next try ${refused!.next_try_at}`,
        `${told!.id}  ended  up (127.0.0.1:${up.port})  delivered at ${told!.last_try_at}, 204, 1 try`,
      ].sort(),
    );
    expect(JSON.parse((await instep("--retry", told!.id, "--json")).stdout)).toMatchObject({
      id: told!.id,
      webhook: "up",
    });
    await up.untilTold(2);
    const none = await instep("--retry", "nothing");
    expect([none.code, none.stdout]).toEqual([1, ""]);
    expect(none.stderr).toContain("there is no such delivery");
  });

  test("a redirect, a private address and an end for good are said, and followed by nothing", async ({
    serve,
  }) => {
    const elsewhere = await openReceiver();
    const redirects = await openReceiver((response) => {
      response.writeHead(302, { location: elsewhere.url }).end();
    });
    const gone = await openReceiver((response) => void response.writeHead(410).end());
    const inside = `https://127.0.0.1:${elsewhere.port}/`;
    const server = await serve({
      webhooks: [
        to(redirects.url, { name: "redirects" }),
        to(gone.url, { name: "gone" }),
        { url: inside, name: "number" },
        { url: "https://localhost/", name: "name" },
        to("http://169.254.169.254/latest", { name: "metadata" }),
        to(redirects.url, { name: "unset", secret: { env: "NOT_SET" } }),
      ],
    });
    await server.saved(state("nightly", "completed"));
    const seen = await untilAll(server, "nightly", ({ tries }) => tries === 1);
    const errors = Object.fromEntries(seen.map(({ webhook, error }) => [webhook, error]));
    expect(errors).toEqual({
      redirects: "302: redirects are not followed",
      gone: "410: it wants no more",
      number: "127.0.0.1 is a private address, and allow_private is not set",
      name: expect.stringMatching(/^localhost: .* is a private address, and allow_private is not/),
      metadata: "169.254.169.254 is an address that no webhook may lead to",
      unset: "secret is taken from the variable NOT_SET, which is not set",
    });
    expect(seen.find(({ webhook }) => webhook === "gone")).toMatchObject({ status: "failed" });
    expect(elsewhere.told).toEqual([]);
  });

  test("a receiver that is slow holds up no other, and one with a huge answer is told", async ({
    serve,
  }) => {
    const slow = await openReceiver(() => {});
    const huge = await openReceiver((response) => {
      response.writeHead(200).end("x".repeat(4_000_000));
    });
    const server = await serve({
      webhooks: [to(slow.url, { name: "slow" }), to(huge.url, { name: "huge" })],
    });
    await server.saved(state("nightly", "completed"));
    await slow.untilTold(1);
    const of = async (name: string) =>
      (await deliveriesOf(server, "nightly")).find(({ webhook }) => webhook === name);
    await until(async () => ((await of("huge"))?.tries ?? 0) > 0, "the huge one was told");
    expect(await of("huge")).toMatchObject({ code: 200, answer: expect.stringMatching(/^x+…$/) });
    server.clock.advance(8_000);
    await until(async () => ((await of("slow"))?.tries ?? 0) > 0, "the slow one was tried");
    expect(await of("slow")).toMatchObject({ code: null, error: "no answer within 8 s" });
  });

  test("a server that ends while a receiver does not answer ends all the same, and leaves nothing open", async ({
    serve,
  }) => {
    const slow = await openReceiver(() => {});
    const server = await serve({ webhooks: [to(slow.url)] });
    await server.saved(state("nightly", "completed"));
    await slow.untilTold(1);
    await server.stop();
    expect(server.clock.waiting).toBe(0);
  });
});

describe("who may look", () => {
  test("who may only watch sees no delivery and sends none again, and a bound token only its own", async ({
    serve,
  }) => {
    const tokens = [
      { token: "watching-only-123456", can: "watch" },
      { token: "driving-others-12345", can: "drive", workflows: ["other-*"] },
    ] as const;
    const server = await serve({ tokens });
    const list = "/workflow/state/deliveries?workflow_id=nightly";
    for (const { token } of tokens) {
      const headers = { Authorization: `Bearer ${token}` };
      expect((await server.get(list, headers)).status).toBe(403);
      const again = "/workflow/state/deliveries/x/retry?workflow_id=nightly";
      expect((await server.call("POST", again, { headers })).status).toBe(403);
    }
  });
});
