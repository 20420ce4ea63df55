/** Carries out what the connection's state machine says: owns the socket and the timers, and decides nothing. */

import { LIMITS } from "../../shared/limits.js";
import { PROTOCOL_VERSION } from "../../shared/names.js";
import type { ClientMessage } from "../../shared/schema/clientMessages.js";
import { CloseCode } from "../../shared/wire/closeCodes.js";
import { parseFrame } from "../wire/frames.js";
import { Timer } from "../wire/timer.js";
import type { ConnectionEvent, Effect, HttpAnswer } from "./connectionEvents.js";
import type { ConnectionListener, ConnectionParts } from "./connectionParts.js";
import { type ConnectionState, step } from "./connectionState.js";
import {
  type Condition,
  type ConnectionView,
  conditionIn,
  greeting,
  type Hello,
  IDLE_VIEW,
  withPart,
} from "./connectionView.js";
import { Network } from "./network.js";
import { ServerTime } from "./serverTime.js";
import { SleepSignal } from "./sleepSignal.js";
import { type LiveSocket, OpenSocket } from "./socket.js";
import { Watchdog } from "./watchdog.js";
import { stopSentence } from "./whyStopped.js";

const NORMAL_CLOSE = 1000;

const isOver = ({ name }: ConnectionState): boolean => name === "idle" || name === "stopped";

export class Connection {
  readonly #parts: ConnectionParts;
  readonly #listener: ConnectionListener;
  readonly #timer: Timer;
  readonly #watchdog: Watchdog;
  readonly #network: Network;
  readonly #sleep: SleepSignal;
  readonly #serverTime: ServerTime;
  readonly #events: ConnectionEvent[] = [];
  #isStepping = false;
  #state: ConnectionState = { name: "idle" };
  #socket: OpenSocket | null = null;
  #isGreeted = false;
  #probing: AbortController | null = null;
  #heardAt: number | null = null;
  #view: ConnectionView = IDLE_VIEW;

  constructor(parts: ConnectionParts, listener: ConnectionListener) {
    this.#parts = parts;
    this.#listener = listener;
    this.#timer = new Timer(parts.clock);
    this.#network = new Network(parts.wakeSignals, (signal) =>
      this.#dispatch({ type: signal === "offline" ? "offline" : "wake" }),
    );
    this.#serverTime = new ServerTime(parts.clock);
    this.#sleep = new SleepSignal(parts.clock, () => this.#dispatch({ type: "wake" }));
    this.#watchdog = new Watchdog(parts.clock, {
      ping: () => this.send({ type: "ping" }),
      giveUp: () => this.#dispatch({ type: "broken" }),
    });
  }

  get view(): ConnectionView {
    return this.#view;
  }

  get heardAt(): number | null {
    return this.#heardAt;
  }

  /** Between hello and loss: frames can be sent. */
  get isGreeted(): boolean {
    return this.#isGreeted;
  }

  start(): void {
    this.#dispatch({ type: "start" });
  }

  /** Every subscription of the present socket was answered. */
  synced(): void {
    this.#dispatch({ type: "synced" });
  }

  /** Whether there is a problem to be shown may have changed. */
  problemChanged(): void {
    this.#showState();
  }

  /** Asks HTTP how it is, whatever the socket does. */
  ask(): void {
    if (!isOver(this.#state)) this.#probe();
  }

  unwanted(): void {
    this.#dispatch({ type: "unwanted" });
  }

  retryNow(): void {
    this.#dispatch({ type: "retry" });
  }

  /** How the REST fallback fares. */
  http(answer: HttpAnswer): void {
    if (answer === "yes") this.#heardAt = this.#parts.clock.now();
    this.#dispatch({ type: "http", answer });
  }

  /** The server's time as an HTTP answer told it: good to a second, so what a socket tells is better. */
  measured(serverTime: number): void {
    if (this.#isGreeted) return;
    this.#serverTime.dated(serverTime);
    this.#show({ serverOffsetMs: this.#serverTime.offsetMs });
  }

  /** How the server is, as an HTTP answer told it. A socket that said hello knows better, so then this counts for nothing. */
  told(condition: Condition): void {
    if (!this.#isGreeted) this.#show(condition);
  }

  stop(): void {
    this.#dispatch({ type: "stop" });
  }

  /** False where there is no socket to send on; nothing is kept for later. */
  send(message: ClientMessage): boolean {
    const isSent = this.#isGreeted && (this.#socket?.send(JSON.stringify(message)) ?? false);
    if (isSent && message.type === "ping") this.#serverTime.pinged();
    return isSent;
  }

  /** Events that come while one is carried out wait for their turn, so that no step sees a half-done one. */
  #dispatch(event: ConnectionEvent): void {
    this.#events.push(event);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) {
        const { clock, random, isLookedAt, contact } = this.#parts;
        const around = {
          now: clock.now(),
          elapsed: clock.elapsed(),
          random: random(),
          online: this.#network.isOnline,
          isLookedAt: isLookedAt(),
        };
        const [state, ...todo] = step(this.#state, next, around);
        this.#state = state;
        if (isOver(state)) contact.rest();
        else if (next.type === "start" || next.type === "retry") contact.seek();
        this.#network.listen(!isOver(state));
        this.#sleep.listen(!isOver(state));
        for (const effect of todo) this.#carryOut(effect);
        this.#showState();
      }
    } finally {
      this.#isStepping = false;
    }
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case "open":
        return this.#open();
      case "close":
        this.#probing?.abort();
        return this.#drop(isOver(this.#state) ? NORMAL_CLOSE : CloseCode.replaced);
      case "wait":
        return this.#timer.set(effect.ms, () => this.#dispatch({ type: "timer" }));
      case "cancelWait":
        return this.#timer.cancel();
      case "check":
        return this.#watchdog.check();
      case "probe":
        return this.#probe();
    }
  }

  #open(): void {
    this.#drop(CloseCode.replaced);
    let link: LiveSocket;
    try {
      link = this.#parts.open();
    } catch {
      return this.#dispatch({ type: "closed", code: CloseCode.noAnswer });
    }
    this.#socket = new OpenSocket(link, {
      message: (data) => this.#receive(data),
      closed: (code) => this.#closed(code),
    });
  }

  #drop(code: number): void {
    this.#socket?.drop(code);
    this.#forget();
  }

  #closed(code: number): void {
    // Something other than Instep may close a socket before any hello; an HTTP call tells which it was.
    const isStranger = !this.#isGreeted && !this.#parts.contact.isMade;
    const comesBack = isStranger || (code === CloseCode.tooBig && this.#listener.tooBig());
    this.#forget();
    this.#dispatch({ type: "closed", code: comesBack ? CloseCode.goingAway : code });
  }

  #forget(): void {
    this.#socket = null;
    this.#watchdog.stop();
    if (!this.#isGreeted) return;
    this.#isGreeted = false;
    this.#listener.lost();
  }

  #receive(data: unknown): void {
    const parsed = parseFrame(data);
    if (!parsed.ok) return this.#dispatch({ type: "broken" });
    this.#heardAt = this.#parts.clock.now();
    const { frame } = parsed;
    if (frame?.type === "pong") this.#watchdog.answered();
    else this.#watchdog.heard();
    if (frame?.type === "hello") return this.#greet(frame);
    if (!this.#isGreeted) return this.#dispatch({ type: "broken" });
    const condition = frame && conditionIn(frame);
    if (condition) this.#show(condition);
    else if (frame) this.#listener.received(frame);
    if (frame?.type === "pong") this.#serverTime.answered(frame.server_time);
    if (frame?.type === "heartbeat" && this.#serverTime.heartbeat(frame.server_time))
      this.#watchdog.check();
    const heard = frame?.type === "heartbeat" ? { lastHeardAt: this.#heardAt } : {};
    this.#show({ serverOffsetMs: this.#serverTime.offsetMs, ...heard });
  }

  #greet(hello: Hello): void {
    if (this.#isGreeted) return this.#dispatch({ type: "broken" });
    if (hello.protocol !== PROTOCOL_VERSION) return this.#dispatch({ type: "foreign" });
    this.#isGreeted = true;
    this.#parts.contact.made();
    this.#serverTime.greeted(hello.server_time);
    this.#watchdog.start(hello.heartbeat_ms + LIMITS.graceMs);
    this.#show({
      ...greeting(hello),
      serverOffsetMs: this.#serverTime.offsetMs,
      isShared: this.#socket?.isShared ?? false,
    });
    this.#dispatch({ type: "greeted" });
    this.#listener.greeted();
  }

  #probe(): void {
    this.#probing?.abort();
    const probing = new AbortController();
    this.#probing = probing;
    void this.#parts.probe(probing.signal).then((answer) => {
      if (!probing.signal.aborted) this.#dispatch({ type: "http", answer });
    });
  }

  #showState(): void {
    const state = this.#state;
    const { contact, mount } = this.#parts;
    this.#show({
      phase: state.name,
      retryAt: state.name === "waiting" || state.name === "offline" ? state.until : null,
      why: state.name === "stopped" ? state.why : null,
      problem:
        state.name === "stopped"
          ? stopSentence(state.why, mount, contact.refusal)
          : (contact.problem?.message ?? null),
    });
  }

  #show(part: Partial<ConnectionView>): void {
    const next = withPart(this.#view, part);
    if (next === this.#view) return;
    this.#view = { ...next, lastHeardAt: this.#heardAt };
    this.#listener.changed();
  }
}
