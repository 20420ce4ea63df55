/** Everything that can stop an execution: what was asked, the workflow's time, the process's end; and what of it reaches the step at work. */

import type { Clock } from "../../../shared/clock.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { type Ending, endingOf } from "../../../shared/state/cleanup.js";
import { exactDuration } from "../../../shared/text/duration.js";
import type { DefinedStep } from "../definition/definition.js";
import { SHUTDOWN_PATIENCE_MS } from "../definition/stopManner.js";
import { LeftAtWork } from "../keeper/leftAtWork.js";
import { AtWork } from "./atWork.js";
import { causeOf, isStopped, type Stops } from "./nextStep.js";
import { TimeLimit } from "./timeLimit.js";
import { timeUsed } from "./timeUsed.js";

/** Why an execution stops: somebody asked for it, the workflow is not ours any more, or the process ends. */
export type StopReason = "cancel" | "lost" | "shutdown";
type Reason = StopReason | "left";

export class Stopping {
  /** Resolves when nobody wants to wait for SIGTERM any longer. */
  readonly hurry: Promise<void>;
  readonly #clock: Clock;
  /** Aborted by the first reason, whichever. */
  readonly #stop = new AbortController();
  #hurryUp = () => {};
  #cancelHurry: (() => void) | null = null;
  #reason: Reason | null = null;
  #stops: Stops = { cancel: false, now: false, tookLongerThan: null };
  #ending: Ending | null = null;
  #limit: TimeLimit | null = null;
  /** A step that cleans up must not go on for ever: nobody waits for it any more. */
  #isBounded = false;
  #atWork: AtWork | null = null;
  #isClosing = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.hurry = new Promise((resolve) => {
      this.#hurryUp = resolve;
    });
  }

  /** Aborted once there is no time for a pause. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get stops(): Stops {
    return this.#stops;
  }

  /** How the workflow ends where it was stopped while it cleaned up already, or an earlier process decided that. */
  get ending(): Ending | null {
    return this.#ending;
  }

  /** Changes of the workflow are still to be told by us. */
  get isOurs(): boolean {
    return this.#reason === null || this.#reason === "cancel";
  }

  /** The process ends: no further step begins. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** The first reason counts, but for losing the workflow, and for the process's end where that stops what a cancel has left at work. */
  stop(why: StopReason): void {
    if (this.#reason === null || why === "lost" || (why === "shutdown" && !this.isEnding))
      this.#reason = why;
    if (why === "shutdown") this.#isClosing = true;
    if (why === "shutdown")
      this.#cancelHurry ??= this.#clock.after(SHUTDOWN_PATIENCE_MS, () => this.#hurryUp());
    if (why === "cancel") {
      this.#stops = { ...this.#stops, cancel: true };
      this.#isBounded = true;
    }
    this.#reach(new Error(why));
  }

  /** The step at work is told to end already. */
  get isEnding(): boolean {
    return this.#atWork !== null && isStopped(this.#atWork.when, this.#stops);
  }

  /** The process ends, and leaves to the next one what is at work. */
  leave(): void {
    if (this.isOurs) this.#reason = "left";
    this.#isClosing = true;
    this.#cancelHurry ??= this.#clock.after(SHUTDOWN_PATIENCE_MS, () => this.#hurryUp());
    const why = new LeftAtWork();
    if (!this.signal.aborted) this.#stop.abort(why);
    this.#atWork?.stop(why);
  }

  /** SIGKILL at once, where it is already told to stop, and no cleaning up. */
  hurryOn(): void {
    this.#stops = { ...this.#stops, now: this.#stops.cancel };
    this.#hurryUp();
    this.#reach(new Error("at once"));
  }

  /** Takes over the decisions of an earlier process, or of a stop while nobody ran the workflow; and how much of its time is left. */
  takeUp(state: WorkflowState, timeoutMs: number | undefined): void {
    this.#ending = endingOf(state);
    this.#isBounded = this.#ending?.status === "cancelled";
    if (timeoutMs !== undefined) {
      const leftMs = timeoutMs - timeUsed(state, this.#clock.now());
      this.#limit = new TimeLimit(this.#clock, leftMs, () => this.#timeIsOver(timeoutMs));
      this.#limit.begin();
    }
    if (!state.stop_requested) return;
    this.stop("cancel");
    if (state.stop_requested.now) this.hurryOn();
  }

  /** Waits for an answer, which takes none of the workflow's time. */
  waiting<T>(wait: () => Promise<T>): Promise<T> {
    return this.#limit ? this.#limit.without(wait) : wait();
  }

  /** The step that runs now, until `end` of it. */
  atWork(own: DefinedStep): AtWork {
    const atWork = new AtWork(own);
    this.#atWork = atWork;
    if (this.#isBounded) atWork.bound(this.#clock);
    if (this.signal.aborted) this.#reach(new Error("stopped"));
    return atWork;
  }

  /** It has ended. */
  over(atWork: AtWork): void {
    atWork.end();
    this.#atWork = null;
  }

  /** Leaves no timer. */
  end(): void {
    this.#cancelHurry?.();
    this.#limit?.end();
    this.#atWork?.end();
  }

  #timeIsOver(timeoutMs: number): void {
    this.#isBounded = true;
    // The first cause counts.
    if (!this.#stops.cancel)
      this.#stops = { ...this.#stops, tookLongerThan: exactDuration(timeoutMs) };
    this.#reach(new Error("the workflow took too long"));
  }

  #reach(why: Error): void {
    if (!this.signal.aborted) this.#stop.abort(why);
    const atWork = this.#atWork;
    if (!atWork) return;
    if (!this.isOurs || isStopped(atWork.when, this.#stops)) return atWork.stop(why);
    if (this.#isBounded) atWork.bound(this.#clock);
    // One that cleans up goes on, to the end that was asked for.
    this.#ending ??= causeOf(this.#stops);
  }
}
