/** The REST door by itself, for callers that follow nothing: there is no socket, and nothing that a socket needs is loaded. */
import { systemClock } from "../../shared/clock.js";
import { type Condition, IDLE_VIEW } from "../connection/connectionView.js";
import { createHttp, type Http } from "../rest/http.js";
import { Positions } from "../rest/positions.js";
import { createRest } from "../rest/rest.js";
import { mountOf } from "../wire/address.js";
import { Contact } from "../wire/contact.js";
import { NoAnswerError } from "../wire/noAnswer.js";
import { IN_TIME, noInstepAt } from "../wire/noInstep.js";
import type { ClientOptions, InstepClient } from "./client.js";

export type RestOptions = Pick<ClientOptions, "url" | "token" | "fetch" | "clock" | "random">;

/** The part of a client that needs no socket. */
export interface Asking extends Pick<InstepClient, "rest" | "close"> {
  /** How the server is, as far as its answers said so: null in each where none did. */
  readonly connection: Condition;
}

/** The same for callers that make calls which `rest` does not have. */
export interface AskingMore extends Asking {
  readonly http: Http;
}

/** `close` ends the calls that are under way: they reject with NoAnswerError. */
export function createRestClient({
  url,
  token,
  fetch = (...given) => globalThis.fetch(...given),
  clock = systemClock,
  random = Math.random,
}: RestOptions): AskingMore {
  const closing = new AbortController();
  const base = mountOf(url);
  const contact = new Contact({
    clock,
    ask: () => {},
    silence: () => noInstepAt(base, IN_TIME),
    changed: () => {},
  });
  let connection: Condition = IDLE_VIEW;
  const http = createHttp({
    base,
    contact,
    token,
    fetch,
    clock,
    random,
    closed: closing.signal,
    measured: () => {},
    told: (condition) => {
      connection = condition;
    },
  });
  return {
    http,
    rest: createRest(http, new Positions()),
    get connection() {
      return connection;
    },
    close: () => closing.abort(new NoAnswerError("the client was closed")),
  };
}
