/** The REST fallback for reading: asks for each watched subject every two seconds, where WebSockets are blocked. */
import type { Clock } from "../../shared/clock.js";
import { SyncError } from "../../shared/errors.js";
import { CURRENT, LIST } from "../../shared/names.js";
import type { Position } from "../../shared/schema/position.js";
import type { Summary } from "../../shared/state/summary.js";
import { entityTag, type ListAnswer, NOTHING_TAG } from "../../shared/wire/rest.js";
import type { HttpAnswer } from "../connection/connectionEvents.js";
import type { Http } from "../rest/http.js";
import { asLoaded, type RestClient } from "../rest/rest.js";
import { Timer } from "../wire/timer.js";
import type { PollAnswer } from "./followedDocument.js";

const POLL_EVERY_MS = 2_000;
const AT_ONCE = 4;
const LIST_PAGE = 1_000;
/** More workflows than the server keeps open and in its history by default. */
const MOST_LIST_PAGES = 20;

export interface PollingParts {
  readonly clock: Clock;
  readonly http: Http;
  readonly rest: RestClient;
  /** The subjects to be kept up to date, and their positions: null for "nothing there", undefined for a whole answer. */
  subjects(): readonly string[];
  positionOf(subject: string): Position | null | undefined;
  /** `askedAt` is local time. */
  polled(subject: string, answer: PollAnswer, askedAt: number): void;
  failed(subject: string): void;
  /** How HTTP did in this round. */
  verdict(answer: HttpAnswer): void;
}

export class Polling {
  readonly #parts: PollingParts;
  readonly #timer: Timer;
  #session: AbortController | null = null;
  #isKicked = false;

  constructor(parts: PollingParts) {
    this.#parts = parts;
    this.#timer = new Timer(parts.clock);
  }

  start(): void {
    if (this.#session) return;
    this.#session = new AbortController();
    void this.#round(this.#session.signal);
  }

  /** There is something new to ask for, so the next round comes now. */
  kick(): void {
    if (!this.#session) return;
    this.#isKicked = true;
    // Without a timer a round is on its way, and looks at this when it ends.
    if (this.#timer.isSet) this.#next(this.#session.signal, 0);
  }

  stop(): void {
    this.#session?.abort();
    this.#session = null;
    this.#timer.cancel();
  }

  async #round(signal: AbortSignal): Promise<void> {
    const startedAt = this.#parts.clock.elapsed();
    this.#isKicked = false;
    const left = [...this.#parts.subjects()];
    const verdicts: HttpAnswer[] = [];
    const worker = async () => {
      for (let subject = left.shift(); subject && !signal.aborted; subject = left.shift()) {
        verdicts.push(await this.#ask(subject, signal));
      }
    };
    // Without a subject there may still be proposals that go by REST, so HTTP has to be known.
    if (left.length === 0) verdicts.push(await probe(this.#parts.rest, signal));
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (signal.aborted) return;

    this.#parts.verdict(worst(verdicts));
    // The verdict may have ended the polling.
    if (signal.aborted) return;
    const spent = this.#parts.clock.elapsed() - startedAt;
    this.#next(signal, this.#isKicked ? 0 : Math.max(0, POLL_EVERY_MS - spent));
  }

  #next(signal: AbortSignal, ms: number): void {
    this.#timer.set(ms, () => void this.#round(signal));
  }

  async #ask(subject: string, signal: AbortSignal): Promise<HttpAnswer> {
    const askedAt = this.#parts.clock.now();
    try {
      const answer = await (subject === LIST ? this.#list(signal) : this.#state(subject, signal));
      if (!signal.aborted) this.#parts.polled(subject, answer, askedAt);
      return "yes";
    } catch (error) {
      if (!signal.aborted) this.#parts.failed(subject);
      return verdictOf(error);
    }
  }

  async #state(subject: string, signal: AbortSignal): Promise<PollAnswer> {
    const position = this.#parts.positionOf(subject);
    const tag =
      position === null ? NOTHING_TAG : position && entityTag(position.epoch, position.revision);
    const call = {
      method: "GET",
      path: "workflow/state",
      query: { workflow_id: subject === CURRENT ? undefined : subject },
      headers: { "If-None-Match": tag },
      signal,
    } as const;
    return this.#parts.http<PollAnswer>(call, (answer) => {
      if (answer === null) return { kind: "same" };
      const loaded = asLoaded(answer);
      return loaded
        ? { kind: "state", at: loaded, state: loaded.state }
        : { kind: "nothing", isDamaged: subject !== CURRENT && answer.damaged != null };
    });
  }

  async #list(signal: AbortSignal): Promise<PollAnswer> {
    const workflows: [string, Summary][] = [];
    let damaged: ListAnswer["damaged"];
    let before: string | undefined;
    for (let page = 0; page < MOST_LIST_PAGES; page++) {
      const answer = await this.#parts.rest.list({ limit: LIST_PAGE, before, signal });
      for (const summary of answer.workflows) workflows.push([summary.epoch, summary]);
      damaged ??= answer.damaged;
      if (answer.next === null) break;
      before = answer.next;
    }
    const list = { workflows: Object.fromEntries(workflows) };
    if (!damaged) return { kind: "list", list };
    const byFile = Object.fromEntries(damaged.map((one) => [one.file, one]));
    return { kind: "list", list: { ...list, damaged: byFile } };
  }
}

/** Whether HTTP answers, by the cheapest call that needs the same permission as watching. Never rejects. */
export async function probe(rest: RestClient, signal: AbortSignal): Promise<HttpAnswer> {
  try {
    await rest.summary(undefined, { signal, deadlineMs: 5_000 });
    return "yes";
  } catch (error) {
    return verdictOf(error);
  }
}

function verdictOf(error: unknown): HttpAnswer {
  if (!(error instanceof SyncError)) return "no";
  if (error.code === "unauthorized" || error.code === "forbidden") return "unauthorized";
  return error.code === "shutting_down" ? "no" : "yes";
}

/** One answer proves that HTTP works; one "unauthorized" holds for all. */
function worst(verdicts: readonly HttpAnswer[]): HttpAnswer {
  if (verdicts.includes("unauthorized")) return "unauthorized";
  return verdicts.includes("yes") ? "yes" : "no";
}
