/** One call of gRPC on a connection: a message goes out, messages come in, and a status ends it. Knows nothing of what they say. */
import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from "node:http2";
import type { OpenConnection } from "./connection.js";
import { Frames, framed, Oversized } from "./frames.js";
import { NoAnswer, noAnswerOf } from "./noAnswer.js";

/** A call of etcd's API, with the token of a session where there is one. */
export interface Call {
  /** `/etcdserverpb.KV/Range` */
  readonly path: string;
  readonly message: Buffer;
  readonly token: string | null;
}

/** The end of a call: etcd's own word (0: all is well), or none. */
export type Ending =
  | { readonly kind: "status"; readonly code: number; readonly message: string }
  | { readonly kind: "broken"; readonly why: NoAnswer };

/** Messages in their order, then the end, once. */
export interface RpcHandlers {
  message(message: Buffer): void;
  ended(ending: Ending): void;
}

export interface RpcOptions {
  /** The member, in words. */
  readonly where: string;
  /** Our side says nothing more; otherwise it stays open, as the call itself. */
  readonly isOneMessage: boolean;
  readonly mostBytes: number;
}

/** The returned function ends it: nothing is told then, or that it ended for this reason. */
export function openRpc(
  connection: OpenConnection,
  { path, message, token }: Call,
  { where, isOneMessage, mostBytes }: RpcOptions,
  handlers: RpcHandlers,
): (why?: NoAnswer) => void {
  let isOver = false;
  let failure: Error | null = null;
  let told: Ending | null = null;
  const frames = new Frames(mostBytes);
  const finish = (ending: Ending) => {
    if (isOver) return;
    isOver = true;
    handlers.ended(ending);
  };
  const brokenBy = (error: Error) =>
    ({ kind: "broken", why: noAnswerOf(where, error, connection.isConnected) }) as const;

  let stream: ClientHttp2Stream;
  try {
    stream = connection.session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      // A member without a leader says so at once, also in the middle of a watch, in place of being silent.
      hasleader: "true",
      ...(token === null ? {} : { token }),
    });
  } catch (error) {
    // The connection went in this very turn, before anybody was told.
    const why = new NoAnswer(`${where}: ${(error as Error).message}`, true);
    queueMicrotask(() => finish({ kind: "broken", why }));
    return () => {
      isOver = true;
    };
  }
  stream.on("data", (piece: Buffer) => {
    if (isOver) return;
    try {
      for (const whole of frames.take(piece)) if (!isOver) handlers.message(whole);
    } catch (error) {
      const reason = error instanceof Oversized ? "oversized" : "silent";
      const text = `${where} answered with ${(error as Error).message}`;
      finish({ kind: "broken", why: new NoAnswer(text, false, reason) });
      stream.close(constants.NGHTTP2_CANCEL);
    }
  });
  stream.on("response", (headers) => {
    told ??= statusIn(headers, where);
  });
  stream.on("trailers", (trailers) => {
    told ??= statusIn(trailers, where);
  });
  stream.on("error", (error) => {
    failure = causeOf(error);
  });
  // Where our side is still open, nothing more would come, and no end either.
  stream.once("end", () => stream.close());
  stream.once("close", () => finish(told ?? brokenBy(failure ?? endOf(stream))));
  if (isOneMessage) stream.end(framed(message));
  else stream.write(framed(message));
  return (why) => {
    if (why !== undefined) finish({ kind: "broken", why });
    isOver = true;
    stream.close(constants.NGHTTP2_CANCEL);
  };
}

/** gRPC's status where these headers have one; an answer that is not gRPC's at all. */
function statusIn(
  headers: IncomingHttpHeaders & IncomingHttpStatusHeader,
  where: string,
): Ending | null {
  const code = headers["grpc-status"];
  if (typeof code === "string" && /^\d{1,3}$/.test(code)) {
    return { kind: "status", code: Number(code), message: textOf(headers["grpc-message"]) };
  }
  const status = headers[":status"];
  if (status === undefined || status === 200) return null;
  return { kind: "broken", why: new NoAnswer(`${where} answered HTTP ${status}`, false) };
}

/** Percent signs stand for what HTTP does not carry. */
function textOf(header: string | string[] | undefined): string {
  const text = String(header ?? "").slice(0, 2_000);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Streams are told that their connection went, and only inside of that why. */
const causeOf = (error: Error): Error => (error.cause instanceof Error ? error.cause : error);

function endOf(stream: ClientHttp2Stream): Error {
  const isRefused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
  return isRefused
    ? new NoAnswer("the member takes no more calls", true)
    : new Error("the connection ended before the answer");
}
