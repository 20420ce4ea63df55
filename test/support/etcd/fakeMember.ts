/** A member of etcd that says what a test wants, or nothing at all. */
import { once } from "node:events";
import { createServer, type Http2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { framed } from "../../../server/etcd/frames.js";
import { bytes, message, number } from "../../../server/etcd/protobuf.js";

export interface FakeMember {
  readonly url: string;
  /** The methods that it was asked for, `KV/Range`, oldest first. */
  readonly asked: readonly string[];
  /** The connections that it has now. */
  readonly connections: number;
  close(): Promise<void>;
}

/** `answer` does with a call what it likes. `times` counts the calls. */
export async function startFakeMember(
  answer: (stream: ServerHttp2Stream, method: string, times: number) => void,
): Promise<FakeMember> {
  const asked: string[] = [];
  const sessions = new Set<Http2Session>();
  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    const method = String(headers[":path"]).replace("/etcdserverpb.", "");
    asked.push(method);
    stream.on("error", () => {});
    stream.resume();
    answer(stream, method, asked.length);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    get connections() {
      return sessions.size;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}

const HEADERS = { ":status": 200, "content-type": "application/grpc" };

/** Begins an answer that goes on. */
export function begin(stream: ServerHttp2Stream): void {
  stream.respond(HEADERS);
}

export function say(stream: ServerHttp2Stream, content: Buffer): void {
  stream.write(framed(content));
}

/** The whole answer to a call, also one that is no message of etcd. */
export function answerWith(stream: ServerHttp2Stream, content: Buffer): void {
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(framed(content));
}

/** An answer that says no, as etcd says it. */
export function refuse(stream: ServerHttp2Stream, code: number, why: string): void {
  const status = { "grpc-status": String(code), "grpc-message": encodeURIComponent(why) };
  stream.respond({ ...HEADERS, ...status }, { endStream: true });
}

const header = (revision: number) => bytes(1, message(number(3, revision)));

/** RangeResponse without keys; the beginnings of TxnResponse look the same. */
export const emptyPage = (revision: number): Buffer => message(header(revision));

/** WatchResponse that says that the watch is on. */
export const created = (): Buffer => message(header(1), number(3, 1));

/** WatchResponse that says how far it is. */
export const progress = (revision: number): Buffer => message(header(revision));

/** WatchResponse with puts of keys at revisions; `isPart` where the next one goes on with it. */
export const events = (puts: readonly (readonly [string, number])[], isPart = false): Buffer =>
  message(
    header(999),
    number(7, isPart ? 1 : 0),
    ...puts.map(([key, mod]) =>
      bytes(11, message(bytes(2, message(bytes(1, key), number(3, mod), bytes(5, String(mod)))))),
    ),
  );
