/** Something happened to a workflow of a definition: whoever wants to be told is. Each event at least once, also over the server's end. */
import type { Clock } from "../../../shared/clock.js";
import { type HookRun, hookEvent, hookRunsOf, isRunOf } from "../../../shared/state/hookRuns.js";
import { isEnded } from "../../../shared/statuses.js";
import type { Cluster } from "../../cluster/cluster.js";
import type { Log } from "../../log/log.js";
import type { Commits } from "../../state/commits.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../../state/store/record.js";
import type { Committed, Store } from "../../state/store/store.js";
import type { Workflows } from "../../state/workflows.js";
import type { HookCommand } from "../definition/definition.js";
import { SHUTDOWN_PATIENCE_MS } from "../definition/stopManner.js";
import type { Leftovers } from "../kept/leftovers.js";
import type { Recipe } from "../kept/recipeOf.js";
import type { RunStore } from "../kept/runData.js";
import { secretOutputsInFile } from "../kept/secretOutputs.js";
import { tellsOf } from "../lost/whose.js";
import { type HookParts, runHook } from "./hookCommand.js";

export interface HooksOptions
  extends Pick<HookParts, "tools" | "outputFiles" | "env" | "secretEnv" | "stateDir"> {
  readonly clock: Clock;
  readonly store: Store;
  readonly commits: Commits;
  readonly workflows: Workflows;
  readonly runFiles: RunStore;
  readonly leftovers: Leftovers;
  readonly log: Log;
  /** Missing for a server alone. */
  readonly cluster?: Pick<Cluster, "nodes"> | null;
  readonly crews: {
    /** Where the server is reached. */
    readonly url: string | null;
    recipeOf(record: WorkflowRecord): Recipe | null;
  };
  /** Resolves once what an earlier server started for this workflow is gone. */
  untilGone(workflow_id: string): Promise<void>;
}

/** Further ones wait for their turn. */
const MOST_AT_ONCE = 4;
/** One that takes the server down with it must not do so for ever. */
const MOST_ATTEMPTS = 3;

interface Job {
  readonly record: LiveRecord;
  readonly command: HookCommand;
  readonly run: HookRun;
}

export class Hooks {
  readonly #options: HooksOptions;
  /** By epoch and event: those that wait or run. */
  readonly #jobs = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  readonly #waiting: (() => void)[] = [];
  readonly #hurry: Promise<void>;
  #hurryUp = () => {};
  #running = 0;
  #stopListening = () => {};

  constructor(options: HooksOptions) {
    this.#options = options;
    this.#hurry = new Promise((resolve) => {
      this.#hurryUp = resolve;
    });
  }

  /** Also what an earlier server did not get to, or not to the end of. */
  begin(): void {
    const { commits, cluster } = this.#options;
    this.#lookAtAll();
    // Another node tells what one that left has not told.
    const stopNodes = cluster?.nodes.listen(() => this.#lookAtAll());
    const stopCommits = commits.listen("runner", (change) => this.#see(change));
    this.#stopListening = () => {
      stopCommits();
      stopNodes?.();
    };
  }

  #lookAtAll(): void {
    for (const record of this.#options.store.open.values())
      if (isLive(record)) this.#lookAt(record);
  }

  /** Null where nothing is to be told of this life's end any more. */
  untilTold(epoch: string): Promise<void> | null {
    return this.#jobs.get(`${epoch} end `) ?? null;
  }

  /** Ends what runs, within a few seconds. The next server tells it again. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#stop.abort(new Error("shutdown"));
    const cancel = this.#options.clock.after(SHUTDOWN_PATIENCE_MS, () => this.#hurryUp());
    for (const next of this.#waiting.splice(0)) next();
    await Promise.allSettled(this.#jobs.values());
    cancel();
  }

  #see(change: Committed): void {
    if (change.kind === "committed" && isLive(change.after)) this.#lookAt(change.after);
  }

  #lookAt(record: LiveRecord): void {
    const { run, epoch, state } = record;
    const event = hookEvent(state);
    if (event === null || run === undefined || this.#stop.signal.aborted) return;
    if (!tellsOf(record, this.#options.cluster?.nodes)) return;
    const key = `${epoch} ${event.kind} ${event.question ?? ""}`;
    if (this.#jobs.has(key)) return;
    const before = hookRunsOf(state).find((one) => isRunOf(one, event));
    const attempt = (before?.attempt ?? 0) + 1;
    if ((before && before.status !== "running") || attempt > MOST_ATTEMPTS) return;
    const definition = this.#options.crews.recipeOf(record)?.definition;
    const command = event.kind === "end" ? definition?.onEnd : definition?.onBlocked;
    if (!command) return;
    const started_at = new Date(this.#options.clock.now()).toISOString();
    const job = {
      record,
      command,
      run: { ...event, attempt, status: "running", started_at },
    } as const;
    // Kept for as long as this process lives: an event is told once by it.
    const done = this.#turn(() => this.#tell(job))
      .catch((error: unknown) =>
        this.#options.log.error({ err: error, workflow_id: record.workflow_id }, "nobody was told"),
      )
      .then(() => {
        if (isEnded(state.status) || this.#isOver(record)) this.#jobs.delete(key);
      });
    this.#jobs.set(key, done);
  }

  #isOver({ workflow_id, epoch }: LiveRecord): boolean {
    return this.#options.store.open.get(workflow_id)?.epoch !== epoch;
  }

  async #turn(job: () => Promise<void>): Promise<void> {
    while (this.#running >= MOST_AT_ONCE && !this.#stop.signal.aborted)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    try {
      await job();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #tell({ record, command, run }: Job): Promise<void> {
    const { clock, log, crews, runFiles, leftovers, untilGone } = this.#options;
    const { workflow_id, epoch, state } = record;
    await untilGone(workflow_id);
    const recipe = crews.recipeOf(record);
    if (this.#stop.signal.aborted || !recipe || record.run === undefined) return;
    await this.#say(record, run);
    const { definition, data } = recipe;
    const told = await runHook(command, state, run, {
      ...this.#options,
      definition,
      runId: record.run,
      firstId: data.first ?? workflow_id,
      inputs: data.inputs,
      url: () => crews.url,
      epoch,
      secretsOf: (question) => data.secret_answers[question] ?? {},
      secretOutputs: secretOutputsInFile({
        runFiles,
        run: record.run,
        clock,
        over: this.#stop.signal,
      }),
      signal: this.#stop.signal,
      hurry: this.#hurry,
      onGroup: (...group) => leftovers.record(...group),
    });
    if (this.#stop.signal.aborted) return;
    if (told.status === "failed")
      log.warn({ workflow_id, hook: `on_${run.kind}`, why: told.error }, "a hook has failed");
    const finished_at = new Date(clock.now()).toISOString();
    await this.#say(record, { ...run, ...told, finished_at });
  }

  /** To this life of the workflow, where it is still there: in the history nothing changes. */
  async #say({ workflow_id, epoch }: LiveRecord, run: HookRun): Promise<void> {
    const command = { kind: "hook", run } as const;
    await this.#options.workflows.say(workflow_id, command, (record) => record.epoch === epoch);
  }
}
