/** The workflows of its own that the server runs now: each starts to run when its lease is ours, and is stopped when somebody asks or the lease is gone. */
import { isEnded } from "../../shared/statuses.js";
import { counted } from "../../shared/text/counted.js";
import { asBeforeLoss } from "../state/rules/nodeLoss.js";
import type { RunnerLease } from "../state/rules/submission.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../state/store/record.js";
import type { Committed } from "../state/store/store.js";
import { Crew, reporterOf } from "./crew.js";
import type { CrewsOptions, LostCommand } from "./crewsOptions.js";
import { CommandLost } from "./keeper/leftAtWork.js";
import { type Recipe, recipeOf } from "./kept/recipeOf.js";
import { Leaving } from "./leaving.js";
import { regain } from "./lost/regaining.js";
import type { OnStop } from "./onStop.js";
import { ReportLease } from "./report/reportLease.js";
import { fitOf } from "./turn/fitting.js";
import { placementBy } from "./turn/placement.js";
import { type Turn, Turns } from "./turn/turns.js";

interface CrewsParts extends CrewsOptions {
  /** Told of a workflow of which a command is gone, and nobody knows how it ended, or it was ended with this node. Nothing of it runs. */
  readonly commandLost: (lost: LostCommand) => Promise<void>;
}

const DRIVER = "Instep";

export class Crews {
  readonly #options: CrewsParts;
  readonly #crews = new Map<string, Crew>();
  readonly #turns: Turns;
  readonly leaving = new Leaving();
  #isClosing = false;
  readonly #closing = new AbortController();
  #stopListening = () => {};
  #stopListeningToNodes = () => {};
  url: string | null = null;

  constructor(options: CrewsParts) {
    this.#options = options;
    this.#turns = new Turns({
      ...options,
      lease: () => this.lease,
      placing: () => this.#placing(),
    });
  }

  get lease(): RunnerLease {
    const { bootId, cluster } = this.#options;
    return { driver: DRIVER, boot_id: bootId, ...(cluster && { node: cluster.nodes.me }) };
  }

  /** Takes up what is under our lease already, and gives those that wait their turn. */
  begin(): void {
    const { store, commits } = this.#options;
    this.#stopListening = commits.listen("runner", (change) => this.#see(change));
    for (const record of store.open.values()) if (isLive(record)) this.#lookAt(record);
    // Another node has come or left: what waits may be for this one now.
    this.#stopListeningToNodes =
      this.#options.cluster?.nodes.listen(() => this.#turns.pump()) ?? (() => {});
    this.#turns.pump();
  }

  /** As `Turns.reserve`. */
  reserve(wanted: Parameters<Turns["reserve"]>[0]): Turn {
    return this.#turns.reserve(wanted);
  }

  /** As `Turns.leaseFor`. */
  leaseFor(record: Pick<LiveRecord, "labels">): Pick<Turn, "lease" | "behind"> {
    return this.#turns.leaseFor(record);
  }

  /** By what it is run; null where that is gone. */
  readonly recipeOf = (record: WorkflowRecord): Recipe | null => recipeOf(record, this.#options);

  /** Ends what runs and says that it was interrupted; with `keep`, leaves to the next server what can be left. */
  async close(commands: OnStop): Promise<void> {
    this.#isClosing = true;
    this.#closing.abort();
    this.#turns.close();
    this.#stopListening();
    this.#stopListeningToNodes();
    const left = new Set<Crew>();
    let count = 0;
    for (const crew of this.#crews.values()) {
      const { execution } = crew;
      crew.lease.giveUp();
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
        if (!left.has(crew)) await this.#interrupt(workflow_id, crew);
        crew.trace?.end(this.#options.store.open.get(workflow_id)?.state);
      }),
    );
    await this.leaving.untilAllGone();
    await this.#options.keepers.close();
    const words = `left ${counted(count, "command")} at work for the next server`;
    if (count > 0) this.#options.log.info({ commands: count }, words);
  }

  /** Whether the workflow is run here, or may be had again still. */
  isHere(workflow_id: string): boolean {
    return this.#isClosing || this.#crews.has(workflow_id);
  }

  /** Whether nothing of the workflow ends with the server, where that keeps commands. */
  mayBeLeft(workflow_id: string): boolean {
    return this.#crews.get(workflow_id)?.execution.mayBeLeft === true;
  }

  /** A definition in code runs where it is: only this server knows whether it has it. */
  #placing(): (record: LiveRecord) => boolean {
    const { cluster, store } = this.#options;
    if (!cluster) return () => true;
    const placeOf = placementBy(store.open.values(), cluster.nodes);
    return (record) => {
      const recipe = this.recipeOf(record);
      if (recipe?.data.source === null) return fitOf(record.labels, cluster.nodes).isHere;
      return placeOf(record) === cluster.nodes.me && recipe !== null;
    };
  }

  async #interrupt(workflow_id: string, crew: Crew): Promise<void> {
    const { store, workflows, keepers, log } = this.#options;
    // A question outlives the server: its lease, of a process that is gone, says whose it was.
    if (store.open.get(workflow_id)?.state?.status === "blocked") return;
    await workflows
      .say(workflow_id, { kind: "interrupt", reason: "server_restart" }, this.#isOurs(crew))
      .catch((error: unknown) => log.error({ err: error, workflow_id }, "not interrupted"));
    const record = store.open.get(workflow_id);
    if (record) keepers.see(record);
  }

  #see(change: Committed): void {
    const after = change.kind === "committed" && isLive(change.after) ? change.after : null;
    const { keepers, runFiles, log } = this.#options;
    const crew = this.#crews.get((after ?? change.before)?.workflow_id ?? "");
    if (after && after.epoch === crew?.epoch) crew.trace?.see(after.state);
    // Of a workflow that is lost something still runs: what is kept of it goes once nothing does.
    const isLost = crew !== undefined && !(after && crew.isOf(after, this.lease.boot_id));
    if (after && !isLost) keepers.see(after);
    else if (change.before && !isLost) keepers.drop(change.before);
    if (after) this.#lookAt(after);
    // The workflows that wait for it hear of its end, also where another driver said that.
    const isOver = !after || isEnded(after.state.status);
    const isFreed = isOver && change.before?.state?.concurrency !== undefined;
    // Another node has put it into the queue, and it may be this one's turn to take it.
    const isQueued = this.#options.cluster && after?.state.queued && !change.before?.state?.queued;
    if (isFreed || isQueued) this.#turns.pump();
    if (after) return;
    const { run, workflow_id } = change.before ?? {};
    if (change.kind !== "forgotten" && workflow_id !== undefined) this.#lose(workflow_id);
    if (run === undefined || change.kind === "archived") return;
    runFiles.remove(run).catch((err: unknown) => log.error({ err, run }, "not removed"));
  }

  /** Nobody calls for a run to begin: whoever starts, resumes or takes a workflow writes a lease with our boot id into it, and that is heard of here. */
  #lookAt(record: LiveRecord): void {
    const { workflow_id, lease, state } = record;
    const { boot_id } = this.lease;
    const isOurs = lease?.boot_id === boot_id;
    const crew = this.#crews.get(workflow_id);
    if (crew?.hasRegained(record, boot_id)) crew.lease.regain(lease!.token);
    else if (crew && this.#mayRegain(record, crew)) return this.#regain(record, crew);
    if (crew && !crew.isOf(record, boot_id)) this.#lose(workflow_id, isEnded(state.status));
    if (isOurs && !this.#crews.has(workflow_id) && !this.#isClosing) this.#take(record);
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
    crew.lease.giveUp();
    crew.trace?.end();
    crew.execution.stop("lost");
    crew.over.abort();
    const { epoch } = crew;
    const gone = crew.ended.then(() => this.#options.keepers.drop({ workflow_id, epoch }));
    this.leaving.add(workflow_id, gone);
    // A workflow whose end was said has nothing left that runs.
    if (!isOver) this.#turns.leave(crew.concurrency, crew.ended);
    crew.free();
  }

  /** It was taken for lost with this node, which was only out of reach: what it has at work here goes on meanwhile. */
  #mayRegain(record: LiveRecord, { lease, epoch, isCutOff }: Crew): boolean {
    const { node } = this.lease;
    if (isCutOff || node === undefined || this.#isClosing || record.epoch !== epoch) return false;
    return record.fence === lease.token && asBeforeLoss(record, node) !== null;
  }

  #regain(record: LiveRecord, crew: Crew): void {
    const isBegun = crew.lease.lost !== null;
    crew.lease.lose(record);
    if (isBegun) return;
    const { cluster, workflows, clock, store, log } = this.#options;
    const { workflow_id } = crew;
    const mayRegain = () => {
      const now = store.open.get(workflow_id);
      return crew.lease.lost !== null && isLive(now) && this.#mayRegain(now, crew);
    };
    const endsWithNode = crew.recipe.definition.onNodeLoss === "resume";
    const parts = {
      nodes: cluster!.nodes,
      workflows,
      clock,
      log,
      over: crew.over.signal,
      endsWithNode,
    };
    void regain(record, { ...parts, lease: this.lease, mayRegain }).then(() => {
      if (crew.lease.lost !== null && this.#crews.get(workflow_id) === crew)
        this.#lose(workflow_id);
    });
  }

  #take(record: LiveRecord): void {
    const { workflow_id } = record;
    const recipe = this.recipeOf(record);
    if (!recipe) {
      const lease = new ReportLease(record.lease!.token);
      const reporter = reporterOf(
        { ...this.#options, record },
        ...([lease, new AbortController().signal] as const),
      );
      const error_message = `Its definition "${record.state.definition}" is not there any more.`;
      void reporter.merge({ status: "failed", error_message }).catch(() => {});
      return;
    }
    const crew = new Crew({ ...this.#options, record, recipe, url: () => this.url });
    this.#crews.set(workflow_id, crew);
    crew.begin({
      free: this.#turns.use(),
      failed: (error) => this.#fail(crew, error),
      over: () => {
        if (this.#isClosing || this.#crews.get(workflow_id) !== crew) return;
        crew.trace?.end();
        this.#crews.delete(workflow_id);
        crew.free();
      },
    });
  }

  /** Whether a record is as this crew drives it: another node may have it by now. */
  readonly #isOurs = (crew: Crew) => (record: WorkflowRecord) =>
    isLive(record) && crew.isOf(record, this.lease.boot_id);

  /** A refusal for good, or a fault of ours: the workflow must not look as if it went on. */
  async #fail(crew: Crew, error: unknown): Promise<void> {
    const { log, workflows, commandLost } = this.#options;
    const { reporter, workflow_id } = crew;
    const isOurs = this.#isOurs(crew);
    if (error instanceof CommandLost) {
      crew.isCutOff = error.reason === "node_lost";
      const over = AbortSignal.any([crew.over.signal, this.#closing.signal]);
      return commandLost({ workflow_id, error, isOurs, over });
    }
    log.error({ err: error, workflow_id }, "a workflow could not go on");
    const why = error instanceof Error ? error.message : String(error);
    const error_message = `The runner could not go on: ${why}`;
    await reporter.merge({ status: "failed", error_message }).catch(async () => {
      await workflows
        .say(workflow_id, { kind: "interrupt", reason: "driver_gone" }, isOurs)
        .catch(() => {});
    });
  }
}
