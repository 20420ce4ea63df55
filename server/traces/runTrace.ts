/** The spans of one workflow while this server runs it: one for the whole, below it one for each attempt of a step. They follow what was committed. */
import type * as Api from "@opentelemetry/api";
import type { Attributes, Context, Span, Tracer } from "@opentelemetry/api";
import type { Step, WorkflowState } from "../../shared/schema/workflow.js";
import { attemptOf } from "../../shared/state/attempt.js";
import { eachStep, placeOfIndex } from "../../shared/state/stepPlace.js";
import { isEnded } from "../../shared/statuses.js";
import { readTraceparent } from "../../shared/traceparent.js";
import { attemptOutcome, LEFT, runOutcome, type SpanOutcome } from "./outcome.js";

export type OpenTelemetry = Pick<
  typeof Api,
  "context" | "trace" | "ROOT_CONTEXT" | "SpanKind" | "SpanStatusCode"
>;

export interface RunTraceParts {
  readonly api: OpenTelemetry;
  readonly tracer: Tracer;
  /** Where it was first seen in this server's hands. */
  readonly state: WorkflowState;
  /** The name of this server in its cluster. */
  readonly node?: string | undefined;
  /** The part of a trace that the workflow stands below; undefined where it begins a trace. */
  readonly traceparent: string | undefined;
  /** A tracer that throws ends nothing. */
  readonly failed: (error: unknown) => void;
}

/** By the semantic conventions; a word of its own here, as nothing of this process is meant. */
const EXIT_CODE = ["process", "exit", "code"].join(".");

interface OpenStep {
  readonly span: Span;
  readonly attempt: number;
  isBlocked: boolean;
}

export class RunTrace {
  readonly #parts: RunTraceParts;
  readonly #steps = new Map<number, OpenStep>();
  #run: Span | null = null;
  #state: WorkflowState;

  constructor(parts: RunTraceParts) {
    this.#parts = parts;
    this.#state = parts.state;
    const { state } = parts;
    const isResumed = hasBegun(state);
    this.#guarded(() => {
      this.#run = this.#begun(parts);
      if (isResumed) this.#run.setAttribute("instep.resumed", true);
      this.#look(state, isResumed);
    });
  }

  /** Follows the workflow to what was committed of it. Nothing happens after its end. */
  see(state: WorkflowState): void {
    if (this.#run === null) return;
    this.#state = state;
    this.#guarded(() => this.#look(state, false));
    if (isEnded(state.status)) this.end();
  }

  /** Nothing more is told: what is open ends as it was seen last, or as the state that is given says. */
  end(state?: WorkflowState | null): void {
    const run = this.#run;
    if (run && state) {
      this.#state = state;
      this.#guarded(() => this.#look(state, false));
    }
    this.#run = null;
    for (const { span } of this.#steps.values()) this.#guarded(() => this.#close(span, LEFT));
    this.#steps.clear();
    if (run) this.#guarded(() => this.#close(run, runOutcome(this.#state)));
  }

  /** The place in the trace of the step at this index while it is at work; without an index, of the workflow. Undefined where no SDK makes spans. */
  traceparent(index?: number): string | undefined {
    const span = index === undefined ? this.#run : this.#steps.get(index)?.span;
    return span ? this.#guarded(() => traceparentOf(span)) : undefined;
  }

  /** Calls it as a part of the step at this index: spans that it makes are below the step's. */
  within<T>(index: number, call: () => T): T {
    const { api } = this.#parts;
    const span = this.#steps.get(index)?.span;
    let isCalled = false;
    const once = () => {
      isCalled = true;
      return call();
    };
    if (!span) return call();
    try {
      return api.context.with(api.trace.setSpan(api.context.active(), span), once);
    } catch (error) {
      if (isCalled) throw error;
      this.#parts.failed(error);
      return call();
    }
  }

  #begun({ api, tracer, state, node, traceparent }: RunTraceParts): Span {
    const { definition, start_time, retried_from } = state;
    return tracer.startSpan(
      `run ${definition ?? "workflow"}`,
      {
        kind: api.SpanKind.SERVER,
        startTime: new Date(start_time),
        attributes: {
          ...this.#common,
          ...(node !== undefined && { "instep.node": node }),
          ...(retried_from && { "instep.retried_from": retried_from.workflow_id }),
        },
      },
      contextOf(traceparent, api),
    );
  }

  get #common(): Attributes {
    const { workflow_id, definition } = this.#state;
    return {
      "instep.workflow.id": workflow_id,
      ...(definition !== undefined && { "instep.definition": definition }),
    };
  }

  #look(state: WorkflowState, isResumed: boolean): void {
    for (const [index, step] of eachStep(state)) {
      const open = this.#steps.get(index);
      if (open && (!isAtWork(step) || open.attempt !== attemptOf(step))) {
        this.#steps.delete(index);
        if (step.retry_at != null) open.span.setAttribute("instep.step.retry_at", step.retry_at);
        this.#close(open.span, attemptOutcome(step, open.attempt));
      }
      if (!isAtWork(step)) continue;
      const now = this.#steps.get(index) ?? this.#begin(index, step, isResumed);
      this.#question(now, step, state);
    }
  }

  #begin(index: number, step: Step, isResumed: boolean): OpenStep {
    const { api, tracer } = this.#parts;
    const attempt = attemptOf(step);
    const { step: place, branch } = placeOfIndex(index);
    const parent = (branch === null ? undefined : this.#steps.get(place)?.span) ?? this.#run!;
    const span = tracer.startSpan(
      `step ${step.action}`,
      {
        ...(step.started_at != null && { startTime: new Date(step.started_at) }),
        attributes: {
          ...this.#common,
          "instep.step.index": index,
          "instep.step.name": step.action,
          "instep.step.attempt": attempt,
          ...(isResumed && { "instep.resumed": true }),
        },
      },
      api.trace.setSpan(api.ROOT_CONTEXT, parent),
    );
    const open: OpenStep = { span, attempt, isBlocked: false };
    this.#steps.set(index, open);
    return open;
  }

  #question(open: OpenStep, { status, answered }: Step, { block_info }: WorkflowState): void {
    const isBlocked = status === "blocked";
    if (isBlocked === open.isBlocked) return;
    open.isBlocked = isBlocked;
    const at = isBlocked ? block_info?.asked_at : answered?.at;
    // Without an answer its time is over, or the workflow is.
    if (!isBlocked && answered == null) return;
    open.span.addEvent(isBlocked ? "blocked" : "answered", at == null ? undefined : new Date(at));
  }

  #close(span: Span, { outcome, exitCode, error, endedAt }: SpanOutcome): void {
    const { SpanStatusCode } = this.#parts.api;
    span.setAttribute("instep.outcome", outcome);
    if (exitCode !== undefined) span.setAttribute(EXIT_CODE, exitCode);
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    span.end(endedAt == null ? undefined : new Date(endedAt));
  }

  #guarded<T>(call: () => T): T | undefined {
    try {
      return call();
    } catch (error) {
      this.#parts.failed(error);
      return undefined;
    }
  }
}

/** Between two attempts nothing is at work. */
const isAtWork = ({ status, retry_at }: Step): boolean =>
  (status === "in_progress" || status === "blocked") && retry_at == null;

/** Whether a step was begun before: the steps that a retry keeps are older than it. */
const hasBegun = (state: WorkflowState): boolean =>
  eachStep(state).some(
    ([, { started_at }]) =>
      started_at != null && Date.parse(started_at) >= Date.parse(state.start_time),
  );

function traceparentOf(span: Span): string | undefined {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return readTraceparent(`00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`);
}

function contextOf(traceparent: string | undefined, { trace, ROOT_CONTEXT }: OpenTelemetry) {
  const [, traceId = "", spanId = "", flags = ""] = traceparent?.split("-") ?? [];
  if (traceId === "") return ROOT_CONTEXT;
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, parent) satisfies Context;
}
