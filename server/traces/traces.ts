/** The spans of a server's own workflows, made with OpenTelemetry's API: of an SDK of the program's choice, as this makes none of its own. */
import type { Tracer } from "@opentelemetry/api";
import type { Clock } from "../../shared/clock.js";
import type { WorkflowState } from "../../shared/schema/workflow.js";
import type { Log } from "../log/log.js";
import { optionalPackage } from "../metrics/optionalPackage.js";
import { type OpenTelemetry, RunTrace } from "./runTrace.js";

/** A tracer provider of OpenTelemetry, of whatever SDK: the traces of a program that embeds Instep. */
export interface TracesProvider {
  getTracer(name: string): object;
  /** Where it is there, spans that wait are sent before the server has closed. */
  forceFlush?(): Promise<void>;
}

/** Rejects with PackageMissing where `@opentelemetry/api` is not installed. */
export const loadOpenTelemetry = (
  load: () => Promise<OpenTelemetry> = () => import("@opentelemetry/api"),
): Promise<OpenTelemetry> => optionalPackage("traces", "@opentelemetry/api", load);

export interface TracesParts {
  readonly api: OpenTelemetry;
  /** Null for the one that is registered for the whole process. */
  readonly provider: TracesProvider | null;
  readonly clock: Pick<Clock, "after">;
  readonly log: Pick<Log, "warn">;
}

/** The workflow as it is taken up. */
export interface TracedRun {
  readonly state: WorkflowState;
  /** As RunTraceParts has them. */
  readonly node: string | undefined;
  readonly traceparent: string | undefined;
}

/** So long an exporter is waited for at the end. */
const FLUSH_MS = 5_000;
const NAME = "instep";

export class Traces {
  readonly #parts: TracesParts;
  #hasFailed = false;

  constructor(parts: TracesParts) {
    this.#parts = parts;
    const words = "traces are on, and no SDK of OpenTelemetry is registered: no spans are made yet";
    if (!this.#hasSdk()) parts.log.warn({}, words);
  }

  /** From here on the workflow's spans are this server's to make. Never throws. */
  run({ state, node, traceparent }: TracedRun): RunTrace | null {
    const { api } = this.#parts;
    const failed = (error: unknown) => this.#failed(error);
    try {
      const tracer = this.#provider.getTracer(NAME) as Tracer;
      return new RunTrace({ api, tracer, state, node, traceparent, failed });
    } catch (error) {
      failed(error);
      return null;
    }
  }

  /** Resolves once the spans that ended are sent, as far as the SDK can say; after some seconds at the latest. Never rejects. */
  async close(): Promise<void> {
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.#parts.clock.after(FLUSH_MS, resolve);
    });
    const sent = async () => this.#flushing?.forceFlush?.();
    await Promise.race([late, sent().catch((error: unknown) => this.#failed(error))]);
    cancel();
  }

  /** Asked for each time: one may be registered later, also by another copy of the API. */
  get #provider(): TracesProvider {
    const { provider, api } = this.#parts;
    return provider ?? api.trace.getTracerProvider();
  }

  get #flushing(): TracesProvider | undefined {
    const provider = this.#provider as Partial<Registered> & TracesProvider;
    return provider.getDelegate?.() ?? provider;
  }

  #hasSdk(): boolean {
    const provider = this.#provider as Partial<Registered>;
    return !provider.getDelegateTracer || provider.getDelegateTracer(NAME) !== undefined;
  }

  /** Once is enough: one that fails may fail at every step. */
  #failed(error: unknown): void {
    if (!this.#hasFailed) this.#parts.log.warn({ err: error }, "the tracer has failed");
    this.#hasFailed = true;
  }
}

/** The one of the whole process: it stands in front of the SDK's. */
interface Registered {
  getDelegate(): TracesProvider;
  getDelegateTracer(name: string): object | undefined;
}
