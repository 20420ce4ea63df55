/** Frames on their way in: a sender that is not answered yet is read no further, and nothing it sent is lost. */
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { RateLimiter } from "../../../../server/ingress/pace/rateLimit.js";
import { Turns } from "../../../../server/ingress/pace/turns.js";
import { IncomingFrames } from "../../../../server/ingress/socket/incomingFrames.js";
import { LIMITS } from "../../../../shared/limits.js";
import type { ClientMessage } from "../../../../shared/schema/clientMessages.js";
import { manualClock } from "../../../support/clocks/manualClock.js";

const frame = (i: number, text = "") =>
  Buffer.from(
    JSON.stringify({
      type: "propose",
      request_id: `r${i}`,
      command: { kind: "step", workflow_id: "w", index: 0, update: { message: `${i}${text}` } },
    }),
  );

function world(hears: (message: ClientMessage) => Promise<void> | null = () => null) {
  const clock = manualClock();
  const due: (() => void)[] = [];
  const socket = {
    isReading: true,
    pause: () => {
      socket.isReading = false;
    },
    resume: () => {
      socket.isReading = true;
    },
  };
  const handled: string[] = [];
  const answers: (() => void)[] = [];
  const rates = new RateLimiter(clock, { ...LIMITS, commandBurst: 10_000 });
  const frames = new IncomingFrames({
    socket: socket as unknown as WebSocket,
    pace: rates.socket("a"),
    rates,
    turns: new Turns(clock, (run) => void due.push(run)),
    limits: LIMITS,
    hears,
    isReport: () => false,
    refuse: (error) => expect(error).toBeNull(),
    handle: (message) => {
      handled.push(message.type === "propose" ? message.request_id : message.type);
      return message.type === "propose"
        ? new Promise<void>((resolve) => void answers.push(resolve))
        : undefined;
    },
  });
  const settle = async () => {
    for (let i = 0; i < 100; i++) {
      for (const run of due.splice(0)) run();
      await Promise.resolve();
    }
  };
  return { frames, socket, handled, answers, settle };
}

describe("a sender whose commands are not answered yet", () => {
  it("a sender whose commands are not answered is read no further behind 256 of them, and goes on where it was once they are", async () => {
    const { frames, socket, handled, answers, settle } = world();
    for (let i = 0; i < 1_000; i++) frames.receive(frame(i), false);
    await settle();
    expect([handled.length, socket.isReading, frames.isHeld]).toEqual([256, false, true]);
    while (answers.length > 0) {
      for (const answer of answers.splice(0)) answer();
      await settle();
    }
    expect(handled).toEqual(Array.from({ length: 1_000 }, (_, i) => `r${i}`));
    expect([socket.isReading, frames.isHeld]).toEqual([true, false]);
  });

  it("a sender whose commands are not answered is read no further behind a MiB of them", async () => {
    const { frames, handled, answers, settle } = world();
    for (let i = 0; i < 10; i++) frames.receive(frame(i, "x".repeat(400 * 1024)), false);
    await settle();
    expect(handled).toEqual(["r0", "r1", "r2"]);
    answers.shift()?.();
    await settle();
    expect(handled).toEqual(["r0", "r1", "r2", "r3"]);
  });

  it("what is about a workflow that the store is asked for waits, and what comes behind it as well", async () => {
    let hear = () => {};
    const asked = new Promise<void>((resolve) => {
      hear = resolve;
    });
    const isAsked = (message: ClientMessage) =>
      message.type === "propose" && message.request_id === "r1";
    const { frames, handled, answers, settle } = world((message) =>
      isAsked(message) ? asked : null,
    );
    for (let i = 0; i < 4; i++) frames.receive(frame(i), false);
    await settle();
    expect(handled).toEqual(["r0"]);
    answers.shift()?.();
    await settle();
    expect([handled, frames.isHeld]).toEqual([["r0"], true]);
    hear();
    await settle();
    expect([handled, frames.isHeld]).toEqual([["r0", "r1", "r2", "r3"], false]);
  });
});
