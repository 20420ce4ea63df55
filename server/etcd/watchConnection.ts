/** One connection of a watch, from its request to its end: bytes become messages of etcd. */
import type { Clock } from "../../shared/clock.js";
import { StreamError, WatchMessage } from "./answers.js";
import { JsonLines } from "./jsonLines.js";
import type { Member } from "./members.js";
import { watchOf } from "./requests.js";
import type { Transport } from "./transport.js";
import { jsonOf, verdictOnError } from "./verdict.js";

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

/** etcd cuts what is longer than its request limit (1.5 MiB where nobody set another one) into parts; base64 makes four bytes of three. */
const MOST_LINE_BYTES = 64 * 1024 * 1024;

/** The returned function ends it; nothing is told then. */
export function openWatch(
  { transport, clock, openMs, member, token, prefix, from }: WatchConnection,
  handlers: WatchConnectionHandlers,
): () => void {
  const lines = new JsonLines(MOST_LINE_BYTES);
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
  const take = (line: string) => {
    const message = WatchMessage.safeParse(jsonOf(line));
    if (!message.success) return finish(endOfError(line));
    const { canceled, compact_revision, cancel_reason } = message.data;
    if (canceled) return finish(endOfCancel(compact_revision, cancel_reason));
    if (message.data.created) cancel();
    handlers.message(message.data);
  };
  const call = { path: "/v3/watch", body: JSON.stringify(watchOf(prefix, from)), token };
  const end = transport.stream(member, call, {
    data: (_status, piece) => {
      const whole = lines.take(piece);
      for (const line of whole ?? []) if (!isOver) take(line);
      if (whole === null) finish({ kind: "lost", why: "a message of the watch is too long" });
    },
    ended: () => finish({ kind: "broken" }),
  });
  return stop;
}

function endOfCancel(compacted: number, reason: string): WatchEnd {
  if (compacted > 0) return { kind: "lost", why: `compacted up to revision ${compacted}` };
  const verdict = verdictOnError(UNKNOWN, reason, "etcd");
  if (verdict.kind === "token") return { kind: "token" };
  return { kind: "lost", why: reason || "etcd ended the watch" };
}

/** A line that is no message of a watch: an error that etcd told, or nothing that etcd says. */
function endOfError(line: string): WatchEnd {
  const told = StreamError.safeParse(jsonOf(line));
  if (!told.success) return { kind: "broken" };
  const { code, message } = told.data.error;
  const verdict = verdictOnError(code, message, "etcd");
  if (verdict.kind === "token") return { kind: "token" };
  return verdict.kind === "refused" ? { kind: "lost", why: message } : { kind: "broken" };
}

/** gRPC's code where none was told. */
const UNKNOWN = 2;
