/** Joins the connection, the mirrors, the proposals, the leases and the REST fallback. */

import type { Clock } from "../../shared/clock.js";
import { Listeners } from "../../shared/listeners.js";
import type { ClientMessage } from "../../shared/schema/clientMessages.js";
import type { Command } from "../../shared/schema/command.js";
import type { Position } from "../../shared/schema/position.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import type { Connection } from "../connection/connection.js";
import type { ConnectionView } from "../connection/connectionView.js";
import { whyStopped } from "../connection/whyStopped.js";
import type { FollowLogOptions, LogListener } from "../logs/followedLog.js";
import { FollowedLogs } from "../logs/followedLogs.js";
import { createCourier } from "../propose/courier.js";
import { type Lease, type LeaseOptions, Leases } from "../propose/leases.js";
import { type Accepted, Proposals, type ProposeOptions } from "../propose/proposals.js";
import type { RestClient } from "../rest/rest.js";
import type { PollAnswer } from "../watch/followedDocument.js";
import { Polling } from "../watch/polling.js";
import type { View } from "../watch/view.js";
import { Watching } from "../watch/watching.js";
import { NoAnswerError } from "../wire/noAnswer.js";
import { Timer } from "../wire/timer.js";
import type { ClientOptions, InstepClient } from "./client.js";
import { createLink, type Link } from "./link.js";

/** How long a socket that nobody needs stays open: long enough to go from one page to the next. */
const LINGER_MS = 2_000;

export class LiveClient implements InstepClient {
  readonly rest: RestClient;
  readonly clock: Clock;
  readonly #link: Link;
  readonly #connection: Connection;
  readonly #watching: Watching;
  readonly #proposals: Proposals;
  readonly #leases: Leases;
  readonly #logs: FollowedLogs;
  readonly #polling: Polling;
  readonly #connectionListeners = new Listeners<ConnectionView>();
  #isTellingConnection = false;
  #isCarrying = false;
  readonly #lingering: Timer;
  readonly #closing = new AbortController();

  constructor(options: ClientOptions) {
    const link = createLink(options, this.#closing.signal, {
      greeted: () => this.#greeted(),
      received: (frame) => this.#received(frame),
      lost: () => this.#lost(),
      tooBig: () => this.#proposals.tooBig(),
      changed: () => this.#connectionChanged(),
      contactChanged: (problem) => this.#contactChanged(problem),
    });
    const { clock, random, http, rest, connection } = link;
    const send = (message: ClientMessage) => connection.send(message);
    const demandChanged = () => this.#demandChanged();
    this.#link = link;
    this.clock = clock;
    this.rest = rest;
    this.#connection = connection;
    this.#lingering = new Timer(clock);
    this.#watching = new Watching({
      clock,
      send,
      demandChanged,
      serverNow: () => this.#serverTime(clock.now()),
      synced: () => connection.synced(),
      saw: (workflow_id, position) => link.positions.show(workflow_id, position),
    });
    this.#proposals = new Proposals({
      clock,
      random,
      send,
      demandChanged,
      tokenFor: (command) => this.#leases.tokenFor(command),
    });
    this.#leases = new Leases({
      clock,
      demandChanged,
      propose: (command, given) => this.#proposals.propose(command, given),
      ping: () => send({ type: "ping" }),
    });
    this.#logs = new FollowedLogs({ clock, http, rest, send, demandChanged });
    this.#polling = new Polling({
      clock,
      http,
      rest,
      subjects: () => this.#watching.open,
      positionOf: (subject) => this.#watching.positionOf(subject),
      polled: (subject, answer, askedAt) => this.#polled(subject, answer, askedAt),
      failed: (subject) => this.#pollFailed(subject),
      verdict: (answer) => connection.http(answer),
    });
  }

  get connection(): ConnectionView {
    return this.#connection.view;
  }

  watch(subject: string, listener: (view: View) => void): () => void {
    this.#mustBeOpen();
    const stop = this.#watching.watch(subject, listener);
    this.#polling.kick();
    return stop;
  }

  followLog(
    workflow_id: string,
    step: number,
    options: FollowLogOptions,
    listener: LogListener,
  ): () => void {
    this.#mustBeOpen();
    return this.#logs.follow(workflow_id, step, options, listener);
  }

  view(subject: string): View {
    return this.#watching.view(subject);
  }

  onConnection(listener: (connection: ConnectionView) => void): () => void {
    return this.#connectionListeners.listen(listener);
  }

  retryNow(): void {
    this.#connection.retryNow();
  }

  async propose(command: Command, options?: ProposeOptions): Promise<Accepted> {
    this.#mustBeOpen();
    const accepted = await this.#proposals.propose(command, options);
    this.#polling.kick();
    return accepted;
  }

  async lease(workflow_id: string, options: LeaseOptions): Promise<Lease> {
    this.#mustBeOpen();
    // A lease lives by the frames of the socket it was claimed on: those of other tabs must not keep it.
    this.#link.door.goAlone();
    return this.#leases.claim(workflow_id, options);
  }

  lastSeen(workflow_id: string): Position | null {
    return this.#link.positions.get(workflow_id);
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new NoAnswerError("the client was closed"));
    this.#leases.close();
    this.#logs.close();
    this.#connection.stop();
    this.#link.door.stop();
    this.#lingering.cancel();
  }

  #mustBeOpen(): void {
    this.#closing.signal.throwIfAborted();
  }

  #serverTime(localTime: number): number {
    return localTime + this.#connection.view.serverOffsetMs;
  }

  /** A socket is kept while anyone needs it, and a moment longer. */
  #demandChanged(): void {
    if (this.#closing.signal.aborted) return;
    this.#lingering.cancel();
    const isFollowing = this.#watching.isWatching || this.#logs.isFollowing;
    if (isFollowing || this.#proposals.isWaiting || this.#leases.isHolding) {
      this.#connection.start();
    } else if (this.connection.phase !== "idle") {
      this.#lingering.set(LINGER_MS, () => this.#connection.unwanted());
    }
  }

  /** Old reports before renewals: once a renewal is answered, a driver knows which of its reports the server has. */
  #greeted(): void {
    this.#chooseWay();
    this.#proposals.greeted();
    this.#leases.greeted();
    this.#watching.greeted();
    this.#logs.greeted();
  }

  #received(frame: ServerMessage): void {
    if (frame.type === "accepted" || frame.type === "refused") this.#proposals.answered(frame);
    if (frame.type === "heartbeat") this.#leases.heartbeat();
    this.#watching.received(frame);
    this.#logs.received(frame);
  }

  #lost(): void {
    this.#leases.lost();
    this.#proposals.lost();
    this.#logs.lost();
    // The phase may stay as it is: then REST takes over again what the socket was to carry.
    this.#chooseWay();
    this.#watching.lost(this.#serverTime(this.#connection.heardAt ?? this.clock.now()));
  }

  /** A socket that said hello knows better, and answers for all it is asked. */
  #polled(subject: string, answer: PollAnswer, askedAt: number): void {
    if (this.#connection.isGreeted) return;
    this.#watching.polled(subject, answer, this.#serverTime(askedAt));
  }

  #pollFailed(subject: string): void {
    if (!this.#connection.isGreeted) this.#watching.pollFailed(subject);
  }

  /** A proposal that waits is told that no answer will come; a watcher may go on watching. */
  #contactChanged(problem: NoAnswerError | null): void {
    this.#connection.problemChanged();
    if (problem) this.#proposals.fail(problem);
  }

  #connectionChanged(): void {
    this.#chooseWay();
    this.#watching.problem(this.connection.problem);
    this.#watching.stale(this.connection.staleSince);
    this.#logs.problem(this.connection.problem);
    if (this.#isTellingConnection) return;
    this.#isTellingConnection = true;
    queueMicrotask(() => {
      this.#isTellingConnection = false;
      this.#connectionListeners.tell(this.connection);
    });
  }

  /** By the socket where it said hello, else by REST where WebSockets are blocked, else not at all for now. */
  #chooseWay(): void {
    const { phase } = this.connection;
    if (phase === "polling") this.#polling.start();
    else this.#polling.stop();
    const isCarrying = phase === "polling" && !this.#connection.isGreeted;
    this.#logs.poll(isCarrying);
    if (isCarrying !== this.#isCarrying) {
      this.#isCarrying = isCarrying;
      this.#proposals.sendBy(isCarrying ? createCourier(this.rest) : null);
    }
    if (phase === "stopped")
      this.#proposals.stop(whyStopped(this.connection, this.#link.contact.refusal));
    else this.#proposals.resume();
  }
}
