/** A client of HTTP on one bare connection that is kept alive: it writes a request as it stands, and reads of the answer what is needed to find its end. */
import { connect } from "node:net";

export class Caller {
  #socket;
  #text = "";
  #answered = null;

  constructor(port) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (text) => this.#read(text));
    const end = (error) => {
      this.#answered?.reject(error ?? new Error("the connection was closed"));
      this.#answered = null;
    };
    this.#socket.on("error", end).on("close", () => end());
  }

  /** Resolves with the status, the head and the body as they came. */
  call(request) {
    return new Promise((resolve, reject) => {
      this.#answered = { resolve, reject };
      this.#socket.write(request);
    });
  }

  #read(text) {
    this.#text += text;
    const end = this.#text.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = this.#text.slice(0, end);
    const status = Number(head.slice(9, 12));
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (status !== 304 && this.#text.length < end + 4 + length) return;
    const body = this.#text.slice(end + 4);
    this.#text = "";
    const answered = this.#answered;
    this.#answered = null;
    answered?.resolve({ status, head, body });
  }

  close() {
    this.#answered = null;
    this.#socket.destroy();
  }
}

/** The text of a request; `body` is JSON. */
export function requestOf(port, method, path, { headers = {}, body } = {}) {
  const all = { Host: `127.0.0.1:${port}`, ...headers };
  const text = body === undefined ? "" : JSON.stringify(body);
  if (text) {
    all["Content-Type"] = "application/json";
    all["Content-Length"] = Buffer.byteLength(text);
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${text}`;
}
