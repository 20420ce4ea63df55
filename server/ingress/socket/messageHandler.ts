/** Does what the messages of one socket ask for: a method for each type of client message. */
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import type {
  ClientMessage,
  FollowLogMessage,
  ProposeMessage,
  SubscribeMessage,
  UnfollowLogMessage,
} from "../../../shared/schema/clientMessages.js";
import { counted } from "../../../shared/text/counted.js";
import { readTraceparent } from "../../../shared/traceparent.js";
import type { Hub } from "../../egress/hub.js";
import type { Outbox } from "../../egress/outbox.js";
import type { OutputHub } from "../../egress/outputHub.js";
import type { Leases } from "../../state/leases.js";
import { type Access, checkMayDrive } from "../access/access.js";
import { saidBy } from "../access/said.js";
import { checkCommand, checkSubject, refusalWithin } from "../access/within.js";
import type { Receive } from "../request/receive.js";
import type { Asked } from "./asked.js";

export interface MessageHandlerParts {
  readonly access: Access;
  readonly outbox: Outbox;
  readonly receive: Receive;
  readonly leases: Leases;
  readonly hub: Hub;
  readonly outputHub: OutputHub;
  readonly clock: Clock;
  readonly limits: Limits;
  /** Hears why a proposal was refused, which is known only after `handle` has returned. */
  readonly refuse: (error: unknown, asked: Asked) => void;
}

export class MessageHandler {
  readonly #parts: MessageHandlerParts;
  /** The token of each lease that was claimed here, by workflow. */
  readonly #claimed = new Map<string, number>();

  constructor(parts: MessageHandlerParts) {
    this.#parts = parts;
  }

  /** Resolves once a command is answered. Throws SyncError where the message asks for what this socket may not have. */
  handle(message: ClientMessage, bytes: number): void | Promise<void> {
    switch (message.type) {
      case "subscribe":
        return this.#subscribe(message);
      case "unsubscribe":
        return this.#parts.hub.unsubscribe(this.#parts.outbox, message.workflow_id);
      case "propose":
        return this.#propose(message, bytes);
      case "ping":
        return this.#ping();
      case "follow_log":
        return this.#followLog(message);
      case "unfollow_log":
        return this.#unfollowLog(message);
    }
  }

  /** Every frame of a driver is a sign of life: its leases run anew from here. */
  renewLeases(): void {
    for (const [workflow_id, token] of this.#claimed) this.#parts.leases.renew(workflow_id, token);
  }

  /** Nothing that is followed is sent any more. */
  drop(): void {
    const { hub, outputHub, outbox } = this.#parts;
    hub.drop(outbox);
    outputHub.drop(outbox);
  }

  #subscribe({ workflow_id, last }: SubscribeMessage): void {
    const { access, hub, outbox, limits } = this.#parts;
    checkSubject(access.grant.scope, workflow_id);
    const isNew = !hub.follows(outbox, workflow_id);
    if (isNew && hub.countOf(outbox) >= limits.subscriptionsPerSocket) {
      throw new SyncError(
        "too_many",
        `at most ${counted(limits.subscriptionsPerSocket, "subscription")} on one socket`,
      );
    }
    hub.subscribe(outbox, workflow_id, last ?? null);
  }

  async #propose(message: ProposeMessage, bytes: number): Promise<void> {
    const { access, receive, outbox, limits } = this.#parts;
    const { request_id: requestId, token, expected_revision, expected_epoch } = message;
    outbox.owe();
    try {
      checkMayDrive(access);
      const { scope, user } = access.grant;
      checkCommand(scope, message.command);
      const command = saidBy(user, message.command);
      const expected =
        expected_revision === undefined
          ? undefined
          : { epoch: expected_epoch, revision: expected_revision };
      const outcome = await receive({
        ...{ command, requestId, token, expected, bytes },
        user: user ?? undefined,
        traceparent: readTraceparent(message.traceparent),
      });
      const { workflow_id, epoch, revision, token: claimed } = outcome;
      if (claimed !== undefined && workflow_id !== null) this.#claimed.set(workflow_id, claimed);
      const lease = claimed === undefined ? {} : { token: claimed, lease_ms: limits.leaseMs };
      outbox.reply({
        type: "accepted",
        request_id: requestId,
        workflow_id,
        epoch,
        revision,
        ...lease,
      });
    } catch (error) {
      const refusal = refusalWithin(access.grant.scope, error);
      this.#parts.refuse(refusal, { requestId, workflow_id: undefined });
    } finally {
      outbox.settle();
    }
  }

  #ping(): void {
    const { outbox, clock } = this.#parts;
    outbox.reply({ type: "pong", server_time: new Date(clock.now()).toISOString() });
  }

  #followLog(message: FollowLogMessage): void {
    const { access, outputHub, outbox } = this.#parts;
    checkSubject(access.grant.scope, message.workflow_id);
    outputHub.follow(outbox, message, access.node === undefined ? "client" : "node");
  }

  #unfollowLog(message: UnfollowLogMessage): void {
    this.#parts.outputHub.unfollow(this.#parts.outbox, message);
  }
}
