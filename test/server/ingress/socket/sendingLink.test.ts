/** One socket on its way out: whole frames, in order, and those of one turn in one write. */
import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { textFrame, textOf } from "../../../../server/egress/textFrame.js";
import { SendingLink } from "../../../../server/ingress/socket/sendingLink.js";

/** A stream that notes what each write gave to the network. */
function noted() {
  const writes: string[][] = [];
  const stream = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      writes.push([textOf(chunk)]);
      done();
    },
    writev: (chunks, done) => {
      writes.push(chunks.map(({ chunk }) => textOf(chunk as Buffer)));
      done();
    },
  });
  const socket = { readyState: 1, OPEN: 1, close: () => {} };
  return { link: new SendingLink(socket as unknown as WebSocket, stream), stream, writes };
}

/** A turn with its promises and its ticks. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a sending link", () => {
  it("a sending link sends a frame at once where nothing is gathered", () => {
    const { link, writes } = noted();
    link.send(textFrame("1"));
    link.send(textFrame("2"));
    expect(writes).toEqual([["1"], ["2"]]);
  });

  it("a sending link sends all frames of a turn in one write, in their order, however many promises lie between", async () => {
    const { link, writes } = noted();
    link.gather();
    link.send(textFrame("change"));
    for (const answer of ["first", "second", "third"]) {
      await Promise.resolve();
      link.gather();
      link.send(textFrame(answer));
    }
    expect(writes).toEqual([]);
    await turn();
    expect(writes).toEqual([["change", "first", "second", "third"]]);
    link.gather();
    link.send(textFrame("next turn"));
    await turn();
    expect(writes.at(-1)).toEqual(["next turn"]);
  });

  it("a sending link lets a frame of somebody else keep its place among what is gathered", async () => {
    const { link, stream, writes } = noted();
    link.gather();
    link.send(textFrame("before"));
    stream.write(textFrame("a ping"));
    link.send(textFrame("after"));
    await turn();
    expect(writes).toEqual([["before", "a ping", "after"]]);
  });

  it("a sending link gathers for nobody what is large: a snapshot must not look like a socket that is slow", () => {
    const { link, writes } = noted();
    link.gather();
    link.send(textFrame("small"));
    link.send(textFrame("l".repeat(100_000)));
    expect(writes).toHaveLength(1);
    expect(link.waiting).toBe(0);
  });

  it("a sending link tells when all has left, also where nothing waits and where the stream is gone", async () => {
    const { link, stream } = noted();
    const told: string[] = [];
    link.whenSent(() => told.push("idle"));
    await turn();
    stream.on("error", () => {});
    stream.destroy();
    link.whenSent((error) => told.push(error ? "gone" : "sent"));
    await turn();
    expect(told).toEqual(["idle", "gone"]);
  });

  it("a sending link sends what was gathered before an end", async () => {
    const { link, stream, writes } = noted();
    link.gather();
    link.send(textFrame("last words"));
    stream.end();
    await turn();
    expect(writes).toEqual([["last words"]]);
  });
});
