/** A tab that cannot keep up: what it loses, what it gets instead, and when it is cut. */
import { describe, expect, it } from "vitest";
import { encodeFrame } from "../../../server/egress/frames.js";
import { Outbox, type SendingSocket } from "../../../server/egress/outbox.js";
import { CloseCode } from "../../../shared/wire/closeCodes.js";

const LIMITS = { slowBytes: 100, stuckBytes: 1_000 };

/** A socket whose far side reads only when the test says so. */
function stalledSocket() {
  const waiting: { text: string; sent: () => void }[] = [];
  const received: string[] = [];
  const socket = {
    OPEN: 1 as const,
    readyState: 1 as 0 | 1 | 2 | 3,
    closedWith: null as number | null,
    get bufferedAmount() {
      return waiting.reduce((bytes, { text }) => bytes + text.length, 0);
    },
    send: (data: Buffer, _options: object, sent: () => void) =>
      void waiting.push({ text: data.toString(), sent }),
    close: (code: number) => {
      socket.closedWith = code;
      socket.readyState = 2;
    },
  };
  const readOne = () => {
    const next = waiting.shift();
    if (!next) return false;
    received.push(next.text);
    next.sent();
    return true;
  };
  const readAll = () => {
    while (readOne());
    return received;
  };
  return {
    socket,
    outbox: new Outbox(socket as unknown as SendingSocket, "drive", LIMITS),
    readAll,
    received,
  };
}

const change = (text: string) => Buffer.from(text.padEnd(60, "."));
const never = () => {
  throw new Error("no snapshot is needed");
};

describe("a socket that keeps up", () => {
  it("a socket that keeps up gets every change as it is", () => {
    const { outbox, readAll } = stalledSocket();
    for (const text of ["1", "2", "3"]) {
      outbox.change("w", change(text), never);
      readAll();
    }
    expect(readAll().map((text) => text[0])).toEqual(["1", "2", "3"]);
  });
});

describe("a slow socket", () => {
  it("a slow socket gets one snapshot in place of the changes it could not take, as new as can be", () => {
    const { outbox, readAll } = stalledSocket();
    let newest = "";
    for (const text of ["1", "2", "3", "4", "5"]) {
      newest = text;
      outbox.change("w", change(text), () => Buffer.from(`snapshot ${newest}`));
    }
    expect(readAll().map((text) => text.replaceAll(".", ""))).toEqual(["1", "2", "snapshot 5"]);
    outbox.change("w", change("6"), never);
    expect(readAll().at(-1)?.[0]).toBe("6");
  });

  it("falls behind in each document for itself, and still gets its answers", () => {
    const { outbox, readAll } = stalledSocket();
    outbox.change("a", change("a1"), never);
    outbox.change("a", change("a2"), never);
    outbox.change("a", change("a3"), () => Buffer.from("snapshot a"));
    outbox.change("b", change("b1"), () => Buffer.from("snapshot b"));
    outbox.reply({ type: "pong" });
    expect(readAll().map((text) => text.replaceAll(".", ""))).toEqual([
      "a1",
      "a2",
      '{"type":"pong"}',
      "snapshot a",
      "snapshot b",
    ]);
  });

  it("a slow socket gets nothing of a document it left while it waited", () => {
    const { outbox, readAll } = stalledSocket();
    for (const text of ["1", "2", "3"])
      outbox.change("w", change(text), () => Buffer.from("snapshot"));
    outbox.forget("w");
    expect(readAll()).toHaveLength(2);
  });

  it("a slow socket may take a snapshot that is larger than what may wait", () => {
    const { socket, outbox, readAll } = stalledSocket();
    outbox.snapshot("w", () => Buffer.from("s".repeat(5_000)));
    outbox.reply({ type: "pong" });
    expect(socket.closedWith).toBeNull();
    expect(readAll()).toHaveLength(2);
  });

  it("a slow socket that lets its answers pile up is closed and may come back", () => {
    const { socket, outbox } = stalledSocket();
    const pong = encodeFrame({ type: "pong" });
    for (let i = 0; i < 200 && socket.closedWith === null; i++) outbox.replyFrame(pong);
    expect(socket.closedWith).toBe(CloseCode.tooSlow);
    expect(socket.bufferedAmount).toBeLessThan(LIMITS.stuckBytes + 2 * pong.length);
  });
});

describe("output", () => {
  it("output makes no socket slow: changes go beside it as they are", async () => {
    const { outbox, readAll } = stalledSocket();
    const sent = outbox.output(Buffer.from("o".repeat(5_000)));
    expect(outbox.isSlow).toBe(false);
    outbox.change("w", change("1"), never);
    outbox.replyFrame(Buffer.from("answer"));
    expect(readAll().map((text) => text[0])).toEqual(["o", "1", "a"]);
    expect(await sent).toBe(true);
  });

  it("output waits until everything else has left, snapshots that are due included", async () => {
    const { outbox, readAll, received } = stalledSocket();
    const order: string[] = [];
    for (const text of ["1", "2", "3"])
      outbox.change("w", change(text), () => Buffer.from("snapshot"));
    const room = outbox.room().then(() => order.push(received.at(-1) ?? "nothing"));
    await Promise.resolve();
    expect(order).toEqual([]);
    readAll();
    await room;
    expect(order).toEqual(["snapshot"]);
  });

  it("output is not sent to a socket that is gone", async () => {
    const { outbox, socket } = stalledSocket();
    socket.readyState = 3;
    expect(await outbox.output(Buffer.from("x"))).toBe(false);
  });
});
