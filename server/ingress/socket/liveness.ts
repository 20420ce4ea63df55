/** Signs of life on a socket: a half-open TCP connection tells neither side, so each needs to hear something from time to time. */
import type { WebSocket } from "ws";
import type { Clock } from "../../../shared/clock.js";
import type { Limits } from "../../../shared/limits.js";
import { CloseCode } from "../../../shared/wire/closeCodes.js";
import type { Outbox } from "../../egress/outbox.js";
import { awakeOf } from "../../time/awake.js";

export interface Liveness {
  /** A frame came. */
  heard(): void;
  stop(): void;
}

export function watchLiveness(
  socket: WebSocket,
  outbox: Outbox,
  clock: Clock,
  { heartbeatMs, graceMs }: Pick<Limits, "heartbeatMs" | "graceMs">,
  isRead: () => boolean,
): Liveness {
  let cancelBeat = () => {};
  let cancelDeadline: (() => void) | null = null;

  const beat = (): void => {
    // Browsers hide protocol pings from their pages, so each goes out beside a frame.
    outbox.reply({ type: "heartbeat", server_time: new Date(clock.now()).toISOString() });
    socket.ping();
    // The oldest unanswered ping decides: a deadline that is already running goes on.
    if (!cancelDeadline) startDeadline();
    cancelBeat = clock.after(heartbeatMs, beat);
  };

  const startDeadline = (): void => {
    cancelDeadline = awakeOf(clock).after(graceMs, cutOff);
  };

  const cutOff = (): void => {
    cancelDeadline = null;
    // Its pong may wait where we do not read: nothing is known of it then.
    if (!isRead()) return startDeadline();
    socket.close(CloseCode.silent, "no sign of life");
    // Nobody answers a close on a dead link either.
    socket.terminate();
  };

  const heard = (): void => {
    cancelDeadline?.();
    cancelDeadline = null;
  };

  socket.on("pong", heard);
  cancelBeat = clock.after(heartbeatMs, beat);
  return {
    heard,
    stop: () => {
      cancelBeat();
      heard();
    },
  };
}
