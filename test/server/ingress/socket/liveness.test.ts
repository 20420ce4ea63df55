/** Signs of life: a peer whose pong we have not read is not taken for a dead one. */
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import type { Outbox } from "../../../../server/egress/outbox.js";
import { watchLiveness } from "../../../../server/ingress/socket/liveness.js";
import { LIMITS } from "../../../../shared/limits.js";
import { manualClock } from "../../../support/clocks/manualClock.js";

const { heartbeatMs, graceMs } = LIMITS;
const turnOver = () => new Promise((resolve) => setImmediate(resolve));

describe("a socket that is not read", () => {
  it("a socket that is not read is not cut off for a pong that may wait there, until it is read again", async () => {
    const clock = manualClock();
    const closed: number[] = [];
    let isRead = false;
    const socket = {
      ...{ on: () => {}, ping: () => {}, terminate: () => {} },
      close: (code: number) => void closed.push(code),
    } as unknown as WebSocket;
    const outbox = { reply: () => {} } as unknown as Outbox;
    watchLiveness(socket, outbox, clock, LIMITS, () => isRead);
    // In one piece it would be a machine that slept.
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 500) {
        clock.advance(500);
        await turnOver();
      }
    };
    await pass(heartbeatMs + 5 * graceMs);
    expect(closed).toEqual([]);
    isRead = true;
    await pass(graceMs + 500);
    expect(closed).toEqual([4001]);
  });
});
