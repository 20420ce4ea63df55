/** The ways from a client to its server: HTTP, and the socket that a connection opens once it is wanted. */
import { type Clock, systemClock } from "../../shared/clock.js";
import { Connection } from "../connection/connection.js";
import type { ConnectionListener } from "../connection/connectionParts.js";
import { isTabVisible } from "../connection/wakeSignals.js";
import { createHttp, type Http } from "../rest/http.js";
import { Positions } from "../rest/positions.js";
import { createRest, type RestClient } from "../rest/rest.js";
import { probe } from "../watch/polling.js";
import { mountOf } from "../wire/address.js";
import { Contact } from "../wire/contact.js";
import type { NoAnswerError } from "../wire/noAnswer.js";
import { IN_TIME, noInstepAt } from "../wire/noInstep.js";
import type { ClientOptions } from "./client.js";
import { createDoor, type Door } from "./door.js";

export interface LinkListener extends ConnectionListener {
  /** There is another reason why no Instep answers, or none any more. */
  contactChanged(problem: NoAnswerError | null): void;
}

export interface Link {
  readonly clock: Clock;
  readonly random: () => number;
  readonly positions: Positions;
  readonly contact: Contact;
  readonly http: Http;
  readonly rest: RestClient;
  readonly door: Door;
  readonly connection: Connection;
}

/** Opens nothing yet. `closed` ends every HTTP call. */
export function createLink(
  options: ClientOptions,
  closed: AbortSignal,
  listener: LinkListener,
): Link {
  const { clock = systemClock, random = Math.random, token, isLookedAt = isTabVisible } = options;
  const mount = mountOf(options.url);
  const positions = new Positions();
  const contact = new Contact({
    clock,
    ask: () => connection.ask(),
    silence: () => noInstepAt(mount, IN_TIME),
    changed: (problem) => listener.contactChanged(problem),
  });
  const http = createHttp({
    base: mount,
    token,
    fetch: options.fetch ?? ((...given) => globalThis.fetch(...given)),
    clock,
    random,
    contact,
    closed,
    measured: (serverTime) => connection.measured(serverTime),
    told: (condition) => connection.told(condition),
  });
  const rest = createRest(http, positions);
  const door = createDoor(options, mount, clock);
  const connection = new Connection(
    {
      clock,
      random,
      wakeSignals: door.wakeSignals,
      isLookedAt,
      mount,
      contact,
      open: () => door.open(),
      probe: (signal) => probe(rest, signal),
    },
    listener,
  );
  return { clock, random, positions, contact, http, rest, door, connection };
}
