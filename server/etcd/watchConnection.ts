/** One connection of a watch, from its request to its end. */
import type { Clock } from "../../shared/clock.js";
import { readWatchMessage, type WatchMessage } from "./answers.js";
import type { Member } from "./members.js";
import { watchOf } from "./requests.js";
import type { Ending } from "./rpc.js";
import type { Transport } from "./transport.js";
import { verdictOn } from "./verdict.js";

/** Why it is over: `broken` is made again, `token` with another token, `lost` never. */
export type WatchEnd =
  | { readonly kind: "broken" }
  | { readonly kind: "token" }
  | { readonly kind: "lost"; readonly why: string };

export interface WatchConnection {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly openMs: number;
  readonly member: Member;
  readonly token: string | null;
  readonly prefix: string;
  readonly from: number;
}

/** Messages in their order, and then its end, once. */
export interface WatchConnectionHandlers {
  message(message: WatchMessage): void;
  ended(end: WatchEnd): void;
}

/** The returned function ends it; nothing is told then. */
export function openWatch(
  { transport, clock, openMs, member, token, prefix, from }: WatchConnection,
  handlers: WatchConnectionHandlers,
): () => void {
  let isOver = false;
  const stop = () => {
    isOver = true;
    cancel();
    end();
  };
  const finish = (how: WatchEnd) => {
    if (isOver) return;
    stop();
    handlers.ended(how);
  };
  const cancel = clock.after(openMs, () => finish({ kind: "broken" }));
  const take = (bytes: Buffer) => {
    const message = parsed(bytes);
    if (message === null) return finish({ kind: "broken" });
    if (message.isCanceled) return finish(endOfCancel(message));
    if (message.isCreated) cancel();
    handlers.message(message);
  };
  const call = { path: "/etcdserverpb.Watch/Watch", message: watchOf(prefix, from), token };
  const end = transport.stream(member, call, {
    message: (bytes) => {
      if (!isOver) take(bytes);
    },
    ended: (ending) => finish(endOfStream(ending)),
  });
  return stop;
}

/** Null where it is nothing that etcd says. */
function parsed(bytes: Buffer): WatchMessage | null {
  try {
    return readWatchMessage(bytes);
  } catch {
    return null;
  }
}

function endOfCancel({ compactRevision, cancelReason }: WatchMessage): WatchEnd {
  if (compactRevision > 0) return { kind: "lost", why: `compacted up to ${compactRevision}` };
  const verdict = verdictOn(UNKNOWN, cancelReason, "etcd");
  if (verdict.kind === "token") return { kind: "token" };
  return { kind: "lost", why: cancelReason || "etcd ended the watch" };
}

function endOfStream(ending: Ending): WatchEnd {
  if (ending.kind === "broken") {
    if (ending.why.reason !== "oversized") return { kind: "broken" };
    return { kind: "lost", why: ending.why.message };
  }
  if (ending.code === 0) return { kind: "broken" };
  const verdict = verdictOn(ending.code, ending.message, "etcd");
  if (verdict.kind === "token") return { kind: "token" };
  return verdict.kind === "refused" ? { kind: "lost", why: ending.message } : { kind: "broken" };
}

/** gRPC's code where none was told. */
const UNKNOWN = 2;
