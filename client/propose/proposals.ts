/** Proposals that were sent and not yet answered: sent again, with the same request id, until they are. */
import type { Clock } from "../../shared/clock.js";
import { SyncError } from "../../shared/errors.js";
import { newRequestId } from "../../shared/identifiers.js";
import type { ProposeMessage } from "../../shared/schema/clientMessages.js";
import type { Command } from "../../shared/schema/command.js";
import type { Position } from "../../shared/schema/position.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import { mayTryAgain } from "../rest/http.js";
import { positionIn } from "../rest/httpAnswer.js";
import { delayBefore, FIRST_RETRY_MS } from "../wire/connectionTimes.js";
import { checkSize } from "../wire/frameSize.js";
import { asErrorCode } from "../wire/frames.js";
import { NoAnswerError } from "../wire/noAnswer.js";
import { isBehind } from "./order.js";

const DEADLINE_MS = 30_000;
/** The most that may wait for an answer at once. */
const MOST_WAITING = 1_000;
const MOST_WAITING_BYTES = 16 * 1024 * 1024;

export interface ProposeOptions {
  /** Compare-and-set: refused (`position_moved`) unless the document is exactly there. */
  readonly expected?: Position | undefined;
  /** A driver's fencing token; where this client holds the workflow's lease, it is added by itself. @default that of the lease */
  readonly token?: number | undefined;
  /** The same id again gives the first outcome, applied once. @default made up */
  readonly requestId?: string | undefined;
  /** Aborted: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long an answer is waited for, in ms; `Infinity` waits as long as it takes for a server that was there. @default 30,000 */
  readonly deadlineMs?: number | undefined;
}

export interface Accepted {
  readonly workflow_id: string | null;
  readonly epoch: string | null;
  readonly revision: number | null;
  readonly token?: number;
  readonly lease_ms?: number;
}

export interface ProposalParts {
  readonly clock: Clock;
  readonly random: () => number;
  /** False where there is no socket; `greeted` comes when there is one. */
  send(message: ProposeMessage): boolean;
  /** The token of a lease this client holds. */
  tokenFor(command: Command): number | undefined;
  /** Whether anything waits for an answer may have changed. */
  demandChanged(): void;
}

/** Sends one proposal over REST; rejects like a call of `RestClient`. */
export type Courier = (message: ProposeMessage, signal: AbortSignal) => Promise<Accepted>;

interface Waiting {
  readonly message: ProposeMessage;
  readonly bytes: number;
  readonly answer: Promise<Accepted>;
  readonly settle: (outcome: Accepted | { readonly error: unknown }) => void;
  /** On its way: over the present socket, or in the courier's hands. */
  isSent: boolean;
  refusals: number;
  cancelRetry: (() => void) | null;
}

type Answered = Extract<ServerMessage, { type: "accepted" | "refused" }>;

export class Proposals {
  readonly #parts: ProposalParts;
  /** In the order they were proposed, which is the order they are sent in. */
  readonly #waiting = new Map<string, Waiting>();
  /** Those of them that were refused for now. */
  readonly #refused = new Set<Waiting>();
  #bytes = 0;
  #courier: { readonly deliver: Courier; readonly stop: AbortController } | null = null;
  #stoppedFor: Error | null = null;

  constructor(parts: ProposalParts) {
    this.#parts = parts;
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  async propose(command: Command, options: ProposeOptions = {}): Promise<Accepted> {
    options.signal?.throwIfAborted();
    if (this.#stoppedFor) throw this.#stoppedFor;
    const { requestId = newRequestId(), expected, token } = options;
    const known = this.#waiting.get(requestId);
    if (known) return known.answer;

    const message: ProposeMessage = {
      type: "propose",
      request_id: requestId,
      command,
      ...(expected && { expected_revision: expected.revision, expected_epoch: expected.epoch }),
      ...(token !== undefined && { token }),
    };
    const bytes = checkSize(JSON.stringify(message));
    if (this.#waiting.size >= MOST_WAITING || this.#bytes + bytes > MOST_WAITING_BYTES) {
      throw new SyncError("too_many", `${this.#waiting.size} proposals wait for an answer already`);
    }
    const waiting = this.#keep(message, bytes, options);
    this.#send(waiting);
    this.#parts.demandChanged();
    return waiting.answer;
  }

  answered(frame: Answered): void {
    const waiting = frame.request_id === null ? undefined : this.#waiting.get(frame.request_id);
    if (!waiting) return;
    if (frame.type === "accepted") return waiting.settle(asAccepted(frame));
    if (frame.retry) return this.#retry(waiting);
    const details = { errors: frame.errors ?? [], ...positionIn({ ...frame }) };
    waiting.settle({ error: new SyncError(asErrorCode(frame.code), frame.message, details) });
  }

  /** A new socket: whatever is not answered goes out again, in order. */
  greeted(): void {
    for (const waiting of this.#waiting.values()) {
      if (!waiting.cancelRetry) this.#send(waiting);
    }
  }

  lost(): void {
    for (const waiting of this.#waiting.values()) waiting.isSent = false;
  }

  /** The socket was closed over the size of a frame: the largest on its way was it. False where none was. */
  tooBig(): boolean {
    const sent = [...this.#waiting.values()].filter((waiting) => waiting.isSent);
    const [largest] = sent.sort((one, other) => other.bytes - one.bytes);
    const error = new SyncError("too_large", "the server takes no frame of this size");
    largest?.settle({ error });
    return largest !== undefined;
  }

  /** While there is no socket to be had, proposals go by this way, one after the other; null ends that. */
  sendBy(deliver: Courier | null): void {
    this.#courier?.stop.abort();
    this.#courier = deliver && { deliver, stop: new AbortController() };
    if (!deliver) return;
    this.lost();
    void this.#deliverAll();
  }

  /** All that waits is rejected. */
  fail(error: Error): void {
    for (const waiting of [...this.#waiting.values()]) waiting.settle({ error });
  }

  /** Nothing will answer any more: all that waits is rejected, and so is all that comes until `resume`. */
  stop(why: Error): void {
    this.#stoppedFor = why;
    this.fail(why);
  }

  resume(): void {
    this.#stoppedFor = null;
  }

  #keep(message: ProposeMessage, bytes: number, options: ProposeOptions): Waiting {
    const { signal, deadlineMs = DEADLINE_MS } = options;
    let resolve!: (accepted: Accepted) => void;
    let reject!: (error: unknown) => void;
    const answer = new Promise<Accepted>((yes, no) => {
      resolve = yes;
      reject = no;
    });

    const settle: Waiting["settle"] = (outcome) => {
      if (!this.#waiting.delete(message.request_id)) return;
      this.#bytes -= bytes;
      waiting.cancelRetry?.();
      cancelDeadline?.();
      signal?.removeEventListener("abort", abort);
      if ("error" in outcome) reject(outcome.error);
      else resolve(outcome);
      if (this.#refused.delete(waiting)) this.#sendThoseBehind();
      this.#parts.demandChanged();
    };
    const waiting: Waiting = {
      message,
      bytes,
      answer,
      settle,
      isSent: false,
      refusals: 0,
      cancelRetry: null,
    };
    const abort = () => settle({ error: signal?.reason });
    const late = () =>
      settle({ error: new NoAnswerError(`No answer came within ${deadlineMs / 1_000} s.`) });
    const cancelDeadline = Number.isFinite(deadlineMs)
      ? this.#parts.clock.after(deadlineMs, late)
      : null;
    signal?.addEventListener("abort", abort);
    this.#waiting.set(message.request_id, waiting);
    this.#bytes += bytes;
    return waiting;
  }

  #send(waiting: Waiting): void {
    if (this.#courier) void this.#deliverAll();
    else if (!this.#isBehindRefused(waiting))
      waiting.isSent = this.#parts.send(this.#withToken(waiting.message));
  }

  /** A lease may have been claimed anew since the proposal was made: the token is the present one. */
  #withToken(message: ProposeMessage): ProposeMessage {
    const token = message.token ?? this.#parts.tokenFor(message.command);
    return token === undefined ? message : { ...message, token };
  }

  #sendThoseBehind(): void {
    for (const waiting of this.#waiting.values())
      if (!waiting.isSent && !waiting.cancelRetry) this.#send(waiting);
  }

  #isBehindRefused(waiting: Waiting): boolean {
    return isBehind(this.#refused, this.#waiting.values(), waiting);
  }

  #retry(waiting: Waiting, afterSeconds = 0): void {
    waiting.isSent = false;
    this.#refused.add(waiting);
    const backoff = delayBefore(waiting.refusals++, this.#parts.random());
    const delay = Math.max(FIRST_RETRY_MS, backoff, afterSeconds * 1_000);
    waiting.cancelRetry = this.#parts.clock.after(delay, () => {
      waiting.cancelRetry = null;
      this.#send(waiting);
    });
  }

  /** One at a time keeps the order; each call ends when there is nothing left or somebody else is at it. */
  async #deliverAll(): Promise<void> {
    const courier = this.#courier;
    if (!courier) return;
    const all = [...this.#waiting.values()];
    if (all.some((waiting) => waiting.isSent)) return;
    const next = all.find((waiting) => !waiting.cancelRetry && !this.#isBehindRefused(waiting));
    if (!next) return;

    next.isSent = true;
    const { signal } = courier.stop;
    try {
      next.settle(await courier.deliver(this.#withToken(next.message), signal));
    } catch (error) {
      // Aborted: whoever took over sends it again, and the request id keeps that harmless.
      if (signal.aborted) return;
      if (mayTryAgain(error)) this.#retry(next, error instanceof SyncError ? error.retryAfter : 0);
      else next.settle({ error });
    }
    return this.#deliverAll();
  }
}

function asAccepted(frame: Extract<Answered, { type: "accepted" }>): Accepted {
  const { workflow_id, epoch, revision, token, lease_ms } = frame;
  return {
    workflow_id,
    epoch,
    revision,
    ...(token !== undefined && { token }),
    ...(lease_ms !== undefined && { lease_ms }),
  };
}
