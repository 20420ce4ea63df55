/** The spans that the real command makes with the SDK of a file of the user's, and those of a program with a provider of its own. */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { describe, expect } from "vitest";
import { createInstep, defineWorkflow } from "../../../server/server.js";
import { until } from "../../support/deadline.js";
import { blocksOfDocument } from "../../support/docs/documents.js";
import { ROOT } from "../../support/docs/packedPackage.js";
import { call } from "../../support/links/rest.js";
import { liveTest } from "../../support/servers/liveServer.js";
import { runnerAt } from "../../support/servers/runnerWorld.js";
import { type Life, livesTest } from "../../support/servers/serverLives.js";

const CALLER = { trace: "4bf92f3577b34da6a3ce929d0e0e4736", span: "00f067aa0ba902b7" };
const traceparent = `00-${CALLER.trace}-${CALLER.span}-01`;

const TOLD = `name: told
on_restart: resume
steps:
  - { action: first, run: 'echo "$TRACEPARENT"' }
  - action: waits
    env: { PARENT: $TRACEPARENT }
    run: echo "$PARENT"; until test -e go; do sleep 0.05; done; exit 4
`;

/** Writes each span as a line once it has ended. */
const TO_FILE = `import { appendFileSync } from "node:fs";
import { trace } from "@opentelemetry/api";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
const line = ({ name, attributes, status, startTime, endTime, parentSpanContext, ...rest }, { traceId, spanId }) =>
  JSON.stringify({ name, attributes, status, startTime, endTime, parent: parentSpanContext?.spanId, traceId, spanId });
const exporter = {
  export: (spans, done) => {
    for (const span of spans) appendFileSync(process.env.SPANS, line(span, span.spanContext()) + "\\n");
    done({ code: 0 });
  },
  shutdown: async () => {},
};
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
`;

interface Sent {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: { readonly code: number; readonly message?: string };
  readonly startTime: readonly [seconds: number, nanoseconds: number];
  readonly endTime: readonly [seconds: number, nanoseconds: number];
  readonly parent?: string;
  readonly traceId: string;
  readonly spanId: string;
}

/** The packages of whoever runs the command: a copy of the API that is not Instep's own. */
function packagesIn(folder: string): void {
  const from = (name: string) => path.join(ROOT, "node_modules", name);
  const to = (name: string) => path.join(folder, "node_modules", name);
  mkdirSync(to("@opentelemetry"), { recursive: true });
  cpSync(from("@opentelemetry/api"), to("@opentelemetry/api"), { recursive: true });
  symlinkSync(from("@opentelemetry/sdk-trace-base"), to("@opentelemetry/sdk-trace-base"));
}

async function startedAt(life: Life, headers: Record<string, string>): Promise<string> {
  const answer = await call(`${life.url}/workflow/start`, "POST", {
    ...{ body: { name: "told" }, headers },
  });
  expect(answer.status).toBe(201);
  return answer.body.workflow_id;
}

const printedBy = (life: Life, id: string, step: number): Promise<string> =>
  until(
    async () => /^(\S+)\n$/.exec(await life.outputOf(id, step))?.[1],
    () => `step ${step} of ${id} to print`,
  );

const idsIn = (text: string) => text.split("-").slice(1, 3);

describe("the spans of a server's own runs", () => {
  livesTest(
    "the command makes spans with an SDK that a file registers, and goes on in the same trace after a kill",
    async ({ lives, folder }) => {
      packagesIn(folder);
      const file = path.join(folder, "tracing.mjs");
      writeFileSync(file, TO_FILE);
      const spansIn = path.join(folder, "spans");
      writeFileSync(spansIn, "");
      const env = { NODE_OPTIONS: `--import ${file}`, SPANS: spansIn };
      const sent = (id: string): Sent[] =>
        readFileSync(spansIn, "utf8")
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as Sent)
          .filter(({ attributes }) => attributes["instep.workflow.id"] === id);

      const one = await lives.beginning(env, "--traces").ready;
      one.define("told.yaml", TOLD);
      const called = await startedAt(one, { traceparent });
      const alone = await startedAt(one, {});
      const before = {
        called: await printedBy(one, called, 0),
        alone: await printedBy(one, alone, 0),
      };
      const waiting = await printedBy(one, called, 1);
      await printedBy(one, alone, 1);
      // The trace that began with the workflow is kept beside it, not in a change of its state.
      const runs = path.join(folder, ".instep", "runs");
      await until(
        () =>
          readdirSync(runs).some((name) =>
            readFileSync(path.join(runs, name), "utf8").includes(idsIn(before.alone)[0]!),
          ),
        "the trace to be kept",
      );
      await one.kill();
      const two = await lives.beginning(env, "--traces").ready;
      writeFileSync(path.join(folder, "workflows", "go"), "");
      for (const id of [called, alone]) expect((await two.ended(id)).status).toBe("failed");
      await until(() => sent(called).length === 3 && sent(alone).length === 3, "all to be sent");

      const [first, waits, run] = sent(called);
      expect([first, waits, run].map((span) => span!.name)).toEqual([
        "step first",
        "step waits",
        "run told",
      ]);
      expect(new Set(sent(called).map(({ traceId }) => traceId))).toEqual(new Set([CALLER.trace]));
      expect(idsIn(before.called)).toEqual([CALLER.trace, first!.spanId]);
      expect(run!.parent).toBe(CALLER.span);
      expect(waits!.parent).toBe(run!.spanId);
      expect(idsIn(waiting)[0]).toBe(CALLER.trace);
      expect([waits, run].map((span) => span!.attributes)).toEqual([
        expect.objectContaining({
          ...{ "instep.resumed": true, "instep.outcome": "failed", "process.exit.code": 4 },
        }),
        expect.objectContaining({ "instep.resumed": true, "instep.outcome": "failed" }),
      ]);
      expect([first, waits, run].map((span) => span!.status)).toEqual([
        { code: 0 },
        { code: 2, message: "exit code 4" },
        { code: 2, message: "waits: exit code 4" },
      ]);
      const ms = ([seconds, nanoseconds]: Sent["startTime"]) => seconds * 1_000 + nanoseconds / 1e6;
      for (const span of [first!, waits!]) {
        expect(ms(span.startTime)).toBeGreaterThanOrEqual(ms(run!.startTime));
        expect(ms(span.endTime)).toBeLessThanOrEqual(ms(run!.endTime));
      }
      expect(new Set(sent(alone).map(({ traceId }) => traceId))).toEqual(
        new Set([idsIn(before.alone)[0]]),
      );
    },
  );

  livesTest(
    "the example of the documents shows spans once the server has ended",
    async ({ lives, folder }) => {
      packagesIn(folder);
      const example = blocksOfDocument("docs/operating.md").find(
        ({ file }) => file === "tracing.mjs",
      );
      const file = path.join(folder, "tracing.mjs");
      writeFileSync(file, example!.text);
      const life = await lives.beginning({ NODE_OPTIONS: `--import ${file}` }, "--traces").ready;
      life.define("short.yaml", "name: short\nsteps: [{ action: say, run: echo }]\n");
      await life.ended(await life.start("short"));
      life.process.signal("SIGTERM");
      expect(await life.process.exitCode).toBe(0);
      expect(life.process.stdout()).toContain("name: 'step say'");
      expect(life.process.stdout()).toContain("name: 'run short'");
    },
  );

  liveTest(
    "a program gives a tracer provider of its own, and a function's run is in it",
    async ({ folder }) => {
      const exporter = new InMemorySpanExporter();
      const traces = new BasicTracerProvider({
        spanProcessors: [new SimpleSpanProcessor(exporter)],
      });
      const told = defineWorkflow({
        name: "code",
        steps: [{ action: "call", run: ({ run }) => run("echo $TRACEPARENT") }],
      });
      const instep = await createInstep({ dataDir: folder, definitions: [told], traces });
      try {
        const { url } = await instep.listen({ port: 0 });
        const calls = runnerAt(() => url, folder);
        const id = await calls.start("code");
        await calls.ended(id);
        const [step, run] = exporter.getFinishedSpans();
        expect([step?.name, run?.name]).toEqual(["step call", "run code"]);
        expect(await calls.outputOf(id, 0)).toContain(step!.spanContext().spanId);
      } finally {
        await instep.close();
      }
    },
  );
});
