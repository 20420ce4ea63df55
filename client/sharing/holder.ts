/** Holds the sockets of a browser's tabs: lives in a SharedWorker, and knows a tab by its port. */
import type { Clock } from "../../shared/clock.js";
import { CloseCode } from "../../shared/wire/closeCodes.js";
import type { LiveSocket } from "../connection/socket.js";
import { Member } from "./member.js";
import { asTabMessage, type HolderMessage, type Port } from "./portMessages.js";
import { Relay } from "./relay.js";

export interface HolderParts {
  readonly clock: Clock;
  /** May throw. */
  readonly openSocket: (url: string, protocols: readonly string[]) => LiveSocket;
}

interface Link {
  readonly link: number;
  readonly member: Member;
  readonly relay: Relay;
}

interface Tab {
  readonly port: Port;
  present: Link | null;
  /** Where it was last, and will be again. */
  key: string | null;
  /** Told that the server answers, and not heard of since: it may stand still. */
  isToldUp: boolean;
}

export class Holder {
  readonly #parts: HolderParts;
  /** By address and subprotocols, which carry the token: another token is another connection. */
  readonly #relays = new Map<string, Relay>();
  readonly #tabs = new Set<Tab>();
  /** The name of a lock that is held for as long as this lives; null where there is none, or not yet. */
  life: string | null = null;

  constructor(parts: HolderParts) {
    this.#parts = parts;
  }

  /** A tab has come. */
  connect(port: Port): void {
    const tab: Tab = { port, present: null, key: null, isToldUp: false };
    this.#tabs.add(tab);
    port.onmessage = ({ data }) => this.#hear(tab, data);
    post(tab, { type: "here", life: this.life });
  }

  #hear(tab: Tab, data: unknown): void {
    const message = asTabMessage(data);
    const { present } = tab;
    tab.isToldUp = false;
    switch (message?.type) {
      case "open":
        return this.#open(tab, message.link, message.url, message.protocols);
      case "send":
        if (present?.link === message.link) present.relay.send(present.member, message.text);
        return;
      case "close":
        if (present?.link === message.link) this.#leave(tab, message.code);
        return;
      case "taken":
        if (present?.link === message.link) present.member.outbox.taken(message.characters);
        return;
      case "look":
        return post(tab, { type: "here", life: this.life });
      case "bye":
        this.#leave(tab, CloseCode.goingAway);
        this.#tabs.delete(tab);
        tab.port.close();
        return;
      case undefined:
        return;
    }
  }

  #open(tab: Tab, link: number, url: string, protocols: readonly string[]): void {
    this.#leave(tab, CloseCode.goingAway);
    const key = JSON.stringify([url, protocols]);
    tab.key = key;
    const relay = this.#relays.get(key) ?? this.#newRelay(key, url, protocols);
    const over = () => {
      if (tab.present?.member === member) tab.present = null;
    };
    const member = new Member(this.#parts.clock, {
      post: (text) => post(tab, { type: "message", link, text }),
      closed: (code) => {
        over();
        post(tab, { type: "closed", link, code });
      },
      unfit: () => {
        over();
        post(tab, { type: "unfit", link });
      },
      room: () => relay.room(member),
    });
    tab.present = { link, member, relay };
    relay.join(member);
  }

  #leave(tab: Tab, code: number): void {
    const { present } = tab;
    tab.present = null;
    present?.relay.leave(present.member, code);
  }

  #newRelay(key: string, url: string, protocols: readonly string[]): Relay {
    const relay = new Relay({
      clock: this.#parts.clock,
      open: () => this.#parts.openSocket(url, protocols),
      up: () => {
        for (const tab of this.#tabs) {
          if (tab.key !== key || tab.present || tab.isToldUp) continue;
          tab.isToldUp = true;
          post(tab, { type: "up" });
        }
      },
      unused: () => this.#relays.delete(key),
    });
    this.#relays.set(key, relay);
    return relay;
  }
}

const post = ({ port }: Tab, message: HolderMessage): void => port.postMessage(message);
