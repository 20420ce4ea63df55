/** Every output that is followed: over the socket where there is one, by REST where not. */
import { LIMITS } from "../../shared/limits.js";
import type { ClientMessage } from "../../shared/schema/clientMessages.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import {
  type AskNext,
  FollowedLog,
  type FollowLogOptions,
  type LogListener,
} from "./followedLog.js";
import { type LogReaderParts, readLog } from "./logReader.js";
import { LogTurns, type OutputFrame } from "./logTurns.js";

/** After a refusal (too many, too fast). */
const ASK_AGAIN_MS = 5_000;

export interface FollowedLogsParts extends LogReaderParts {
  /** False where there is no socket; `greeted` comes when there is one. */
  send(message: ClientMessage): boolean;
  /** Whether anything is followed may have changed. */
  demandChanged(): void;
}

export class FollowedLogs {
  readonly #parts: FollowedLogsParts;
  readonly #logs = new Set<FollowedLog>();
  /** The follower that the socket brings the output of a step. A second follower of the same step reads by REST until its turn. */
  readonly #onSocket = new Map<string, FollowedLog>();
  /** Steps that this socket was asked about: of those, frames may still be on their way that answer an older question. */
  readonly #asked = new Set<string>();
  readonly #readers = new Map<FollowedLog, AbortController>();
  /** The frames that the socket brought and nobody was told of yet. A new socket is asked for them again. */
  readonly #turns: LogTurns;
  #isGreeted = false;
  #isPolling = false;
  #problem: string | null = null;
  #cancelAskingAgain: (() => void) | null = null;

  constructor(parts: FollowedLogsParts) {
    this.#parts = parts;
    this.#turns = new LogTurns(parts.clock, (frame) => this.#hand(frame));
  }

  get isFollowing(): boolean {
    return this.#logs.size > 0;
  }

  follow(
    workflow_id: string,
    step: number,
    options: FollowLogOptions,
    listener: LogListener,
  ): () => void {
    const log = new FollowedLog(workflow_id, step, options, listener);
    this.#logs.add(log);
    this.#chooseWay(log);
    this.#parts.demandChanged();
    queueMicrotask(() => {
      if (this.#problem !== null) log.problem(this.#problem);
    });
    return () => this.#drop(log);
  }

  /** A new socket: everything is asked again, from where each follower stands. */
  greeted(): void {
    this.#isGreeted = true;
    this.#chooseWays();
  }

  lost(): void {
    this.#isGreeted = false;
    this.#turns.clear();
    this.#onSocket.clear();
    this.#asked.clear();
    this.#cancelAskingAgain?.();
    this.#cancelAskingAgain = null;
    this.#chooseWays();
  }

  /** Whether WebSockets are blocked, so that REST has to do. */
  poll(isPolling: boolean): void {
    if (isPolling === this.#isPolling) return;
    this.#isPolling = isPolling;
    this.#chooseWays();
  }

  /** Why nothing comes, for those who follow; null where that is over. */
  problem(sentence: string | null): void {
    if (sentence === this.#problem) return;
    this.#problem = sentence;
    if (sentence !== null) for (const log of this.#logs) log.problem(sentence);
  }

  received(frame: ServerMessage): void {
    if (frame.type === "refused") return this.#refused(frame);
    const { type } = frame;
    if (type === "log" || type === "log_end" || type === "log_away") this.#turns.add(frame);
  }

  close(): void {
    for (const log of [...this.#logs]) this.#drop(log);
    this.lost();
  }

  #hand(frame: OutputFrame): void {
    const log = this.#onSocket.get(`${frame.workflow_id} ${frame.step}`);
    if (!log) return;
    this.#askNext(log, log.received(frame));
    if (log.isFinal) this.#drop(log);
  }

  #chooseWays(): void {
    for (const log of this.#logs) this.#chooseWay(log);
  }

  #chooseWay(log: FollowedLog): void {
    if (this.#onSocket.get(log.key) === log) return;
    if (this.#isGreeted && this.#mayHaveSocket(log)) {
      this.#stopReading(log);
      this.#onSocket.set(log.key, log);
      const isFirst = !this.#asked.has(log.key);
      this.#asked.add(log.key);
      this.#parts.send(log.ask(isFirst));
    } else if (this.#isGreeted || this.#isPolling) {
      this.#read(log);
    } else {
      this.#stopReading(log);
    }
  }

  #mayHaveSocket(log: FollowedLog): boolean {
    const isFree = !this.#onSocket.has(log.key) && this.#onSocket.size < LIMITS.followsPerSocket;
    return isFree && (log.knowsWhere || !this.#asked.has(log.key));
  }

  #read(log: FollowedLog): void {
    if (this.#readers.has(log)) return;
    const reader = new AbortController();
    this.#readers.set(log, reader);
    const roundDone = () => {
      if (log.isFinal) this.#drop(log);
      else this.#chooseWay(log);
    };
    void readLog(log, this.#parts, reader.signal, roundDone);
  }

  #stopReading(log: FollowedLog): void {
    this.#readers.get(log)?.abort();
    this.#readers.delete(log);
  }

  #askNext(log: FollowedLog, ask: AskNext): void {
    if (ask === "again") this.#parts.send(log.ask(false));
    if (ask === "newer attempts") this.#parts.send(log.askForNewer());
  }

  /** A refusal does not say which step it is about, so all are asked again; what was had already is not told again. */
  #refused({ request_id, code }: Extract<ServerMessage, { type: "refused" }>): void {
    const isAboutSpeed = code === "too_many" || code === "rate_limited";
    if (request_id !== null || !isAboutSpeed || this.#onSocket.size === 0) return;
    this.#cancelAskingAgain ??= this.#parts.clock.after(ASK_AGAIN_MS, () => {
      this.#cancelAskingAgain = null;
      for (const log of this.#onSocket.values()) {
        if (!log.knowsWhere) this.#parts.send(log.ask(false));
      }
    });
  }

  #drop(log: FollowedLog): void {
    if (!this.#logs.delete(log)) return;
    log.drop();
    this.#stopReading(log);
    if (this.#onSocket.get(log.key) === log) {
      this.#onSocket.delete(log.key);
      const { workflow_id, step } = log;
      if (!log.isFinal) this.#parts.send({ type: "unfollow_log", workflow_id, step });
      // Its place goes to the next that waits for one.
      this.#chooseWays();
    }
    this.#parts.demandChanged();
  }
}
