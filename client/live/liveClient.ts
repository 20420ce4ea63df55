/** Joins the connection, the mirrors, the proposals, the leases and the REST fallback. */

import { type Clock, systemClock } from "../../shared/clock.js";
import { Listeners } from "../../shared/listeners.js";
import type { ClientMessage } from "../../shared/schema/clientMessages.js";
import type { Command } from "../../shared/schema/command.js";
import type { Position } from "../../shared/schema/position.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import { Connection } from "../connection/connection.js";
import type { ConnectionView } from "../connection/connectionView.js";
import { isTabVisible } from "../connection/wakeSignals.js";
import { whyStopped } from "../connection/whyStopped.js";
import type { FollowLogOptions, LogListener } from "../logs/followedLog.js";
import { FollowedLogs } from "../logs/followedLogs.js";
import { createCourier } from "../propose/courier.js";
import { type Lease, type LeaseOptions, Leases } from "../propose/leases.js";
import { type Accepted, Proposals, type ProposeOptions } from "../propose/proposals.js";
import { createHttp } from "../rest/http.js";
import { Positions } from "../rest/positions.js";
import { createRest, type RestClient } from "../rest/rest.js";
import { Polling, probe } from "../watch/polling.js";
import type { View } from "../watch/view.js";
import { Watching } from "../watch/watching.js";
import { mountOf } from "../wire/address.js";
import { Contact } from "../wire/contact.js";
import { NoAnswerError } from "../wire/noAnswer.js";
import { IN_TIME, noInstepAt } from "../wire/noInstep.js";
import { Timer } from "../wire/timer.js";
import type { ClientOptions, InstepClient } from "./client.js";
import { createDoor, type Door } from "./door.js";

/** How long a socket that nobody needs stays open: long enough to go from one page to the next. */
const LINGER_MS = 2_000;

export class LiveClient implements InstepClient {
  readonly rest: RestClient;
  readonly clock: Clock;
  readonly #positions = new Positions();
  readonly #door: Door;
  readonly #contact: Contact;
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
    const { clock = systemClock, random = Math.random, token } = options;
    const mount = mountOf(options.url);
    const fetch = options.fetch ?? ((...given) => globalThis.fetch(...given));
    const contact = new Contact({
      clock,
      ask: () => this.#connection.ask(),
      silence: () => noInstepAt(mount, IN_TIME),
      changed: (problem) => this.#contactChanged(problem),
    });
    const parts = { base: mount, token, fetch, clock, random, contact };
    const http = createHttp({
      ...parts,
      closed: this.#closing.signal,
      measured: (serverTime) => this.#connection.measured(serverTime),
      cannotSave: (reason) => this.#connection.cannotSave(reason),
    });

    this.clock = clock;
    this.#contact = contact;
    this.#lingering = new Timer(clock);
    this.rest = createRest(http, this.#positions);
    this.#door = createDoor(options, mount, clock);
    this.#connection = new Connection(
      {
        clock,
        random,
        wakeSignals: this.#door.wakeSignals,
        isLookedAt: options.isLookedAt ?? isTabVisible,
        mount,
        contact,
        open: () => this.#door.open(),
        probe: (signal) => probe(this.rest, signal),
      },
      {
        greeted: () => this.#greeted(),
        received: (frame) => this.#received(frame),
        lost: () => this.#lost(),
        tooBig: () => this.#proposals.tooBig(),
        changed: () => this.#connectionChanged(),
      },
    );
    const send = (message: ClientMessage) => this.#connection.send(message);
    const demandChanged = () => this.#demandChanged();
    this.#watching = new Watching({
      clock,
      send,
      demandChanged,
      serverNow: () => this.#serverTime(clock.now()),
      synced: () => this.#connection.synced(),
      saw: (workflow_id, position) => this.#positions.show(workflow_id, position),
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
    this.#logs = new FollowedLogs({ clock, http, rest: this.rest, send, demandChanged });
    this.#polling = new Polling({
      clock,
      http,
      rest: this.rest,
      subjects: () => this.#watching.open,
      positionOf: (subject) => this.#watching.positionOf(subject),
      polled: (subject, answer, askedAt) => {
        // A socket that said hello knows better, and answers for all it is asked.
        if (this.#connection.isGreeted) return;
        this.#watching.polled(subject, answer, this.#serverTime(askedAt));
      },
      failed: (subject) => {
        if (!this.#connection.isGreeted) this.#watching.pollFailed(subject);
      },
      verdict: (answer) => this.#connection.http(answer),
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
    this.#door.goAlone();
    return this.#leases.claim(workflow_id, options);
  }

  lastSeen(workflow_id: string): Position | null {
    return this.#positions.get(workflow_id);
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new NoAnswerError("the client was closed"));
    this.#leases.close();
    this.#logs.close();
    this.#connection.stop();
    this.#door.stop();
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

  /** Who waits for an answer hears that none will come; who watches may go on doing so. */
  #contactChanged(problem: NoAnswerError | null): void {
    this.#connection.problemChanged();
    if (problem) this.#proposals.fail(problem);
  }

  #connectionChanged(): void {
    this.#chooseWay();
    this.#watching.problem(this.connection.problem);
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
      this.#proposals.stop(whyStopped(this.connection, this.#contact.refusal));
    else this.#proposals.resume();
  }
}
