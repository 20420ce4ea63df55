/** A WebSocket client on a bare TCP socket, the same for every peer: it tells of each frame where it lies in the buffer, and copies nothing. */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** All sockets are read into one buffer: each read is dealt with before the next one. */
const shared = Buffer.allocUnsafe(256 * 1024);

export class FrameSocket {
  /** Bytes of all frames of data, with their headers. */
  bytes = 0;
  frames = 0;
  #socket;
  #onFrame;
  #onClose;
  #open = false;
  #opened;
  /** What came of a frame that is not whole, in `#held` up to `#filled`. */
  #held = null;
  #filled = 0;

  /** `onFrame(buffer, start, end, isText)`; the buffer is used again afterwards. `onClose(reason)` comes once, and not after `destroy`. */
  constructor({ port, path, protocol }, onFrame, onClose) {
    this.#onFrame = onFrame;
    this.#onClose = onClose;
    this.#opened = Promise.withResolvers?.() ?? withResolvers();
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: { buffer: shared, callback: (count, buffer) => this.#read(count, buffer) },
    });
    this.#socket.on("error", (error) => this.#end(error.message));
    this.#socket.on("close", () => this.#end("the server closed the connection"));
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n` +
        `${protocol ? `Sec-WebSocket-Protocol: ${protocol}\r\n` : ""}\r\n`,
    );
  }

  get opened() {
    return this.#opened.promise;
  }

  send(data) {
    const isText = typeof data === "string";
    this.#write(isText ? TEXT : BINARY, isText ? Buffer.from(data) : data);
  }

  /** A watcher that takes nothing more, and one that does again. */
  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  destroy() {
    this.#onClose = () => {};
    this.#opened.promise.catch(() => {});
    this.#socket.destroy();
  }

  #end(reason) {
    this.#opened.reject(new Error(reason));
    this.#opened.promise.catch(() => {});
    this.#onClose(reason);
    this.#onClose = () => {};
    this.#socket.destroy();
  }

  #read(count, buffer) {
    let used;
    if (this.#held) {
      this.#hold(buffer, 0, count);
      const held = this.#held;
      const filled = this.#filled;
      this.#held = null;
      used = this.#take(held, 0, filled);
      if (used < filled) this.#hold(held, used, filled);
    } else {
      used = this.#take(buffer, 0, count);
      if (used < count) this.#hold(buffer, used, count);
    }
    return true;
  }

  #hold(from, start, end) {
    const count = end - start;
    if (!this.#held) this.#filled = 0;
    const needed = this.#filled + count;
    if (!this.#held || this.#held.length < needed) {
      const larger = Buffer.allocUnsafe(Math.max(needed * 2, 1024));
      this.#held?.copy(larger, 0, 0, this.#filled);
      this.#held = larger;
    }
    from.copy(this.#held, this.#filled, start, end);
    this.#filled = needed;
  }

  /** Every whole frame between `at` and `end`; returns where the first one begins that is not whole. */
  #take(buffer, begin, end) {
    let at = begin;
    if (!this.#open) {
      const head = buffer.subarray(begin, end).indexOf("\r\n\r\n");
      if (head < 0) return begin;
      const first = buffer.toString("latin1", begin, begin + 12);
      if (first !== "HTTP/1.1 101") {
        this.#end(`the upgrade was refused: ${first}`);
        return end;
      }
      this.#open = true;
      this.#opened.resolve();
      at = begin + head + 4;
    }
    while (end - at >= 2) {
      let length = buffer[at + 1];
      let header = 2;
      if (length === 126) {
        if (end - at < 4) break;
        length = buffer.readUInt16BE(at + 2);
        header = 4;
      } else if (length === 127) {
        if (end - at < 10) break;
        length = Number(buffer.readBigUInt64BE(at + 2));
        header = 10;
      }
      if (end - at < header + length) break;
      this.#frame(buffer, at, at + header, at + header + length);
      at += header + length;
    }
    return at;
  }

  #frame(buffer, begin, start, end) {
    const opcode = buffer[begin] & 15;
    if (opcode === TEXT || opcode === BINARY) {
      this.bytes += end - begin;
      this.frames++;
      if (buffer[begin] < 128) this.#end("a frame in pieces came, which this bench does not read");
      else this.#onFrame(buffer, start, end, opcode === TEXT);
    } else if (opcode === PING) this.#write(PONG, Buffer.from(buffer.subarray(start, end)));
    else if (opcode === CLOSE) this.#end(closeText(buffer, start, end));
  }

  /** The mask is zero: legal, and it spares the client the work. */
  #write(opcode, payload) {
    const { length } = payload;
    const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    const frame = Buffer.alloc(6 + extended + length);
    frame[0] = 128 | opcode;
    if (extended === 0) frame[1] = 128 | length;
    else if (extended === 2) {
      frame[1] = 128 | 126;
      frame.writeUInt16BE(length, 2);
    } else {
      frame[1] = 128 | 127;
      frame.writeBigUInt64BE(BigInt(length), 2);
    }
    payload.copy(frame, 6 + extended);
    this.#socket.write(frame);
  }
}

function closeText(buffer, start, end) {
  if (end - start < 2) return "the server closed the socket";
  return `the server closed the socket: ${buffer.readUInt16BE(start)} ${buffer.toString("utf8", start + 2, end)}`;
}

function withResolvers() {
  const deferred = {};
  deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, { resolve, reject }));
  return deferred;
}
