/** The workflows of its own that the server runs now: each starts to run when its lease is ours, and is stopped when somebody asks or the lease is gone. */
import { randomBytes } from "node:crypto";
import type { Clock } from "../../shared/clock.js";
import type { FieldValues } from "../../shared/fields/fields.js";
import type { Limits } from "../../shared/limits.js";
import type { Concurrency } from "../../shared/schema/workflow.js";
import { isEnded } from "../../shared/statuses.js";
import { counted } from "../../shared/text/counted.js";
import type { Log } from "../log/log.js";
import type { OutputStore } from "../output/outputStore.js";
import type { Commits } from "../state/commits.js";
import type { RunnerLease } from "../state/rules/submission.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../state/store/record.js";
import type { Committed, Store } from "../state/store/store.js";
import type { Workflows } from "../state/workflows.js";
import type { Definitions } from "./definition/source/definitions.js";
import { Execution } from "./execution/execution.js";
import { CommandLost } from "./keeper/leftAtWork.js";
import type { Keepers } from "./kept/keepers.js";
import type { Leftovers } from "./kept/leftovers.js";
import { type Recipe, recipeOf } from "./kept/recipeOf.js";
import type { RunFiles } from "./kept/runFiles.js";
import { secretOutputsInFile } from "./kept/secretOutputs.js";
import { Leaving } from "./leaving.js";
import type { OnStop } from "./onStop.js";
import type { ProcessTools } from "./process/processGroup.js";
import { LocalReporter } from "./report/localReporter.js";
import type { OutputFiles } from "./step/outputs/outputFiles.js";
import { type Turn, Turns } from "./turn/turns.js";
import type { Environment } from "./variables/environment.js";

export interface CrewsOptions {
  readonly store: Store;
  readonly commits: Commits;
  readonly workflows: Workflows;
  readonly outputs: OutputStore;
  readonly definitions: Definitions;
  readonly runFiles: RunFiles;
  readonly outputFiles: OutputFiles;
  readonly leftovers: Leftovers;
  readonly keepers: Keepers;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly maxConcurrent: number;
  /** The environment that every command finds. */
  readonly env: Environment;
  /** Where secrets are looked for that nobody gives. */
  readonly secretEnv: Environment;
  /** For what commands keep; exists. */
  readonly stateDir: string;
  readonly tools: ProcessTools;
  /** Names this process: the leases end with it. */
  readonly bootId: string;
  readonly log: Log;
}

interface CrewsParts extends CrewsOptions {
  /** Told of a workflow of which a command is gone, and nobody knows how it ended. Nothing of it runs. */
  readonly commandLost: (workflow_id: string, why: string) => Promise<void>;
}

interface Crew {
  readonly execution: Execution;
  readonly token: number;
  readonly concurrency: Concurrency | undefined;
  readonly epoch: string;
  /** Aborted when nothing is to be said any more. */
  readonly over: AbortController;
  /** Gives its place to those that wait. */
  readonly free: () => void;
  readonly ended: Promise<void>;
}

const DRIVER = "Instep";

export class Crews {
  readonly #options: CrewsParts;
  readonly #crews = new Map<string, Crew>();
  readonly #turns: Turns;
  readonly leaving = new Leaving();
  #isClosing = false;
  #stopListening = () => {};
  url: string | null = null;

  constructor(options: CrewsParts) {
    this.#options = options;
    this.#turns = new Turns({ ...options, lease: () => this.lease });
  }

  get lease(): RunnerLease {
    return { driver: DRIVER, boot_id: this.#options.bootId };
  }

  /** Takes up what is under our lease already, and gives those that wait their turn. */
  begin(): void {
    const { store, commits } = this.#options;
    this.#stopListening = commits.listen("runner", (change) => this.#see(change));
    for (const record of store.open.values()) if (isLive(record)) this.#lookAt(record);
    this.#turns.pump();
  }

  /** As `Turns.reserve`. */
  reserve(wanted: Parameters<Turns["reserve"]>[0]): Turn {
    return this.#turns.reserve(wanted);
  }

  /** By what it is run; null where that is gone. */
  readonly recipeOf = (record: WorkflowRecord): Recipe | null => recipeOf(record, this.#options);

  /** Ends what runs and says that it was interrupted; with `keep`, leaves to the next server what can be left. */
  async close(commands: OnStop): Promise<void> {
    this.#isClosing = true;
    this.#turns.close();
    this.#stopListening();
    const left = new Set<Crew>();
    let count = 0;
    for (const crew of this.#crews.values()) {
      const { execution } = crew;
      if (commands === "keep" && execution.mayBeLeft) {
        left.add(crew);
        count += execution.atWork.kept;
        execution.leave();
      } else execution.stop("shutdown");
    }
    await Promise.all(
      [...this.#crews].map(async ([workflow_id, crew]) => {
        await crew.ended;
        crew.over.abort();
        if (!left.has(crew)) await this.#interrupt(workflow_id);
      }),
    );
    await this.leaving.untilAllGone();
    await this.#options.keepers.close();
    const words = `left ${counted(count, "command")} at work for the next server`;
    if (count > 0) this.#options.log.info({ commands: count }, words);
  }

  /** Whether nothing of the workflow ends with the server, where that keeps commands. */
  mayBeLeft(workflow_id: string): boolean {
    return this.#crews.get(workflow_id)?.execution.mayBeLeft === true;
  }

  async #interrupt(workflow_id: string): Promise<void> {
    const { store, workflows, keepers, log } = this.#options;
    // A question outlives the server: its lease, of a process that is gone, says whose it was.
    if (store.open.get(workflow_id)?.state?.status === "blocked") return;
    await workflows
      .say(workflow_id, { kind: "interrupt", reason: "server_restart" })
      .catch((error: unknown) => log.error({ err: error, workflow_id }, "not interrupted"));
    const record = store.open.get(workflow_id);
    if (record) keepers.see(record);
  }

  #see(change: Committed): void {
    const after = change.kind === "committed" && isLive(change.after) ? change.after : null;
    const { keepers, runFiles, log } = this.#options;
    const crew = this.#crews.get((after ?? change.before)?.workflow_id ?? "");
    // Of a workflow that is lost something still runs: what is kept of it goes once nothing does.
    const isLost = crew !== undefined && !(after && isOf(after, crew, this.lease));
    if (after && !isLost) keepers.see(after);
    else if (change.before && !isLost) keepers.drop(change.before);
    if (after) this.#lookAt(after);
    // The workflows that wait for it hear of its end, also where another driver said that.
    const isOver = !after || isEnded(after.state.status);
    if (isOver && change.before?.state?.concurrency) this.#turns.pump();
    if (after) return;
    const { run, workflow_id } = change.before ?? {};
    if (change.kind !== "forgotten" && workflow_id !== undefined) this.#lose(workflow_id);
    if (run === undefined || change.kind === "archived") return;
    runFiles.remove(run).catch((err: unknown) => log.error({ err, run }, "not removed"));
  }

  /** Nobody calls for a run to begin: whoever starts, resumes or takes a workflow writes a lease with our boot id into it, and that is heard of here. */
  #lookAt(record: LiveRecord): void {
    const { workflow_id, lease, state } = record;
    const isOurs = lease?.boot_id === this.lease.boot_id;
    const crew = this.#crews.get(workflow_id);
    if (crew && !isOf(record, crew, this.lease)) this.#lose(workflow_id, isEnded(state.status));
    if (isOurs && !this.#crews.has(workflow_id) && !this.#isClosing)
      this.#take(record, lease.token);
    const running = this.#crews.get(workflow_id);
    if (!running || !state.stop_requested) return;
    running.execution.stop("cancel");
    if (state.stop_requested.now) running.execution.hurry();
  }

  /** The workflow's state is not ours to report any more; the commands we started are ended. */
  #lose(workflow_id: string, isOver = false): void {
    const crew = this.#crews.get(workflow_id);
    if (!crew) return;
    this.#crews.delete(workflow_id);
    crew.execution.stop("lost");
    crew.over.abort();
    const { epoch } = crew;
    const gone = crew.ended.then(() => this.#options.keepers.drop({ workflow_id, epoch }));
    this.leaving.add(workflow_id, gone);
    // A workflow whose end was said has nothing left that runs.
    if (!isOver) this.#turns.leave(crew.concurrency, crew.ended);
    crew.free();
  }

  #take(record: LiveRecord, token: number): void {
    const { workflow_id, epoch, run } = record;
    const { store, commits, workflows, outputs, clock, tools } = this.#options;
    const { env, secretEnv, stateDir, outputFiles } = this.#options;
    const { leftovers, keepers, runFiles, log } = this.#options;
    const recipe = this.recipeOf(record);
    const over = new AbortController();
    const reporter = new LocalReporter({
      store,
      commits,
      workflows,
      outputs,
      clock,
      record,
      over: over.signal,
      outputLost: (error) => log.error({ err: error, workflow_id }, "output was left out"),
    });
    if (!recipe || run === undefined) {
      const error_message = `Its definition "${record.state.definition}" is not there any more.`;
      void reporter.merge({ status: "failed", error_message }).catch(() => {});
      return;
    }
    const { definition, data } = recipe;
    const execution = new Execution({
      definition,
      reporter,
      runId: run,
      firstId: data.first ?? workflow_id,
      inputs: data.inputs,
      secretEnv,
      env,
      url: () => this.url,
      stateDir,
      tools,
      newId: () => randomBytes(8).toString("hex"),
      secretsOf: (question): FieldValues => runFiles.get(run)?.secret_answers[question] ?? {},
      outputFiles,
      keepers,
      secretOutputs: secretOutputsInFile({ runFiles, run, clock, over: over.signal }),
      onGroup: (...group) => leftovers.record(...group),
    });
    const free = this.#turns.use();
    const ended = execution
      .run()
      .then(
        () => {},
        (error: unknown) => this.#fail(reporter, error),
      )
      .then(() => {
        if (this.#isClosing || this.#crews.get(workflow_id)?.execution !== execution) return;
        this.#crews.delete(workflow_id);
        free();
      });
    this.#crews.set(workflow_id, {
      ...{ execution, token, epoch, over, free, ended },
      concurrency: record.state.concurrency,
    });
  }

  /** A refusal for good, or a fault of ours: the workflow must not look as if it went on. */
  async #fail(reporter: LocalReporter, error: unknown): Promise<void> {
    const { log, workflows } = this.#options;
    const { workflow_id } = reporter;
    if (error instanceof CommandLost) return this.#options.commandLost(workflow_id, error.message);
    log.error({ err: error, workflow_id }, "a workflow could not go on");
    const why = error instanceof Error ? error.message : String(error);
    const error_message = `The runner could not go on: ${why}`;
    await reporter.merge({ status: "failed", error_message }).catch(async () => {
      await workflows
        .say(workflow_id, { kind: "interrupt", reason: "driver_gone" })
        .catch(() => {});
    });
  }
}

/** Whether the crew drives the workflow by this record. */
const isOf = ({ epoch, lease }: LiveRecord, crew: Crew, { boot_id }: RunnerLease): boolean =>
  lease?.boot_id === boot_id && lease.token === crew.token && epoch === crew.epoch;
