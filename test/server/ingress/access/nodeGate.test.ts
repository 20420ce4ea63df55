import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { NodeCalls } from "../../../../server/cluster/nodeCalls.js";
import { nodeHeaderOf } from "../../../../server/cluster/nodeHeader.js";
import { Gate } from "../../../../server/ingress/access/access.js";
import { Grants } from "../../../../server/ingress/access/grants.js";
import { NodeGate } from "../../../../server/ingress/access/nodeGate.js";
import { OwnNames } from "../../../../server/ingress/access/ownNames.js";
import { OwnPorts } from "../../../../server/ingress/access/ownPorts.js";
import { WrongTokens } from "../../../../server/ingress/access/wrongTokens.js";
import { silentLog } from "../../../../server/log/log.js";
import { LIMITS } from "../../../../shared/limits.js";
import { manualClock } from "../../../support/clocks/manualClock.js";

const SECRET = Buffer.alloc(32, 7);
const clock = manualClock();

function gateWith() {
  const warned: string[] = [];
  const calls = new NodeCalls({ me: "b", secret: SECRET, clock });
  const gate = new Gate({
    names: new OwnNames([], new OwnPorts()),
    grants: new Grants([{ token: "0123456789abcdef", can: "watch" }]),
    wrongTokens: new WrongTokens(clock, silentLog, LIMITS),
    nodes: new NodeGate({ calls, lines: { warn: (kind) => void warned.push(kind) } }),
  });
  return { gate, warned };
}

let nonces = 0;
const sealedFor = (path: string, method = "GET", secret = SECRET) =>
  nodeHeaderOf(secret, {
    ...{ from: "a", to: "b", method, path, at: clock.now() },
    nonce: `nonce-of-a-test-${++nonces}`,
  });

const asked = (url: string, header: string, more: Record<string, string> = {}) =>
  ({
    ...{ url, method: "GET", rawHeaders: ["Host", "10.0.0.2:4747"] },
    headers: {
      host: "10.0.0.2:4747",
      "sec-fetch-site": "cross-site",
      "instep-node": header,
      ...more,
    },
    socket: { remoteAddress: "10.0.0.1", localPort: 4747 },
  }) as unknown as IncomingMessage;

describe("a call of another node", () => {
  it("another node is let in as a driver by whatever name it came, without a token, and is known as a node", () => {
    const { gate } = gateWith();
    const request = asked("/workflow/state?x", sealedFor("/workflow/state?x"));
    const access = gate.authorize(request);
    expect(access).toMatchObject({ can: ["watch", "drive"], client: "node a", node: "a" });
    expect(gate.authorize(request)).toBe(access);
  });

  it("a socket of another node is let in wherever we are mounted", () => {
    const { gate } = gateWith();
    const header = sealedFor("/workflow/live");
    const request = asked("/instep/workflow/live", header, { upgrade: "websocket" });
    expect(gate.authorize(request)).toMatchObject({ node: "a" });
  });

  it("a call that says it is a node's and is not is refused, with a token, too, and logged", () => {
    const { gate, warned } = gateWith();
    const token = { authorization: "Bearer 0123456789abcdef" };
    const forged = sealedFor("/x", "GET", Buffer.alloc(32, 8));
    expect(() => gate.authorize(asked("/x", forged, token))).toThrow("not from a node of ours");
    const header = sealedFor("/x");
    gate.authorize(asked("/x", header));
    expect(() => gate.authorize(asked("/x", header))).toThrow("(repeated)");
    expect(warned).toEqual(["node wrong_seal", "node repeated"]);
  });

  it("a node whose clock is far from ours is refused by that word, and the operator reads by how much", () => {
    const { gate, warned } = gateWith();
    const at = clock.now() + 370_000;
    const call = { from: "a", to: "b", method: "GET", path: "/x", at, nonce: "a-nonce-of-its-own" };
    expect(() => gate.authorize(asked("/x", nodeHeaderOf(SECRET, call)))).toThrow(
      "the clock of node a is 6m 10s before this server's, so its calls are refused (wrong_time)",
    );
    expect(warned).toEqual(["node wrong_time a"]);
  });
});
