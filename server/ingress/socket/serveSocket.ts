/** One WebSocket, from its first frame to its last. Knows the protocol, not the rules. */
import type { RawData, WebSocket } from "ws";
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import { PROTOCOL_VERSION } from "../../../shared/names.js";
import {
  ClientMessage,
  type ProposeMessage,
  type SubscribeMessage,
} from "../../../shared/schema/clientMessages.js";
import { counted } from "../../../shared/text/counted.js";
import { CloseCode } from "../../../shared/wire/closeCodes.js";
import type { ServerMessage } from "../../../shared/wire/serverMessages.js";
import type { StorageReason } from "../../../shared/wire/storage.js";
import type { Hub } from "../../egress/hub.js";
import { Outbox } from "../../egress/outbox.js";
import type { OutputHub } from "../../egress/outputHub.js";
import type { Log } from "../../log/log.js";
import type { StorageHealth } from "../../machine/storageHealth.js";
import type { Leases } from "../../state/leases.js";
import type { Access } from "../access/access.js";
import { checkCommand, checkSubject } from "../access/within.js";
import { checkJson, parseWith } from "../json/strictJson.js";
import type { Pace, RateLimiter } from "../pace/rateLimit.js";
import { inTurns, LARGE_BYTES, type Steps, type Turns } from "../pace/turns.js";
import type { Receive } from "../request/receive.js";
import { type Asked, askedIn, readJson } from "./asked.js";
import { type Liveness, watchLiveness } from "./liveness.js";

export interface SocketContext {
  readonly receive: Receive;
  readonly leases: Leases;
  readonly hub: Hub;
  readonly outputHub: OutputHub;
  readonly storage: Pick<StorageHealth, "reason" | "listen">;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly bootId: string;
  readonly log: Log;
  readonly rates: RateLimiter;
  readonly turns: Turns;
}

export function serveSocket(
  socket: WebSocket,
  access: Access,
  pace: Pace,
  context: SocketContext,
): void {
  const { receive, leases, hub, outputHub, clock, limits, storage, log, rates, turns } = context;
  const { scope } = access.grant;
  const outbox = new Outbox(
    socket,
    access.can.includes("drive") ? "drive" : "watch",
    limits,
    scope,
  );
  /** The leases claimed here: every frame renews them. */
  const claimed = new Map<string, number>();
  const liveness: Liveness = watchLiveness(socket, outbox, clock, limits);
  let isCutOff = false;
  // What waits for its turn is bounded by what came in one read: nothing more is read meanwhile.
  const lane = turns.lane((waits) => {
    if (waits) socket.pause();
    else if (!isCutOff) socket.resume();
  });

  const serverTime = () => new Date(clock.now()).toISOString();

  const refuse = (error: unknown, requestId: string | null, workflow_id?: string): void => {
    const refusal = error instanceof SyncError ? error : bug(error);
    outbox.reply({
      type: "refused",
      request_id: requestId,
      code: refusal.code,
      message: refusal.message,
      retry: refusal.canRetry,
      ...(workflow_id === undefined ? {} : { workflow_id }),
      ...(refusal.at === undefined
        ? {}
        : { epoch: refusal.at?.epoch ?? null, revision: refusal.at?.revision ?? null }),
      ...(refusal.errors.length === 0 ? {} : { errors: refusal.errors }),
    });
  };

  const bug = (error: unknown): SyncError => {
    log.error({ err: error }, "a command failed in a way it should not");
    return new SyncError("internal", "the server made a mistake; it was written to its log");
  };

  const subscribe = ({ workflow_id, last }: SubscribeMessage): void => {
    checkSubject(scope, workflow_id);
    const isNew = !hub.follows(outbox, workflow_id);
    if (isNew && hub.countOf(outbox) >= limits.subscriptionsPerSocket) {
      const full = new SyncError(
        "too_many",
        `at most ${counted(limits.subscriptionsPerSocket, "subscription")} on one socket`,
      );
      return refuse(full, null, workflow_id);
    }
    hub.subscribe(outbox, workflow_id, last ?? null);
  };

  const propose = async (message: ProposeMessage, bytes: number): Promise<void> => {
    const {
      request_id,
      command,
      token,
      expected_revision: revision,
      expected_epoch: epoch,
    } = message;
    try {
      if (!access.can.includes("drive"))
        throw new SyncError("forbidden", "this token may only watch");
      checkCommand(scope, command);
      const outcome = await receive({
        command,
        requestId: request_id,
        token,
        expected: revision === undefined ? undefined : { epoch, revision },
        bytes,
      });
      if (outcome.token !== undefined && outcome.workflow_id !== null)
        claimed.set(outcome.workflow_id, outcome.token);
      const lease =
        outcome.token === undefined ? {} : { token: outcome.token, lease_ms: limits.leaseMs };
      const { workflow_id, epoch: at, revision: now } = outcome;
      outbox.reply({
        type: "accepted",
        request_id,
        workflow_id,
        epoch: at,
        revision: now,
        ...lease,
      });
    } catch (error) {
      refuse(error, request_id);
    }
  };

  const handle = (message: ClientMessage, bytes: number): void => {
    switch (message.type) {
      case "subscribe":
        return subscribe(message);
      case "unsubscribe":
        return hub.unsubscribe(outbox, message.workflow_id);
      case "propose":
        return void propose(message, bytes);
      case "ping":
        return outbox.reply({ type: "pong", server_time: serverTime() });
      case "follow_log":
        checkSubject(scope, message.workflow_id);
        return outputHub.follow(outbox, message);
      case "unfollow_log":
        return outputHub.unfollow(outbox, message);
    }
  };

  /** Nothing more is read: a close that waits for its answer would go on paying for the flood. */
  const cutOff = (): void => {
    stopHearing();
    socket.close(CloseCode.tooManyFrames, "too many frames");
    socket.pause();
  };

  const stopHearing = (): void => {
    isCutOff = true;
    lane.end();
  };

  const forgetGrant = access.grant.whenOver(() => {
    stopHearing();
    hub.drop(outbox);
    outputHub.drop(outbox);
    socket.close(CloseCode.tokenGone, "this token no longer counts");
    // A frame that waited has stopped the reading; the answer to the close must be read.
    socket.resume();
  });

  /** A refusal that is the sender's fault. Too many of them end the socket. */
  const blame = (error: SyncError, { requestId, workflow_id }: Asked, bytes: number): void => {
    if (pace.refuse(bytes)) refuse(error, requestId, workflow_id);
    else cutOff();
  };

  /** Of a large frame each step is a turn of its own; a small one is done with at once. */
  function* receiveText(data: Buffer): Steps {
    let bytes = data.length;
    const isLarge = bytes > LARGE_BYTES;
    // Also what cannot be read has its price, and is read only where it was paid for or has to be answered.
    const isInTime = pace.take(bytes);
    const text = data.toString();
    const json = readJson(text);
    const asked = askedIn(json);
    if (!isInTime) return blame(rates.tooFast(), asked, bytes);
    if (isLarge) yield;
    let message: ClientMessage;
    try {
      if (json === undefined) throw new SyncError("bad_message", "the frame is not JSON");
      const { grown } = checkJson(json, limits, text);
      bytes += grown;
      if (isLarge) yield;
      message = parseWith(ClientMessage, json);
    } catch (error) {
      if (error instanceof SyncError) return blame(error, asked, bytes);
      return refuse(error, asked.requestId, asked.workflow_id);
    }
    if (isLarge) yield;
    try {
      handle(message, bytes);
    } catch (error) {
      refuse(error, asked.requestId, asked.workflow_id);
    }
  }

  const hear = (data: RawData, isBinary: boolean): void => {
    if (isCutOff) return;
    // However long it has to wait: whoever sent it was there.
    liveness.heard();
    for (const [workflow_id, token] of claimed) leases.renew(workflow_id, token);
    lane.do(isBinary ? refuseBinary : inTurns(receiveText(data as Buffer)));
  };

  const refuseBinary = (): undefined => {
    socket.close(CloseCode.textOnly, "text only");
  };

  /** Answered here rather than by ws: pings are frames, too. */
  const receivePing = (data: Buffer): undefined => {
    if (pace.take(data.length)) socket.pong(data);
    else if (!pace.refuse(data.length)) cutOff();
  };

  const stopListening = storage.listen((reason) => outbox.reply(storageFrame(reason)));
  socket.on("message", hear);
  socket.on("ping", (data) => lane.do(() => receivePing(data)));
  // "close" always follows; the reason stands in its code.
  socket.on("error", (error) => log.debug({ err: error }, "socket error"));
  socket.on("close", () => {
    liveness.stop();
    lane.end();
    forgetGrant();
    hub.drop(outbox);
    outputHub.drop(outbox);
    stopListening();
  });
  outbox.reply({
    type: "hello",
    protocol: PROTOCOL_VERSION,
    server_time: serverTime(),
    boot_id: context.bootId,
    heartbeat_ms: limits.heartbeatMs,
    can: access.can,
    named_followers: true,
  });
  if (storage.reason !== null) outbox.reply(storageFrame(storage.reason));
}

const storageFrame = (reason: StorageReason | null): ServerMessage =>
  reason === null
    ? { type: "storage", status: "ok" }
    : { type: "storage", status: "failing", reason };
