/** One socket to one server with one token, for all tabs that use these: each is told what its own socket would tell it. */
import type { Clock } from "../../shared/clock.js";
import { LIMITS } from "../../shared/limits.js";
import type { ClientMessage } from "../../shared/schema/clientMessages.js";
import { CloseCode, mayReconnect } from "../../shared/wire/closeCodes.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import { type LiveSocket, OpenSocket } from "../connection/socket.js";
import { Watchdog } from "../connection/watchdog.js";
import { CONNECT_DEADLINE_MS } from "../wire/connectionTimes.js";
import { parseFrame } from "../wire/frames.js";
import { Timer } from "../wire/timer.js";
import type { Member } from "./member.js";
import { RelayedDocuments } from "./relayedDocuments.js";
import { RelayedLogs } from "./relayedLogs.js";
import { RelayedProposals } from "./relayedProposals.js";

/** How long the socket stays open for nobody: long enough for a page to be loaded again. */
const LINGER_MS = 2_000;

export interface RelayParts {
  readonly clock: Clock;
  /** May throw. */
  readonly open: () => LiveSocket;
  /** The server answers again. */
  readonly up: () => void;
  /** Nobody uses it any more. */
  readonly unused: () => void;
}

type Hello = Extract<ServerMessage, { type: "hello" }>;

export class Relay {
  readonly #parts: RelayParts;
  readonly #members = new Set<Member>();
  readonly #documents: RelayedDocuments;
  readonly #logs: RelayedLogs;
  readonly #proposals = new RelayedProposals();
  /** The tabs whose pings wait for a "pong", in order. */
  readonly #pings: (Member | null)[] = [];
  readonly #deadline: Timer;
  readonly #linger: Timer;
  readonly #watchdog: Watchdog;
  #socket: OpenSocket | null = null;
  #hello: Hello | null = null;
  /** Told to each tab that joins, after its hello. */
  readonly #conditions = new Map<"storage" | "stale", string>();

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#deadline = new Timer(parts.clock);
    this.#linger = new Timer(parts.clock);
    this.#watchdog = new Watchdog(parts.clock, {
      ping: () => this.#ping(null),
      giveUp: () => this.#fail(),
    });
    const send = (message: ClientMessage) => this.#send(message);
    this.#documents = new RelayedDocuments({ send });
    this.#logs = new RelayedLogs(send);
  }

  /** The tab is greeted once the server has answered after it came: nobody is told of a link that is dead. */
  join(member: Member): void {
    this.#linger.cancel();
    this.#members.add(member);
    if (this.#hello) this.#ping(member);
    else if (!this.#socket) this.#open();
  }

  /** `code`: how the tab would have closed its own socket. */
  leave(member: Member, code: number): void {
    member.leave();
    // It gave the link up: is it right?
    if (code === CloseCode.replaced) this.#watchdog.check();
    this.#forget(member);
  }

  /** A frame from the tab. */
  send(member: Member, text: string): void {
    if (!this.#hello || !member.isGreeted || !this.#members.has(member)) return;
    const message = JSON.parse(text) as ClientMessage;
    if (!member.pay(text.length) || !this.#fits(member, message)) return this.#sendAway(member);
    switch (message.type) {
      case "subscribe":
        return this.#documents.subscribe(member, message);
      case "unsubscribe":
        return this.#documents.unsubscribe(member, message.workflow_id);
      case "follow_log":
        return this.#logs.follow(member, message);
      case "unfollow_log":
        return this.#logs.unfollow(member, message);
      case "ping":
        return this.#ping(member);
      case "propose":
        this.#proposals.sent(member, message.request_id, text.length);
        this.#socket?.send(text);
    }
  }

  /** The tab has taken what waited for it. */
  room(member: Member): void {
    if (!this.#hello) return;
    this.#documents.room(member);
    this.#logs.room(member);
  }

  stop(): void {
    this.#linger.cancel();
    this.#drop(CloseCode.goingAway);
  }

  /** The frames that a tab may send on a socket that is not its own. A lease belongs to its driver's socket: whatever comes over it keeps it alive. */
  #fits(member: Member, message: ClientMessage): boolean {
    if (message.type === "propose") return message.command.kind !== "claim";
    if (message.type !== "follow_log") return true;
    return this.#hello?.named_followers === true && (!this.#logs.isFull || this.#logs.has(member));
  }

  #sendAway(member: Member): void {
    member.sendAway();
    this.#forget(member);
  }

  #open(): void {
    this.#deadline.set(CONNECT_DEADLINE_MS, () => this.#fail());
    let link: LiveSocket;
    try {
      link = this.#parts.open();
    } catch {
      return this.#fail();
    }
    this.#socket = new OpenSocket(link, {
      message: (data) => this.#hear(data),
      closed: (code) => this.#closed(code),
    });
  }

  #hear(data: unknown): void {
    const parsed = parseFrame(data);
    if (!parsed.ok) return this.#fail();
    const { frame } = parsed;
    if (frame?.type === "pong") this.#watchdog.answered();
    else this.#watchdog.heard();
    if (frame?.type === "hello") return this.#greeted(frame);
    if (!this.#hello) return this.#fail();
    if (frame) this.#received(frame, data as string);
  }

  #greeted(hello: Hello): void {
    if (this.#hello) return this.#fail();
    this.#hello = hello;
    this.#deadline.cancel();
    this.#watchdog.start(hello.heartbeat_ms + LIMITS.graceMs);
    for (const member of [...this.#members]) this.#greet(member, hello.server_time);
    this.#parts.up();
    this.#lingerUnlessUsed();
  }

  #greet(member: Member, server_time: string): void {
    if (!this.#hello || member.isGone || member.isGreeted) return;
    member.isGreeted = true;
    member.answer({ ...this.#hello, server_time });
    for (const text of this.#conditions.values()) member.answer(text);
  }

  #received(frame: ServerMessage, text: string): void {
    switch (frame.type) {
      case "accepted":
        return this.#proposals.answered(frame.request_id, text);
      case "refused":
        if (frame.request_id !== null) return this.#proposals.answered(frame.request_id, text);
        // It does not always say what was refused: each tab knows whether it waits for anything.
        if (frame.workflow_id === undefined) return this.#tellAll(text);
        return this.#documents.refused(frame.workflow_id, text);
      case "log":
      case "log_end":
      case "log_away":
        return this.#logs.received(frame, text);
      case "storage":
      case "stale":
        this.#conditions.set(frame.type, text);
        return this.#tellAll(text);
      case "heartbeat":
        return this.#tellAll(text);
      case "pong":
        return this.#ponged(text, frame.server_time);
      case "current":
        return this.#documents.moveCurrent(frame.workflow_id);
      case "snapshot":
      case "changed":
      case "resumed":
      case "closed":
        return this.#documents.document(frame, text);
      case "hello":
        return;
    }
  }

  #tellAll(text: string): void {
    for (const member of [...this.#members]) if (member.isGreeted) member.answer(text);
    this.#forgetGone();
  }

  #ping(member: Member | null): void {
    this.#pings.push(member);
    this.#send({ type: "ping" });
    // A dead socket answers nobody.
    if (member && !member.isGreeted) this.#watchdog.check();
  }

  #ponged(text: string, server_time: string | undefined): void {
    const member = this.#pings.shift();
    if (!member || member.isGone) return;
    if (member.isGreeted) member.answer(text);
    else this.#greet(member, server_time ?? new Date(this.#parts.clock.now()).toISOString());
  }

  #send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Nothing, or nonsense, comes over this socket. */
  #fail(): void {
    this.#drop(CloseCode.replaced);
    this.#closed(CloseCode.noAnswer);
  }

  #closed(code: number): void {
    const members = [...this.#members];
    const tooBig = code === CloseCode.tooBig ? this.#proposals.largestFrom() : null;
    this.#lost();
    for (const member of members) {
      // One tab's frame was too big: the others have done nothing that they could not do again.
      const isBlamed = tooBig === null || tooBig === member;
      member.close(isBlamed || mayReconnect(code) ? code : CloseCode.goingAway);
      this.#members.delete(member);
    }
    this.#lingerUnlessUsed();
  }

  #drop(code: number): void {
    this.#socket?.drop(code);
    this.#lost();
  }

  #lost(): void {
    this.#deadline.cancel();
    this.#watchdog.stop();
    this.#socket = null;
    this.#hello = null;
    this.#conditions.clear();
    this.#pings.length = 0;
    this.#documents.lost();
    this.#logs.lost();
    this.#proposals.lost();
  }

  #forget(member: Member): void {
    if (!this.#members.delete(member)) return;
    if (this.#hello) {
      this.#documents.drop(member);
      this.#logs.drop(member);
    }
    this.#proposals.drop(member);
    this.#lingerUnlessUsed();
  }

  /** Those that were cut off while they were told something. */
  #forgetGone(): void {
    for (const member of [...this.#members]) if (member.isGone) this.#forget(member);
  }

  #lingerUnlessUsed(): void {
    if (this.#members.size > 0) return;
    this.#linger.set(LINGER_MS, () => {
      this.#drop(CloseCode.goingAway);
      this.#parts.unused();
    });
  }
}
