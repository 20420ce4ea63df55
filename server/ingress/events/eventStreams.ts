/** `GET /workflow/live` with `Accept: text/event-stream`: the frames of a socket with one subscription, as server-sent events. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../../shared/clock.js";
import { SyncError, shuttingDown } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import { CURRENT, LIST } from "../../../shared/names.js";
import { counted } from "../../../shared/text/counted.js";
import type { Standing } from "../../cluster/standing.js";
import { countedLink } from "../../egress/countedLink.js";
import type { Hub } from "../../egress/hub.js";
import { Outbox } from "../../egress/outbox.js";
import type { StorageHealth } from "../../machine/storageHealth.js";
import type { Metrics } from "../../metrics/metrics.js";
import type { Access } from "../access/access.js";
import { audienceOf, checkSubject } from "../access/within.js";
import { checkIdName, queryOf } from "../request/query.js";
import { subjectIn } from "../request/subject.js";
import { tellCondition } from "../socket/condition.js";
import { helloFrame } from "../socket/helloFrame.js";
import { HEARTBEAT, positionIn } from "./eventFrame.js";
import { EventLink } from "./eventLink.js";

export interface EventStreamsParts {
  readonly hub: Hub;
  readonly storage: Pick<StorageHealth, "reason" | "listen">;
  readonly standing: Standing;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly bootId: string;
  readonly isDraining: () => boolean;
  /** How many sockets are open: a stream takes the place of one. */
  readonly sockets: () => number;
  /** Null where nobody counts. */
  readonly metrics: Metrics | null;
}

/** Whether a reader wants events. One that takes anything does not say so: a plain GET of the socket's path stays a mistake. */
export const wantsEvents = ({ headers }: IncomingMessage): boolean =>
  /\btext\/event-stream\b/i.test(headers.accept ?? "");

export class EventStreams {
  readonly #parts: EventStreamsParts;
  readonly #open = new Set<ServerResponse>();

  constructor(parts: EventStreamsParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Streams until the reader goes, its document ends, or the server does. Throws SyncError before anything is sent. */
  serve(request: IncomingMessage, response: ServerResponse, access: Access): void {
    const subject = subjectOf(request);
    checkSubject(access.grant.scope, subject);
    if (request.method !== "HEAD") this.#checkRoom();
    response.setHeader("Content-Type", "text/event-stream");
    response.setHeader("Cache-Control", "no-store");
    // nginx collects an answer before it passes it on, unless this header says no.
    response.setHeader("X-Accel-Buffering", "no");
    if (request.method === "HEAD") response.end();
    else this.#stream(response, access, subject, request.headers["last-event-id"]);
  }

  /** Every stream ends as a whole answer: its reader comes back, to whichever server is there then. */
  close(): void {
    for (const response of this.#open) response.end();
  }

  #checkRoom(): void {
    const { limits, sockets, isDraining } = this.#parts;
    if (isDraining()) throw shuttingDown();
    if (this.count + sockets() < limits.sockets) return;
    const words = counted(limits.sockets, "socket is", "sockets are");
    throw new SyncError("too_many", `${words} open, which is the limit`, { retryAfter: 5 });
  }

  #stream(
    response: ServerResponse,
    access: Access,
    subject: string,
    lastId: string | string[] | undefined,
  ): void {
    const { hub, limits, metrics } = this.#parts;
    const events = new EventLink(response, subject === CURRENT ? null : subject);
    const link = countedLink(events, metrics);
    const audience = audienceOf(access);
    const outbox = new Outbox(link, { audience, form: "patch" }, limits, access.grant.scope);
    const stopBeating = this.#beat(response);
    this.#open.add(response);
    response.flushHeaders();
    outbox.reply(helloFrame(access, "patch", this.#parts));
    const stopTelling = tellCondition(outbox, this.#parts);
    response.once("close", () => {
      this.#open.delete(response);
      stopBeating();
      stopTelling();
      hub.drop(outbox);
    });
    hub.subscribe(outbox, subject, positionIn(typeof lastId === "string" ? lastId : undefined));
  }

  /** Beside what already waits a sign of life says nothing new, so a reader that takes nothing piles up none. */
  #beat(response: ServerResponse): () => void {
    const { clock, limits } = this.#parts;
    const beat = () => {
      if (response.writableLength === 0 && !response.writableEnded) response.write(HEARTBEAT);
      cancel = clock.after(limits.heartbeatMs, beat);
    };
    let cancel = clock.after(limits.heartbeatMs, beat);
    return () => cancel();
  }
}

function subjectOf(request: IncomingMessage): string {
  const query = queryOf(request);
  checkIdName(query);
  return query.workflow_id === LIST ? LIST : (subjectIn(query) ?? CURRENT);
}
