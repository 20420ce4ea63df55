/** A tab that cannot keep up: what it loses, what it gets instead, and when it is cut. */
import { describe, expect, it, vi } from "vitest";
import { encodeFrame } from "../../../server/egress/frames.js";
import { Outbox, type SendingSocket } from "../../../server/egress/outbox.js";
import { textFrame, textOf } from "../../../server/egress/textFrame.js";
import { CloseCode } from "../../../shared/wire/closeCodes.js";

const LIMITS = { slowBytes: 100, stuckBytes: 1_000 };

/** A socket whose far side reads only when the test says so. */
function stalledSocket() {
  const waiting: { text: string; bytes: number; sent: (() => void) | undefined }[] = [];
  const received: string[] = [];
  const socket = {
    isOpen: true,
    closedWith: null as number | null,
    gathered: 0,
    get waiting() {
      return waiting.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    gather: () => {
      socket.gathered += 1;
    },
    send: (frame: Buffer, sent?: () => void) =>
      void waiting.push({ text: textOf(frame), bytes: frame.length, sent }),
    whenSent: (sent: () => void) => void waiting.push({ text: "", bytes: 0, sent }),
    close: (code: number) => {
      socket.closedWith = code;
      socket.isOpen = false;
    },
  };
  const readOne = () => {
    const next = waiting.shift();
    if (!next) return false;
    if (next.bytes > 0) received.push(next.text);
    next.sent?.();
    return true;
  };
  const readAll = () => {
    while (readOne());
    return received;
  };
  return {
    socket,
    outbox: new Outbox(
      socket satisfies SendingSocket,
      { audience: "drive", form: "patch" },
      LIMITS,
    ),
    readAll,
    received,
  };
}

const change = (text: string) => textFrame(text.padEnd(60, "."));
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

describe("a turn", () => {
  it("gathers answers, and a change only where an answer is owed", () => {
    const { socket, outbox } = stalledSocket();
    outbox.change("w", change("1"), never);
    expect(socket.gathered).toBe(0);
    outbox.owe();
    outbox.change("w", change("2"), never);
    expect(socket.gathered).toBe(1);
    outbox.reply({ type: "pong" });
    outbox.settle();
    expect(socket.gathered).toBe(2);
    socket.isOpen = false;
    outbox.reply({ type: "pong" });
    expect(socket.gathered).toBe(2);
  });

  it("nobody is told of what has left while nobody waits for room", () => {
    const { socket, outbox } = stalledSocket();
    const told = vi.spyOn(socket, "whenSent");
    outbox.change("w", change("1"), never);
    outbox.change("w", change("2"), never);
    expect(told).not.toHaveBeenCalled();
    for (const text of ["3", "4"]) outbox.change("w", change(text), () => null);
    expect(told).toHaveBeenCalledTimes(1);
  });
});

describe("a slow socket", () => {
  it("a slow socket gets one snapshot in place of the changes it could not take, as new as can be", () => {
    const { outbox, readAll } = stalledSocket();
    let newest = "";
    for (const text of ["1", "2", "3", "4", "5"]) {
      newest = text;
      outbox.change("w", change(text), () => textFrame(`snapshot ${newest}`));
    }
    expect(readAll().map((text) => text.replaceAll(".", ""))).toEqual(["1", "2", "snapshot 5"]);
    outbox.change("w", change("6"), never);
    expect(readAll().at(-1)?.[0]).toBe("6");
  });

  it("falls behind in each document for itself, and still gets its answers", () => {
    const { outbox, readAll } = stalledSocket();
    outbox.change("a", change("a1"), never);
    outbox.change("a", change("a2"), never);
    outbox.change("a", change("a3"), () => textFrame("snapshot a"));
    outbox.change("b", change("b1"), () => textFrame("snapshot b"));
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
      outbox.change("w", change(text), () => textFrame("snapshot"));
    outbox.forget("w");
    expect(readAll()).toHaveLength(2);
  });

  it("a slow socket may take a snapshot that is larger than what may wait", () => {
    const { socket, outbox, readAll } = stalledSocket();
    outbox.snapshot("w", () => textFrame("s".repeat(5_000)));
    outbox.reply({ type: "pong" });
    expect(socket.closedWith).toBeNull();
    expect(readAll()).toHaveLength(2);
  });

  it("a slow socket that lets its answers pile up is closed and may come back", () => {
    const { socket, outbox } = stalledSocket();
    const pong = encodeFrame({ type: "pong" });
    for (let i = 0; i < 200 && socket.closedWith === null; i++) outbox.replyFrame(pong);
    expect(socket.closedWith).toBe(CloseCode.tooSlow);
    expect(socket.waiting).toBeLessThan(LIMITS.stuckBytes + 2 * pong.length);
  });
});

describe("output", () => {
  it("output makes no socket slow: changes go beside it as they are", async () => {
    const { outbox, readAll } = stalledSocket();
    const sent = outbox.output(textFrame("o".repeat(5_000)));
    expect(outbox.isSlow).toBe(false);
    outbox.change("w", change("1"), never);
    outbox.replyFrame(textFrame("answer"));
    expect(readAll().map((text) => text[0])).toEqual(["o", "1", "a"]);
    expect(await sent).toBe(true);
  });

  it("output waits until everything else has left, snapshots that are due included", async () => {
    const { outbox, readAll, received } = stalledSocket();
    const order: string[] = [];
    for (const text of ["1", "2", "3"])
      outbox.change("w", change(text), () => textFrame("snapshot"));
    const room = outbox.room().then(() => order.push(received.at(-1) ?? "nothing"));
    await Promise.resolve();
    expect(order).toEqual([]);
    readAll();
    await room;
    expect(order).toEqual(["snapshot"]);
  });

  it("output is not sent to a socket that is gone", async () => {
    const { outbox, socket } = stalledSocket();
    socket.isOpen = false;
    expect(await outbox.output(textFrame("x"))).toBe(false);
  });
});
