/** The spans of a workflow, made by a real SDK of the states that it goes through. */
import { AsyncLocalStorage } from "node:async_hooks";
import * as api from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { describe, expect, it, onTestFinished } from "vitest";
import { PackageMissing } from "../../../server/metrics/optionalPackage.js";
import { RunTrace } from "../../../server/traces/runTrace.js";
import { loadOpenTelemetry, Traces } from "../../../server/traces/traces.js";
import { systemClock } from "../../../shared/clock.js";
import type { Step, WorkflowState } from "../../../shared/schema/workflow.js";

const CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const at = (second: number) => new Date(Date.UTC(2026, 10, 27, 12, 0, second)).toISOString();

const stateOf = (steps: readonly Partial<Step>[], more: Partial<WorkflowState> = {}) =>
  ({
    ...{ workflow_id: "deploy-1", definition: "deploy", status: "running", current_step: 0 },
    ...{ start_time: at(0), last_update: at(0) },
    steps: steps.map((step, index) => ({ index, status: "pending", ...step })),
    ...more,
  }) as WorkflowState;

interface Traced {
  readonly trace: RunTrace;
  readonly failures: unknown[];
  spans(): ReadableSpan[];
}

function traced(state: WorkflowState, traceparent?: string): Traced {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const failures: unknown[] = [];
  const tracer = provider.getTracer("instep");
  const failed = (error: unknown) => void failures.push(error);
  const trace = new RunTrace({ api, tracer, state, traceparent, failed });
  return { trace, failures, spans: () => exporter.getFinishedSpans() };
}

/** What somebody sees of it in a viewer. */
const shown = (span: ReadableSpan, all: readonly ReadableSpan[]) => ({
  name: span.name,
  below: all.find((one) => one.spanContext().spanId === span.parentSpanContext?.spanId)?.name,
  from: new Date(span.startTime[0] * 1_000).toISOString(),
  to: new Date(span.endTime[0] * 1_000).toISOString(),
  outcome: span.attributes["instep.outcome"],
  error: span.status.code === api.SpanStatusCode.ERROR ? span.status.message : undefined,
});
const allShown = ({ spans }: Traced) => spans().map((span) => shown(span, spans()));
const traceIdOf = (span: ReadableSpan) => span.spanContext().traceId;

describe("the spans of a workflow", () => {
  it("a run has one span, and below it each attempt of a step has one, with the times of the state", () => {
    const seen = traced(stateOf([{ action: "build" }, { action: "ship" }]), CALLER);
    const { trace } = seen;
    const build = { action: "build", started_at: at(1) };
    trace.see(stateOf([{ ...build, status: "in_progress" }, { action: "ship" }]));
    const first = trace.traceparent(0);
    trace.see(
      stateOf([
        {
          ...build,
          status: "in_progress",
          retry_at: at(9),
          finished_at: at(4),
          data: { exit_code: 3 },
        },
        { action: "ship" },
      ]),
    );
    expect(trace.traceparent(0)).toBeUndefined();
    const again = { action: "build", started_at: at(9), attempt: 2 };
    trace.see(stateOf([{ ...again, status: "in_progress" }, { action: "ship" }]));
    expect(trace.traceparent(0)).not.toBe(first);
    const built = {
      ...again,
      status: "completed",
      finished_at: at(11),
      data: { exit_code: 0 },
    } as const;
    const ship = { action: "ship", started_at: at(11) };
    trace.see(stateOf([built, { ...ship, status: "in_progress" }]));
    const failed = {
      ...ship,
      status: "failed",
      finished_at: at(12),
      data: { exit_code: 7 },
      error: "exit code 7: the password is hunter2",
    } as const;
    trace.see(
      stateOf([built, failed], {
        status: "failed",
        end_time: at(13),
        error_message: "ship: hunter2",
      }),
    );
    trace.end();
    expect(allShown(seen)).toEqual([
      {
        name: "step build",
        below: "run deploy",
        from: at(1),
        to: at(4),
        outcome: "failed",
        error: "exit code 3",
      },
      {
        name: "step build",
        below: "run deploy",
        from: at(9),
        to: at(11),
        outcome: "completed",
        error: undefined,
      },
      {
        name: "step ship",
        below: "run deploy",
        from: at(11),
        to: at(12),
        outcome: "failed",
        error: "exit code 7",
      },
      {
        name: "run deploy",
        below: undefined,
        from: at(0),
        to: at(13),
        outcome: "failed",
        error: "ship: exit code 7",
      },
    ]);
    const [one, two, , run] = seen.spans();
    expect(run!.parentSpanContext?.spanId).toBe("00f067aa0ba902b7");
    expect(new Set(seen.spans().map(traceIdOf))).toEqual(
      new Set(["4bf92f3577b34da6a3ce929d0e0e4736"]),
    );
    expect(one!.attributes).toMatchObject({
      "instep.workflow.id": "deploy-1",
      "instep.definition": "deploy",
      "instep.step.index": 0,
      "instep.step.name": "build",
      "instep.step.attempt": 1,
      "instep.step.retry_at": at(9),
      "process.exit.code": 3,
    });
    expect(two!.attributes["instep.step.attempt"]).toBe(2);
    expect(first).toContain(one!.spanContext().spanId);
    // What a command printed is nobody's business there.
    expect(
      JSON.stringify(
        seen.spans().map(({ status, attributes, events }) => ({ status, attributes, events })),
      ),
    ).not.toContain("hunter2");
    expect(seen.failures).toEqual([]);
  });

  it("branches stand below their step, and a question is an event when it is asked and answered", () => {
    const branch = (index: number, status: Step["status"]) => ({
      ...{ action: `b${index}`, index: 1_000 * (index + 1) + 1, status, started_at: at(5) },
    });
    const asking = { action: "ask", started_at: at(1) };
    const all = { action: "all", index: 1, started_at: at(4) };
    const seen = traced(stateOf([{ action: "ask" }, { action: "all" }]));
    const { trace } = seen;
    const see = (ask: object, rest: object, more: Partial<WorkflowState> = {}) =>
      trace.see(
        stateOf(
          [
            { ...asking, ...ask },
            { ...all, ...rest },
          ],
          more,
        ),
      );
    see({ status: "in_progress" }, { status: "pending" });
    see(
      { status: "blocked" },
      { status: "pending" },
      { status: "blocked", block_info: { asked_at: at(2) } },
    );
    const answered = { answered: { at: at(3), by: "ann" }, answer: { code: "hunter2" } };
    see({ status: "in_progress", ...answered }, { status: "pending" });
    const over = { status: "completed", finished_at: at(4), ...answered };
    see(over, { status: "in_progress", steps: [branch(0, "in_progress"), branch(1, "pending")] });
    see(over, { status: "in_progress", steps: [branch(0, "completed"), branch(1, "in_progress")] });
    see(
      over,
      { status: "cancelled", steps: [branch(0, "completed"), branch(1, "cancelled")] },
      { status: "cancelled" },
    );
    expect(
      allShown(seen).map(({ name, below, outcome, error }) => [name, below, outcome, error]),
    ).toEqual([
      ["step ask", "run deploy", "completed", undefined],
      ["step b0", "step all", "completed", undefined],
      ["step all", "run deploy", "cancelled", undefined],
      ["step b1", "step all", "cancelled", undefined],
      ["run deploy", undefined, "cancelled", undefined],
    ]);
    const [ask] = seen.spans();
    expect(
      ask!.events.map(({ name, time }) => [name, new Date(time[0] * 1_000).toISOString()]),
    ).toEqual([
      ["blocked", at(2)],
      ["answered", at(3)],
    ]);
    expect(JSON.stringify(ask!.events)).not.toMatch(/hunter2|ann/);
  });

  it("a workflow that is taken up goes on in its trace, and says that it was resumed", () => {
    const copy = { action: "copy", started_at: at(2), attempt: 1, status: "in_progress" } as const;
    const before = traced(stateOf([copy]));
    const kept = before.trace.traceparent();
    const after = traced(stateOf([copy]), kept);
    after.trace.see(
      stateOf([{ ...copy, status: "completed", finished_at: at(30) }], {
        status: "completed",
        end_time: at(31),
      }),
    );
    const [step, run] = after.spans();
    expect([step, run].map((span) => span!.attributes["instep.resumed"])).toEqual([true, true]);
    expect(kept).toContain(traceIdOf(run!));
    expect(shown(step!, [])).toMatchObject({ from: at(2), to: at(30) });
    // One that a server only leaves is told to be left, with what was at work.
    before.trace.end();
    expect(allShown(before).map(({ name, outcome, error }) => [name, outcome, error])).toEqual([
      ["step copy", "left", undefined],
      ["run deploy", "left", undefined],
    ]);
    const retried = traced(
      stateOf([{ action: "old", status: "completed", started_at: "2026-11-01T00:00:00Z" }]),
    );
    retried.trace.end();
    expect(retried.spans()[0]!.attributes).not.toHaveProperty("instep.resumed");
  });

  it("one that is interrupted says so for what was at work", () => {
    const seen = traced(stateOf([{ action: "copy" }]));
    seen.trace.see(stateOf([{ action: "copy", status: "in_progress", started_at: at(1) }]));
    const interruption = { at: at(6), reason: "server_restart", step: 0 } as const;
    seen.trace.end(
      stateOf([{ action: "copy", status: "interrupted", started_at: at(1), finished_at: at(6) }], {
        status: "interrupted",
        interruption,
      }),
    );
    seen.trace.see(
      stateOf([{ action: "copy", status: "in_progress", started_at: at(7), attempt: 2 }]),
    );
    expect(
      allShown(seen).map(({ name, outcome, error, to }) => [name, outcome, error, to]),
    ).toEqual([
      ["step copy", "interrupted", "interrupted", at(6)],
      ["run deploy", "interrupted", "interrupted", at(6)],
    ]);
  });

  it("a function of a step is called in its span, also where nobody can do that", () => {
    const local = new AsyncLocalStorage<api.Context>();
    api.context.setGlobalContextManager({
      active: () => local.getStore() ?? api.ROOT_CONTEXT,
      with: (context, call, self, ...args) => local.run(context, () => call.call(self!, ...args)),
      bind: (_context, target) => target,
      enable() {
        return this;
      },
      disable() {
        return this;
      },
    });
    onTestFinished(() => api.context.disable());
    const { trace } = traced(
      stateOf([{ action: "call", status: "in_progress", started_at: at(1) }]),
    );
    const here = () => api.trace.getActiveSpan()?.spanContext().spanId;
    expect(trace.traceparent(0)).toContain(trace.within(0, here)!);
    expect(trace.within(5, here)).toBeUndefined();
    expect(() =>
      trace.within(0, () => {
        throw new Error("its own");
      }),
    ).toThrow("its own");
  });

  it("a tracer that throws is told of once, and stops nothing", async () => {
    const told: object[] = [];
    const log = { warn: (details: object) => void told.push(details) };
    const broken = () => {
      throw new Error("no tracer");
    };
    const provider = { getTracer: () => ({ startSpan: broken }), forceFlush: async () => broken() };
    const traces = new Traces({ api, provider, log, clock: systemClock });
    for (const _ of [1, 2]) {
      const trace = traces.run({
        state: stateOf([{ action: "a" }]),
        node: undefined,
        traceparent: CALLER,
      })!;
      trace.see(stateOf([{ action: "a", status: "in_progress", started_at: at(1) }]));
      expect(trace.traceparent(0)).toBeUndefined();
      expect(trace.within(0, () => 7)).toBe(7);
      trace.end();
    }
    await traces.close();
    const none = new Traces({ api, provider: { getTracer: broken }, log, clock: systemClock });
    expect(none.run({ state: stateOf([]), node: undefined, traceparent: undefined })).toBeNull();
    expect(told).toEqual([{ err: new Error("no tracer") }, { err: new Error("no tracer") }]);
  });

  it("a package that is not installed is named, and an SDK that is not registered is missed aloud", async () => {
    const missing = Object.assign(new Error("no such module"), { code: "ERR_MODULE_NOT_FOUND" });
    const loading = loadOpenTelemetry(() => Promise.reject(missing));
    await expect(loading).rejects.toThrow(PackageMissing);
    await expect(loading).rejects.toThrow("npm install @opentelemetry/api");
    const words: string[] = [];
    const log = { warn: (_: object, text: string) => void words.push(text) };
    const traces = new Traces({ api, provider: null, log, clock: systemClock });
    expect(words).toEqual([expect.stringContaining("no SDK of OpenTelemetry is registered")]);
    const run = traces.run({ state: stateOf([]), node: undefined, traceparent: CALLER })!;
    // Nothing of it is made, and commands are told what the caller said.
    expect(run.traceparent()).toBe(CALLER);
    await traces.close();
  });
});
