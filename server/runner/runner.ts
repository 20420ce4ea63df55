/** The driver that lives in the server: takes commands for workflows of its own, gives them their turn, and ends what it started. */
import { randomUUID } from "node:crypto";
import { SyncError } from "../../shared/errors.js";
import { CURRENT } from "../../shared/names.js";
import type { CommandOf } from "../../shared/schema/command.js";
import type { CommandLine, DefinitionsAnswer } from "../../shared/wire/rest.js";
import type { Outcome } from "../state/rules/outcome.js";
import { checkExpected } from "../state/rules/standing.js";
import type { Prepared, Submission, SubmissionOf } from "../state/rules/submission.js";
import type { LiveRecord, WorkflowRecord } from "../state/store/record.js";
import type { PlacedWebhook } from "../webhooks/webhook.js";
import { Answers } from "./answers.js";
import { Crews } from "./crews.js";
import type { CrewsOptions } from "./crewsOptions.js";
import { claimMark } from "./definition/claim.js";
import type { WorkflowDefinition } from "./definition/definition.js";
import type { Definitions } from "./definition/source/definitions.js";
import { findDefinition } from "./definition/source/findDefinition.js";
import { canGoOn } from "./goingOn.js";
import { Hooks } from "./hooks/hooks.js";
import { pageAddress } from "./hooks/pageAddress.js";
import { OneByOne } from "./kept/oneByOne.js";
import type { RunData } from "./kept/runData.js";
import { ofLostNodes, sayLost } from "./lossOfNodes.js";
import type { AfterLoss } from "./lost/afterLoss.js";
import type { LostNodes } from "./lost/lostNodes.js";
import type { OnStop } from "./onStop.js";
import { recover } from "./recovery.js";
import { readServerSecrets } from "./secrets/serverSecrets.js";
import { checkNodeLoss } from "./start/nodeLoss.js";
import { planStart } from "./start/planStart.js";
import { checkSameSteps, prepareStart } from "./start/preparing.js";
import { checkRetries } from "./start/retries.js";
import { originOf, retryBy } from "./start/retryBy.js";
import { type StepAtWork, stepsAtWork } from "./stepsAtWork.js";

export interface RunnerOptions extends CrewsOptions {
  readonly definitions: Definitions;
  readonly commandLine?: CommandLine | undefined;
}

export class Runner {
  readonly #options: RunnerOptions;
  readonly #crews: Crews;
  readonly hooks: Hooks;
  /** None for a server alone. */
  readonly #ofNodes: readonly (LostNodes | AfterLoss)[];
  readonly #answers: Answers;
  /** The retries of each workflow: each sees those that came before. */
  readonly #retrying = new OneByOne();
  /** Workflows whose old processes are being ended. */
  #ending: ReadonlyMap<string, Promise<void>> = new Map();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#answers = new Answers(options);
    this.#crews = new Crews({
      ...options,
      commandLost: (lost) => sayLost(lost, { ...this.#options, crews: this.#crews }),
    });
    const untilGone = (id: string) => this.#untilGone(id);
    this.hooks = new Hooks({ ...options, crews: this.#crews, untilGone });
    const nodes = options.cluster?.nodes;
    const goingOn = { ...options, crews: this.#crews };
    this.#ofNodes = nodes ? ofLostNodes(nodes, { ...goingOn, untilGone }) : [];
  }

  /** Resolves once what the server's last life left running is shown as interrupted, and what is under our lease runs. */
  async begin(): Promise<void> {
    const crews = this.#crews;
    this.#ending = await recover({ ...this.#options, crews });
    crews.begin();
    this.hooks.begin();
    for (const part of this.#ofNodes) part.begin();
    await this.#options.definitions.findProblems();
  }

  /** Where the server is reached: told to commands as INSTEP_URL. */
  set url(url: string) {
    this.#crews.url = url;
  }

  async definitions(): Promise<DefinitionsAnswer> {
    const { definitions, commandLine } = this.#options;
    return {
      success: true,
      ...(await definitions.list()),
      ...(commandLine && { command_line: commandLine }),
    };
  }

  /** As `planStart`. */
  readonly plan = (command: CommandOf<"start">) => planStart(command, this.#options);

  /** A new workflow of a definition, prepared and given its turn; as `Workflows.submit` from there on. */
  async start(submission: SubmissionOf<"start">): Promise<Outcome> {
    const { command } = submission;
    const repeated = this.#options.workflows.findRepeated(submission);
    if (repeated) return repeated;
    if (command.workflow_id !== undefined) await this.#untilGone(command.workflow_id);
    const definition = await findDefinition(command.name, this.#options.definitions);
    checkNodeLoss(definition, this.#options);
    const { state, inputs } = prepareStart(definition, command);
    await readServerSecrets(definition, this.#options.secretEnv);
    const data: RunData = { ...originOf(definition), inputs, secret_answers: {} };
    const serverFields = { definition: definition.name, ...claimMark(definition, inputs) };
    const labels = definition.nodeLabels;
    return this.#launch(submission, { state, serverFields, labels }, data);
  }

  /** A new workflow of what is left of another one, from one of its steps on. */
  async retry(submission: SubmissionOf<"retry">): Promise<Outcome> {
    const repeated = this.#options.workflows.findRepeated(submission);
    if (repeated) return repeated;
    const { workflow_id } = this.#find(submission.command.workflow_id);
    return this.#retrying.run(workflow_id, () => this.#retryOf(workflow_id, submission));
  }

  /** An interrupted workflow of the server's own goes on in our hands; any other is refused by the authority. */
  async resume(submission: SubmissionOf<"resume">): Promise<Outcome> {
    const { workflows } = this.#options;
    const repeated = workflows.findRepeated(submission);
    if (repeated) return repeated;
    const { record } = workflows.find(submission.command.workflow_id ?? CURRENT) ?? {};
    if (record?.state.status !== "interrupted" || record.lease || record.run === undefined) {
      return workflows.submit(submission);
    }
    await this.#untilGone(record.workflow_id);
    const { definition } = this.#recipeOf(record);
    checkSameSteps(definition, record.state);
    await readServerSecrets(definition, this.#options.secretEnv);
    const { settle, ...turn } = this.#crews.reserve({
      concurrency: record.state.concurrency,
      record,
    });
    try {
      return await workflows.submit({ ...submission, prepared: turn });
    } finally {
      settle();
    }
  }

  /** As `Answers.take`. */
  answer(submission: SubmissionOf<"answer">): Promise<Outcome> {
    return this.#answers.take(submission);
  }

  /** An interrupted one that has to clean up is taken up for that, whatever else runs: nobody waits in a queue for an end. */
  async stop(submission: SubmissionOf<"stop">): Promise<Outcome> {
    const { workflows } = this.#options;
    const { record } = workflows.find(submission.command.workflow_id ?? CURRENT) ?? {};
    const isIdle = record?.state.status === "interrupted" && !record.lease;
    const isEnding = record?.state.interruption?.processes === "ending";
    if (!isIdle || isEnding || !canGoOn(record, this.#crews)) return workflows.submit(submission);
    await this.#untilGone(record.workflow_id);
    return workflows.submit({ ...submission, prepared: this.#crews.leaseFor(record) });
  }

  /** The steps of our own workflows that are at work now. */
  atWork(): StepAtWork[] {
    return stepsAtWork(this.#options.store, this.#crews);
  }

  /** Resolves once nobody has to be told of that workflow's end any more. */
  async untilTold(workflow_id: string): Promise<void> {
    const epoch = this.#options.store.open.get(workflow_id)?.epoch;
    if (epoch !== undefined) await this.hooks.untilTold(epoch);
  }

  /** The webhooks of the definition that it was started from, each with the folder of its files. */
  readonly webhooksOf = (record: WorkflowRecord): readonly PlacedWebhook[] => {
    const { webhooks = [], folder = "" } = this.#crews.recipeOf(record)?.definition ?? {};
    return webhooks.map((webhook) => ({ ...webhook, folder }));
  };

  /** The address of a workflow's page; null where nobody knows how this server is reached. */
  readonly pageOf = (workflow_id: string): string | null =>
    pageAddress(this.#crews.url, workflow_id);

  /** Ends what runs, within a few seconds, and says so; `keep` leaves what outlives us to the next server. Nothing is started any more. */
  async close(commands: OnStop): Promise<void> {
    await Promise.all(this.#ofNodes.map((part) => part.close()));
    await Promise.all([this.#crews.close(commands), this.hooks.close()]);
    await Promise.allSettled(this.#ending.values());
    this.#options.runFiles.close?.();
  }

  async #retryOf(workflow_id: string, submission: SubmissionOf<"retry">): Promise<Outcome> {
    const { command } = submission;
    const repeated = this.#options.workflows.findRepeated(submission);
    if (repeated) return repeated;
    await this.#untilGone(workflow_id);
    const record = this.#find(workflow_id);
    checkExpected({ workflow_id: record.workflow_id, open: record, ended: null }, submission);
    checkRetries(record, command.retries, this.#options.workflows);
    const { definition, data, state, from, recipe } = await retryBy(record, command, {
      ...this.#options,
      recipeOf: () => this.#recipeOf(record),
    });
    await readServerSecrets(definition, this.#options.secretEnv);
    const retried_from = { workflow_id: record.workflow_id, step: from, recipe };
    const claim = claimMark(definition, data.inputs);
    const serverFields = { definition: definition.name, retried_from, ...claim };
    const again = { ...data, first: data.first ?? record.workflow_id };
    const labels = definition.nodeLabels;
    const wanted = { state, serverFields, labels };
    return this.#launch({ ...submission, expected: undefined }, wanted, again);
  }

  /** It only writes: the lease in what is committed has our boot id, and from that the crews hear that they have to run it. */
  async #launch(
    submission: Submission,
    wanted: Pick<Prepared, "state" | "serverFields" | "labels">,
    data: RunData,
  ): Promise<Outcome> {
    const { workflows, runFiles } = this.#options;
    const run = randomUUID();
    const { settle, ...turn } = this.#crews.reserve({
      concurrency: wanted.serverFields?.concurrency,
      labels: wanted.labels,
    });
    let isKept = false;
    try {
      // First what only we may see: a workflow without it could not be run.
      await runFiles.write(run, { ...data, traceparent: submission.traceparent });
      const outcome = await workflows.submit({
        ...submission,
        prepared: { ...wanted, run, ...turn },
      });
      isKept = workflows.find(outcome.workflow_id ?? "")?.record.run === run;
      return outcome;
    } finally {
      settle();
      // A refusal, or a repetition of what another call has done.
      if (!isKept) await runFiles.remove(run).catch(() => {});
    }
  }

  /** Commands that ran under this id before, in this life of the server or in its last, must not run beside the new ones. */
  async #untilGone(workflow_id: string): Promise<void> {
    await this.#ending.get(workflow_id);
    await this.#crews.leaving.untilGone(workflow_id);
  }

  #find(named: string | undefined): LiveRecord {
    const found = this.#options.workflows.find(named ?? CURRENT);
    if (found) return found.record;
    throw new SyncError("unknown_workflow", "there is no such workflow");
  }

  #recipeOf(record: LiveRecord): { definition: WorkflowDefinition; data: RunData } {
    const recipe = this.#crews.recipeOf(record);
    if (recipe) return recipe;
    throw new SyncError(
      "not_resumable",
      record.run === undefined
        ? "it was not started from a definition here"
        : `its definition "${record.state.definition}" is not there any more`,
    );
  }
}
