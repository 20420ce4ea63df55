/** The reads that clients repeat, answered before any router is asked: found by their exact path, let in, and answered. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Standing } from "../../cluster/standing.js";
import type { Log } from "../../log/log.js";
import type { StorageHealth } from "../../machine/storageHealth.js";
import type { Metrics } from "../../metrics/metrics.js";
import type { Access, Gate } from "../access/access.js";
import type { OpenCalls } from "../answer/openCalls.js";
import { sendProblem } from "../answer/problem.js";
import { refusalOf } from "../answer/refusalOf.js";
import type { SecurityHeaders } from "../answer/securityHeaders.js";
import { tellStanding } from "../answer/standingHeaders.js";
import type { Unheard } from "../request/unheard.js";
import type { Read, StateReads } from "./stateReads.js";
import { tellStorage } from "./storageHeader.js";

export interface RepeatedReadsParts {
  readonly gate: Gate;
  readonly unheard: Unheard;
  readonly storage: Pick<StorageHealth, "reason">;
  readonly standing: Standing;
  readonly headers: SecurityHeaders;
  readonly log: Log;
  /** Null where nobody counts. */
  readonly metrics: Metrics | null;
  /** Told of answers that take their time. */
  readonly calls: Pick<OpenCalls, "take">;
  /** Once the server is closed nothing is answered here: the router refuses. */
  readonly isOver: () => boolean;
}

export class RepeatedReads {
  readonly #parts: RepeatedReadsParts;
  readonly #reads: ReadonlyMap<string, Read>;

  constructor(reads: StateReads, parts: RepeatedReadsParts) {
    this.#parts = parts;
    this.#reads = new Map([
      ["/workflow/state", reads.state],
      ["/workflow/state/summary", reads.summary],
    ]);
  }

  /** False, and nothing done, for every other call, also for another way of writing these paths: the router knows them all. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const read = this.#readOf(request);
    if (!read || this.#parts.isOver()) return false;
    const { gate, storage, standing, headers } = this.#parts;
    try {
      headers.set(request, response);
      gate.foreign.tell(request, response);
      tellStorage(storage, response);
      tellStanding(standing, response);
      const access = gate.authorize(request);
      const give = (to: Access) => this.#give(read, request, response, to);
      if (access instanceof Promise)
        access.then(give).catch((error: unknown) => this.#refuse(response, error));
      else give(access);
    } catch (error) {
      this.#refuse(response, error);
    }
    return true;
  }

  #give(read: Read, request: IncomingMessage, response: ServerResponse, access: Access): void {
    // The caller may have gone while the host thought about it.
    if (response.destroyed) return;
    const heard = this.#parts.unheard.ofAddress(request.url);
    const answered = heard
      ? heard.then(() => read(request, response, access))
      : read(request, response, access);
    answered?.catch((error: unknown) => this.#refuse(response, error));
    // An answer that is held, or waits for its reader, is cut off with the token.
    if (!answered && response.writableLength === 0) return;
    access.grant.carries(response);
    this.#parts.calls.take(request, response);
  }

  #readOf({ method, url = "" }: IncomingMessage): Read | undefined {
    if (method !== "GET" && method !== "HEAD") return undefined;
    const query = url.indexOf("?");
    return this.#reads.get(query === -1 ? url : url.slice(0, query));
  }

  #refuse(response: ServerResponse, error: unknown): void {
    const { log, metrics } = this.#parts;
    const refusal = refusalOf(error, log, "a request failed in a way it should not");
    metrics?.requestRefused("rest", refusal.code);
    sendProblem(response, refusal);
  }
}
