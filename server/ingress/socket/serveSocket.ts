/** One WebSocket, from its `hello` to its close: joins the parts that read it, answer it, feed it and watch over it. */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Clock } from "../../../shared/clock.js";
import type { Limits } from "../../../shared/limits.js";
import type { ClientMessage } from "../../../shared/schema/clientMessages.js";
import { CloseCode } from "../../../shared/wire/closeCodes.js";
import type { Standing } from "../../cluster/standing.js";
import { countedLink } from "../../egress/countedLink.js";
import type { Form } from "../../egress/frames.js";
import type { Hub } from "../../egress/hub.js";
import { Outbox } from "../../egress/outbox.js";
import type { OutputHub } from "../../egress/outputHub.js";
import type { Log } from "../../log/log.js";
import type { StorageHealth } from "../../machine/storageHealth.js";
import type { Metrics } from "../../metrics/metrics.js";
import type { Leases } from "../../state/leases.js";
import type { Access } from "../access/access.js";
import { audienceOf } from "../access/within.js";
import { refusalOf } from "../answer/refusalOf.js";
import type { Pace, RateLimiter } from "../pace/rateLimit.js";
import type { Turns } from "../pace/turns.js";
import type { Receive } from "../request/receive.js";
import type { Unheard } from "../request/unheard.js";
import type { Asked } from "./asked.js";
import { tellCondition } from "./condition.js";
import { helloFrame } from "./helloFrame.js";
import { IncomingFrames } from "./incomingFrames.js";
import { watchLiveness } from "./liveness.js";
import { MessageHandler } from "./messageHandler.js";
import { refusedFrame } from "./refusedFrame.js";
import { isReportOf } from "./reports.js";
import { SendingLink } from "./sendingLink.js";

export interface ServeSocketParts {
  readonly receive: Receive;
  readonly unheard: Unheard;
  readonly leases: Leases;
  readonly hub: Hub;
  readonly outputHub: OutputHub;
  readonly storage: Pick<StorageHealth, "reason" | "listen">;
  readonly standing: Standing;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly bootId: string;
  readonly log: Log;
  readonly rates: RateLimiter;
  readonly turns: Turns;
  /** Null where nobody counts. */
  readonly metrics: Metrics | null;
}

/** A socket that was let in. */
export interface Accepted {
  readonly socket: WebSocket;
  /** The connection below the socket. */
  readonly stream: Duplex;
  /** Its token and the rights of it. */
  readonly access: Access;
  /** The speed at which it may send. */
  readonly pace: Pace;
  /** The form in which it hears of changes. */
  readonly form: Form;
}

/** Serves an accepted socket until it closes. */
export function serveSocket(accepted: Accepted, parts: ServeSocketParts): void {
  const { socket, stream, access, pace, form } = accepted;
  const { clock, limits, log } = parts;
  const audience = audienceOf(access);
  const link = countedLink(new SendingLink(socket, stream), parts.metrics);
  const outbox = new Outbox(link, { audience, form }, limits, access.grant.scope);
  const refuse = (error: unknown, asked: Asked): void => {
    const details = { request_id: asked.requestId, workflow_id: asked.workflow_id };
    const refusal = refusalOf(error, log, "a command failed in a way it should not", details);
    const { code, message } = refusal;
    log.debug({ ...details, code, why: message }, "a message was refused");
    parts.metrics?.requestRefused("socket", refusal.code);
    outbox.reply(refusedFrame(refusal, asked));
  };
  const messages = new MessageHandler({ ...parts, access, outbox, refuse });
  const handle: MessageHandler["handle"] = (message, bytes) => messages.handle(message, bytes);
  const isReport = (json: unknown) => isReportOf(access, parts.leases, json);
  const hears = (message: ClientMessage) => parts.unheard.ofMessage(message);
  const frames = new IncomingFrames({ ...parts, socket, pace, handle, hears, isReport, refuse });
  const liveness = watchLiveness(socket, outbox, clock, limits, () => !frames.isHeld);

  const forgetGrant = access.grant.whenOver(() => {
    frames.stop();
    messages.drop();
    socket.close(CloseCode.tokenGone, access.grant.why);
    // A frame that waited has paused the reading, but the peer's answer to the close has to be read.
    socket.resume();
  });

  socket.on("message", (data, isBinary) => {
    if (frames.isStopped) return;
    // Both count from when the frame came, however long it waits for its turn.
    liveness.heard();
    messages.renewLeases();
    frames.receive(data, isBinary);
  });
  socket.on("ping", (data) => frames.receivePing(data));
  // "close" always follows; the reason stands in its code.
  socket.on("error", (error) => log.debug({ err: error }, "socket error"));
  socket.on("close", () => {
    liveness.stop();
    frames.stop();
    forgetGrant();
    messages.drop();
    stopTelling();
  });

  outbox.reply(helloFrame(access, form, parts));
  const stopTelling = tellCondition(outbox, parts);
}
