/** A workflow as its driver knows it: every report is made until it is answered, and somebody else's hand is noticed. */

import { SyncError } from "../../shared/errors.js";
import { newRequestId } from "../../shared/identifiers.js";
import { pause } from "../../shared/pause.js";
import type { Command } from "../../shared/schema/command.js";
import type { Position } from "../../shared/schema/position.js";
import { whyStopped } from "../connection/whyStopped.js";
import type { InstepClient } from "../live/client.js";
import type { Lease } from "../propose/leases.js";
import type { Accepted } from "../propose/proposals.js";
import type { Appended } from "../rest/restLog.js";
import { delayBefore, FIRST_RETRY_MS } from "../wire/connectionTimes.js";
import { appendOnce } from "./appending.js";

/** How long a cancelled driver still tries to say so. */
const FAREWELL_MS = 10_000;

/** With the pauses in between, longer than a dead socket takes to be noticed and replaced. */
const MOST_STALE_APPENDS = 8;

export interface DrivenParts {
  readonly client: InstepClient;
  readonly workflow_id: string;
  readonly driver: string;
  /** The user's wish to stop; what still has to be said then is said with a deadline. */
  readonly cancelled: AbortSignal;
  /** This driver has no business here any more. */
  lost(why: unknown): void;
  /** The lease had ended and is ours again: what was interrupted has to be said anew. */
  regained(): void;
}

export class DrivenWorkflow {
  readonly #parts: DrivenParts;
  #lease: Lease | null = null;
  #isClaiming = false;
  /** Reports whose answer has not been read. */
  readonly #untold = new Set<Promise<unknown>>();
  /** While it is found out whether several reports that were refused may be made again. */
  #settling: Promise<boolean> | null = null;
  /** Where our last accepted report left the workflow. */
  #at: Position | null = null;
  readonly #stops: (() => void)[] = [];

  constructor(parts: DrivenParts) {
    this.#parts = parts;
  }

  get at(): Position | null {
    return this.#at;
  }

  /** Claims the workflow where there is a WebSocket, else later, once there is one. Then watches for the end by another's hand. */
  async hold(): Promise<void> {
    const { client, workflow_id } = this.#parts;
    await this.#claim();
    this.#stops.push(
      client.watch(workflow_id, ({ closed }) => {
        if (closed === "cleared") this.#lose(new SyncError("unknown_workflow", "it was cleared"));
      }),
      client.onConnection(({ phase }) => {
        if (phase !== "live" || this.#lease || this.#isClaiming) return;
        this.#claim().catch((error: unknown) => this.#lose(error));
      }),
    );
  }

  /** Resolves once it is durable, however long that takes; rejects where it is refused for good. */
  async tell(command: Command): Promise<Accepted> {
    for (let attempt = 0; ; attempt++) {
      const lease = this.#lease;
      try {
        return await this.#tellOnce(command);
      } catch (error) {
        const isStale = error instanceof SyncError && error.code === "stale_driver";
        if (!isStale || attempt === 2 || !(await this.#mayGoOn(attempt, lease)))
          throw this.#explained(error);
      }
    }
  }

  /** Resolves once the output is durable, however long that takes; null where the server keeps none. */
  async append(
    step: number,
    attempt: number,
    output: Uint8Array<ArrayBuffer>,
    begin: number,
    signal: AbortSignal,
  ): Promise<Pick<Appended, "next"> | null> {
    const { client, workflow_id } = this.#parts;
    try {
      return await appendOnce(output, begin, {
        append: (bytes, at) => {
          const options = { attempt, at, token: this.#lease?.token, signal };
          return client.rest.appendLog(workflow_id, step, bytes, options);
        },
        again: async (tries) => {
          const { connection } = client;
          if (connection.phase === "stopped") throw whyStopped(connection);
          await pause(client.clock, Math.max(FIRST_RETRY_MS, delayBefore(tries, 1)), signal);
        },
        mayGoOn: async (refusals) => {
          // REST may be heard before the socket that renews the lease is back: that takes its time.
          if (this.#lease) return refusals < MOST_STALE_APPENDS && this.#lease.isHeld();
          return refusals === 0 && this.#mayGoOn(1, this.#lease);
        },
      });
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** Ends the driving, whatever became of the workflow; the server ends the lease of an ended workflow by itself. */
  async leave(): Promise<void> {
    for (const stop of this.#stops) stop();
    const lease = this.#lease;
    this.#lease = null;
    await lease?.release();
  }

  async #claim(): Promise<void> {
    const { client, workflow_id, driver, cancelled } = this.#parts;
    this.#isClaiming = true;
    try {
      this.#lease = await client.lease(workflow_id, {
        driver,
        signal: cancelled,
        deadlineMs: Number.POSITIVE_INFINITY,
        mayGoOn: async (claim) => {
          // The answers to what we had told came before that of the claim, perhaps in the same piece: their readers come first.
          await Promise.allSettled(this.#untold);
          // Since our last word nothing but the interruption and this claim.
          const isOurs =
            claim.epoch === this.#at?.epoch && claim.revision === this.#at.revision + 2;
          if (isOurs) this.#note(claim);
          if (isOurs) queueMicrotask(() => this.#parts.regained());
          return isOurs;
        },
        onLost: (why) => this.#lose(why),
      });
      this.#note(this.#lease.claimedAt);
    } catch (error) {
      const isWithoutSocket = error instanceof SyncError && error.code === "upgrade_required";
      if (!isWithoutSocket) throw this.#explained(error);
    } finally {
      this.#isClaiming = false;
    }
  }

  #tellOnce(command: Command): Promise<Accepted> {
    const telling = this.#carry(command);
    this.#untold.add(telling);
    return telling.finally(() => this.#untold.delete(telling));
  }

  async #carry(command: Command): Promise<Accepted> {
    const { client, cancelled } = this.#parts;
    const requestId = newRequestId();
    const whatever = { requestId, deadlineMs: Number.POSITIVE_INFINITY, signal: cancelled };
    try {
      if (!cancelled.aborted) return this.#note(await client.propose(command, whatever));
    } catch (error) {
      if (!cancelled.aborted || error instanceof SyncError) throw error;
    }
    // The same request again: if the server has it already, it says so.
    return this.#note(await client.propose(command, { requestId, deadlineMs: FAREWELL_MS }));
  }

  /** After `stale_driver`: whether the lease is ours after all, or ended without anyone else having driven. */
  async #mayGoOn(attempt: number, before: Lease | null): Promise<boolean> {
    // Another report, refused at the same time, has settled that meanwhile.
    if (this.#lease !== before) return true;
    if (attempt === 0 && this.#lease) return this.#lease.isHeld();
    this.#settling ??= this.#goesOnWithoutLease().finally(() => {
      this.#settling = null;
    });
    return this.#settling;
  }

  async #goesOnWithoutLease(): Promise<boolean> {
    const { client, workflow_id } = this.#parts;
    if (client.connection.phase !== "polling") return false;
    const now = await client.rest.load(workflow_id);
    const isUntouched =
      now !== null &&
      now.epoch === this.#at?.epoch &&
      now.revision === this.#at.revision + 1 &&
      now.state.status === "interrupted" &&
      now.state.driver === undefined;
    if (!isUntouched) return false;
    // Over REST there is no lease to be had; without one our reports count again.
    this.#lease?.abandon();
    this.#lease = null;
    this.#note(now);
    queueMicrotask(() => this.#parts.regained());
    return true;
  }

  #note<Answer extends { epoch: string | null; revision: number | null }>(answer: Answer): Answer {
    const { epoch, revision } = answer;
    if (epoch === null || revision === null) return answer;
    const isOld = this.#at?.epoch === epoch && this.#at.revision > revision;
    if (!isOld) this.#at = { epoch, revision };
    return answer;
  }

  #lose(why: unknown): void {
    this.#lease?.abandon();
    this.#lease = null;
    this.#parts.lost(this.#explained(why));
  }

  #explained(error: unknown): unknown {
    if (!(error instanceof SyncError)) return error;
    const what = `"${this.#parts.workflow_id}"`;
    const message = {
      stale_driver: `somebody else drives ${what} now; this driver has stopped`,
      unknown_workflow: `${what} was cleared; this driver has stopped`,
      already_ended: `${what} has ended already; this driver has stopped`,
    }[error.code as string];
    return message === undefined ? error : new SyncError(error.code, message, { cause: error });
  }
}
