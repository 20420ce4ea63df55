/** One workflow that this server runs: its execution, under a lease that may be lost and had again without an end of what is at work. */
import { randomBytes } from "node:crypto";
import type { FieldValues } from "../../shared/fields/fields.js";
import type { Concurrency } from "../../shared/schema/workflow.js";
import { stepAtIndex } from "../../shared/state/stepPlace.js";
import type { LiveRecord } from "../state/store/record.js";
import type { RunTrace } from "../traces/runTrace.js";
import type { CrewsOptions } from "./crewsOptions.js";
import { Execution } from "./execution/execution.js";
import type { Recipe } from "./kept/recipeOf.js";
import { secretOutputsInFile } from "./kept/secretOutputs.js";
import { LocalReporter } from "./report/localReporter.js";
import { ReportLease } from "./report/reportLease.js";

export interface CrewParts extends CrewsOptions {
  /** Under our lease. */
  readonly record: LiveRecord;
  readonly recipe: Recipe;
  /** Where the server is reached. */
  readonly url: () => string | null;
}

interface Beginning {
  /** Gives its place to those that wait. */
  readonly free: () => void;
  /** Told of a refusal for good, or a fault of ours. */
  readonly failed: (error: unknown) => Promise<void>;
  /** Nothing of it runs any more. */
  readonly over: () => void;
}

export class Crew {
  readonly workflow_id: string;
  readonly epoch: string;
  readonly concurrency: Concurrency | undefined;
  readonly execution: Execution;
  readonly reporter: LocalReporter;
  readonly recipe: Recipe;
  readonly lease: ReportLease;
  /** Null where nobody makes spans. */
  readonly trace: RunTrace | null;
  /** Aborted when nothing is to be said any more. */
  readonly over = new AbortController();
  /** Its command was ended, as this node could not reach the cluster. */
  isCutOff = false;
  free = () => {};
  ended: Promise<void> = Promise.resolve();

  constructor(parts: CrewParts) {
    const { record, recipe } = parts;
    this.workflow_id = record.workflow_id;
    this.epoch = record.epoch;
    this.concurrency = record.state.concurrency;
    this.recipe = recipe;
    this.lease = new ReportLease(record.lease!.token);
    this.reporter = reporterOf(parts, this.lease, this.over.signal);
    this.trace = traceOf(parts);
    this.execution = executionOf(parts, this, this.over.signal);
  }

  begin({ free, failed, over }: Beginning): void {
    this.free = free;
    this.ended = this.execution
      .run()
      .then(() => {}, failed)
      .then(over);
  }

  /** Whether it drives the workflow by this record. */
  isOf({ epoch, lease }: LiveRecord, boot_id: string): boolean {
    return lease?.boot_id === boot_id && lease.token === this.lease.token && epoch === this.epoch;
  }

  /** Whether the record is under our lease again, with all at work that was: not taken up anew by somebody. */
  hasRegained({ epoch, lease, state }: LiveRecord, boot_id: string): boolean {
    const { lost } = this.lease;
    if (lost === null || epoch !== this.epoch || lease?.boot_id !== boot_id) return false;
    const { step = null, branches = [] } = lost.state.interruption ?? {};
    const wereAtWork = step === null ? [] : [step, ...branches];
    return wereAtWork.every((index) => stepAtIndex(state, index)?.status === "in_progress");
  }
}

/** The one who says of the workflow what becomes of it, under this lease. */
export function reporterOf(
  {
    record,
    ...parts
  }: Pick<
    CrewParts,
    "record" | "store" | "commits" | "workflows" | "outputs" | "clock" | "log" | "metrics"
  >,
  lease: ReportLease,
  over: AbortSignal,
): LocalReporter {
  const { workflow_id } = record;
  const outputLost = (error: unknown) => {
    parts.log.error({ err: error, workflow_id }, "output was left out");
    parts.metrics?.outputLost();
  };
  return new LocalReporter({ ...parts, record, lease, over, outputLost });
}

/** A trace that begins with the workflow is kept, so that it goes on there after a restart. */
function traceOf({ record, recipe, traces, runFiles, log }: CrewParts): RunTrace | null {
  const { state, lease, workflow_id } = record;
  const { traceparent } = recipe.data;
  const trace = traces?.run({ state, traceparent, node: lease?.node }) ?? null;
  const own = trace?.traceparent();
  if (traceparent === undefined && own !== undefined)
    runFiles
      .update(record.run!, (data) => ({ ...data, traceparent: own }))
      .catch((err: unknown) => log.debug({ err, workflow_id }, "its trace was not kept"));
  return trace;
}

function executionOf(
  parts: CrewParts,
  { reporter, trace }: Pick<Crew, "reporter" | "trace">,
  over: AbortSignal,
): Execution {
  const { record, recipe, clock, tools, env, secretEnv, stateDir, outputFiles, url } = parts;
  const { leftovers, keepers, runFiles } = parts;
  const run = record.run!;
  const { definition, data } = recipe;
  return new Execution({
    definition,
    reporter,
    runId: run,
    firstId: data.first ?? record.workflow_id,
    inputs: data.inputs,
    ...{ traceparent: data.traceparent, trace },
    ...{ secretEnv, env, url, stateDir, tools },
    newId: () => randomBytes(8).toString("hex"),
    secretsOf: (question): FieldValues => runFiles.get(run)?.secret_answers[question] ?? {},
    outputFiles,
    keepers,
    secretOutputs: secretOutputsInFile({ runFiles, run, clock, over }),
    onGroup: (...group) => leftovers.record(...group),
  });
}
