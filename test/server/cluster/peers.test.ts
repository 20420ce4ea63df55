import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { PeerAway } from "../../../server/cluster/cluster.js";
import { NodeCalls } from "../../../server/cluster/nodeCalls.js";
import { NODE_HEADER, nodeHeaderOf } from "../../../server/cluster/nodeHeader.js";
import { NodePeers } from "../../../server/cluster/peers.js";
import { systemClock } from "../../../shared/clock.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { settled } from "../../support/clocks/settled.js";

const SECRET = Buffer.alloc(32, 7);
const AWAY_SINCE = "2026-01-01T00:00:00.000Z";
const view = (name: string, url: string) => ({
  ...{ name, url, boot_id: "b", store_id: "s", labels: [name], max_concurrent: 1 },
  since: AWAY_SINCE,
});

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function peersOf(url: string, clock = systemClock) {
  let nonces = 0;
  const peers = new NodePeers({
    nodes: {
      me: "a",
      present: new Map([["b", view("b", url)]]),
      awaySince: (name) => (name === "gone" ? AWAY_SINCE : null),
    },
    ...{ secret: SECRET, clock, ca: null },
    nonce: () => `nonce-of-a-test-${++nonces}`,
  });
  closing.push(() => peers.close());
  return peers;
}

const sealed = (request: IncomingMessage, path = request.url ?? "") =>
  new NodeCalls({ me: "b", secret: SECRET, clock: systemClock }).admit(
    String(request.headers[NODE_HEADER.toLowerCase()]),
    { method: request.method ?? "", path },
  );

describe("the way to another node", () => {
  it("a call comes to the node below its url, sealed, with its body, and its answer comes back in pieces", async () => {
    const heard: unknown[] = [];
    const url = await listening(
      createServer(async (request, response) => {
        const body: Buffer[] = [];
        for await (const piece of request) body.push(piece as Buffer);
        heard.push(request.url, sealed(request, "/x?y=1"), Buffer.concat(body).toString());
        response.writeHead(206, { "X-From": "b" });
        response.write("one ");
        response.end("two");
      }),
    );
    const peers = peersOf(`${url}/instep/`);
    const answer = await peers.call("b", {
      ...{ method: "POST", path: "/x?y=1" },
      body: Buffer.from("said"),
    });
    const pieces: Uint8Array[] = [];
    for await (const piece of answer.body) pieces.push(piece);
    expect(heard).toEqual(["/instep/x?y=1", { from: "a" }, "said"]);
    expect([answer.status, answer.headers["x-from"]]).toEqual([206, "b"]);
    expect(Buffer.concat(pieces).toString()).toBe("one two");
  });

  it("a node that is not there, or does not listen, is away, with the moment where that is known", async () => {
    const peers = peersOf("http://127.0.0.1:1");
    const asked = { method: "GET", path: "/" } as const;
    await expect(peers.call("gone", asked)).rejects.toThrow(
      `node gone is away since ${AWAY_SINCE}`,
    );
    await expect(peers.call("never", asked)).rejects.toThrow("node never is away");
    await expect(peers.call("b", asked)).rejects.toThrow(PeerAway);
  });

  it("a node that takes the call and never answers is away after ten seconds", async () => {
    const server = createServer(() => {});
    const url = await listening(server);
    const clock = manualClock();
    const called = peersOf(url, clock).call("b", { method: "GET", path: "/" });
    const refused = expect(called).rejects.toThrow(PeerAway);
    await once(server, "request");
    clock.advance(10_000);
    await refused;
    expect(clock.waiting).toBe(0);
    server.closeAllConnections();
  });

  it("a socket is opened at the node's own door, sealed, and is closed exactly once", async () => {
    const server = createServer();
    const url = await listening(server);
    const sockets = new WebSocketServer({ server, handleProtocols: () => "instep.v1" });
    const heard: unknown[] = [];
    sockets.on("connection", (socket, request) => {
      heard.push(request.url, sealed(request, "/workflow/live"));
      socket.on("message", (text) => socket.send(`heard ${text}`));
    });
    const told: string[] = [];
    const peer = peersOf(`${url}/instep`).open("b", {
      opened: () => peer.send("hello"),
      message: (text) => {
        told.push(text);
        peer.close();
      },
      closed: () => told.push("closed"),
    });
    await expect.poll(() => told).toEqual(["heard hello", "closed"]);
    expect(heard).toEqual(["/instep/workflow/live", { from: "a" }]);
    sockets.close();
  });

  it("a socket that cannot be opened is closed, and so is one whose peers are closed", async () => {
    const told: string[] = [];
    const handlers = (name: string) => ({
      opened: () => told.push(`${name} opened`),
      message: () => {},
      closed: () => told.push(`${name} closed`),
    });
    const peers = peersOf("http://127.0.0.1:1");
    peers.open("gone", handlers("gone"));
    expect(told).toEqual([]);
    await settled();
    expect(told).toEqual(["gone closed"]);
    peers.open("b", handlers("b"));
    await expect.poll(() => told).toEqual(["gone closed", "b closed"]);
  });
});

describe("the seal of a call", () => {
  const clock = manualClock();
  const call = {
    from: "a",
    to: "b",
    method: "GET",
    path: "/x?y",
    at: clock.now(),
    nonce: "0123456789abcdef",
  };
  const calls = () => new NodeCalls({ me: "b", secret: SECRET, clock });

  it("a sealed call is let in once", () => {
    const door = calls();
    const header = nodeHeaderOf(SECRET, call);
    expect(door.admit(header, call)).toEqual({ from: "a" });
    expect(door.admit(header, call)).toEqual({ refused: "repeated" });
  });

  it.each([
    ["another secret", nodeHeaderOf(Buffer.alloc(32, 8), call), call, "wrong_seal"],
    ["another path", nodeHeaderOf(SECRET, call), { ...call, path: "/x?z" }, "wrong_seal"],
    ["another method", nodeHeaderOf(SECRET, call), { ...call, method: "POST" }, "wrong_seal"],
    ["another sender", nodeHeaderOf(SECRET, call).replace(" a ", " c "), call, "wrong_seal"],
    ["another node", nodeHeaderOf(SECRET, { ...call, to: "c" }), call, "wrong_node"],
    [
      "a time that is over",
      nodeHeaderOf(SECRET, { ...call, at: call.at - 300_001 }),
      call,
      "wrong_time",
    ],
    [
      "a time to come",
      nodeHeaderOf(SECRET, { ...call, at: call.at + 300_001 }),
      call,
      "wrong_time",
    ],
    ["nothing", "", call, "wrong_seal"],
    ["a field too many", `${nodeHeaderOf(SECRET, call)} x`, call, "wrong_seal"],
    ["no seal", nodeHeaderOf(SECRET, call).split(" ").slice(0, 5).join(" "), call, "wrong_seal"],
  ])("a call sealed with %s is refused", (_what, header, asked, refused) => {
    expect(calls().admit(header, asked)).toMatchObject({ refused });
  });

  it("a nonce is forgotten once its call is too old to be let in again", () => {
    const time = manualClock();
    const door = new NodeCalls({ me: "b", secret: SECRET, clock: time });
    const header = nodeHeaderOf(SECRET, { ...call, at: time.now() });
    expect(door.admit(header, call)).toEqual({ from: "a" });
    time.advance(300_001);
    expect(door.admit(header, call)).toEqual({ refused: "wrong_time", from: "a" });
    expect([...door.clocksApart]).toEqual([["a", -300_001]]);
    const next = { ...call, at: time.now() };
    expect(door.admit(nodeHeaderOf(SECRET, next), next)).toEqual({ from: "a" });
    expect(door.clocksApart.size).toBe(0);
  });
});
