/** One WebSocket, from its first frame to its last. Knows the protocol, not the rules. */
import type { RawData, WebSocket } from "ws";
import type { Clock } from "../../shared/clock.js";
import { CloseCode } from "../../shared/closeCodes.js";
import { SyncError } from "../../shared/errors.js";
import type { Limits } from "../../shared/limits.js";
import {
  ClientMessage,
  PROTOCOL_VERSION,
  type ProposeMessage,
  type ServerMessage,
  type SubscribeMessage,
} from "../../shared/messages.js";
import type { StorageReason } from "../../shared/storage.js";
import type { Hub } from "../egress/hub.js";
import type { LogHub } from "../egress/logHub.js";
import { Outbox } from "../egress/outbox.js";
import type { Log } from "../log.js";
import type { Leases } from "../state/leases.js";
import type { StorageHealth } from "../state/storageHealth.js";
import type { Access } from "./access.js";
import { type Liveness, watchLiveness } from "./liveness.js";
import { TokenBucket } from "./rateLimit.js";
import { checkJson, parseWith } from "./strictJson.js";
import type { Submit } from "./submit.js";

export interface SocketContext {
  readonly submit: Submit;
  readonly leases: Leases;
  readonly hub: Hub;
  readonly logHub: LogHub;
  readonly storage: Pick<StorageHealth, "reason" | "listen">;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly bootId: string;
  readonly log: Log;
}

export function serveSocket(socket: WebSocket, access: Access, context: SocketContext): void {
  const { submit, leases, hub, logHub, clock, limits, storage, log } = context;
  const outbox = new Outbox(socket, access.can.includes("drive") ? "drive" : "watch", limits);
  const rate = new TokenBucket(clock, limits);
  /** The leases claimed here: every frame renews them. */
  const claimed = new Map<string, number>();
  const liveness: Liveness = watchLiveness(socket, outbox, clock, limits);
  let rateRefusals = 0;

  const serverTime = () => new Date(clock.now()).toISOString();

  const refuse = (error: unknown, requestId: string | null, workflowId?: string): void => {
    const refusal = error instanceof SyncError ? error : bug(error);
    outbox.reply({
      type: "refused",
      request_id: requestId,
      code: refusal.code,
      message: refusal.message,
      retry: refusal.canRetry,
      ...(workflowId === undefined ? {} : { workflow_id: workflowId }),
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
    const isNew = !hub.follows(outbox, workflow_id);
    if (isNew && hub.countOf(outbox) >= limits.subscriptionsPerSocket) {
      const full = new SyncError(
        "too_many",
        `at most ${limits.subscriptionsPerSocket} subscriptions on one socket`,
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
      const outcome = await submit({
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
        return logHub.follow(outbox, message);
      case "unfollow_log":
        return logHub.unfollow(outbox, message);
    }
  };

  const takeFromBucket = ({ requestId, workflowId }: Asked): boolean => {
    try {
      rate.take();
      rateRefusals = 0;
      return true;
    } catch (error) {
      rateRefusals += 1;
      if (rateRefusals > limits.rateRefusals)
        socket.close(CloseCode.tooManyFrames, "too many frames");
      else refuse(error, requestId, workflowId);
      return false;
    }
  };

  const receive = (data: RawData, isBinary: boolean): void => {
    if (isBinary) return socket.close(CloseCode.textOnly, "text only");
    liveness.heard();
    for (const [workflowId, token] of claimed) leases.renew(workflowId, token);
    const text = data.toString();
    const json = readJson(text);
    const asked = askedIn(json);
    // Also what cannot be read has its price.
    if (!takeFromBucket(asked)) return;
    try {
      if (json === undefined) throw new SyncError("bad_message", "the frame is not JSON");
      const { grown } = checkJson(json, limits, text);
      handle(parseWith(ClientMessage, json), (data as Buffer).length + grown);
    } catch (error) {
      refuse(error, asked.requestId, asked.workflowId);
    }
  };

  const stopListening = storage.listen((reason) => outbox.reply(storageFrame(reason)));
  socket.on("message", receive);
  // "close" always follows; the reason stands in its code.
  socket.on("error", (error) => log.debug({ err: error }, "socket error"));
  socket.on("close", () => {
    liveness.stop();
    hub.drop(outbox);
    logHub.drop(outbox);
    stopListening();
  });
  outbox.reply({
    type: "hello",
    protocol: PROTOCOL_VERSION,
    server_time: serverTime(),
    boot_id: context.bootId,
    heartbeat_ms: limits.heartbeatMs,
    can: access.can,
  });
  if (storage.reason !== null) outbox.reply(storageFrame(storage.reason));
}

const storageFrame = (reason: StorageReason | null): ServerMessage =>
  reason === null
    ? { type: "storage", status: "ok" }
    : { type: "storage", status: "failing", reason };

/** Undefined where it is not JSON. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** So that even a refused frame can be told from the others. */
interface Asked {
  readonly requestId: string | null;
  /** Only of a `subscribe`. */
  readonly workflowId: string | undefined;
}

function askedIn(json: unknown): Asked {
  const frame = typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  const { type, request_id: requestId, workflow_id: workflowId } = frame;
  return {
    requestId: isName(requestId) ? requestId : null,
    workflowId: type === "subscribe" && isName(workflowId) ? workflowId : undefined,
  };
}

const isName = (value: unknown): value is string =>
  typeof value === "string" && value.length <= 128;
