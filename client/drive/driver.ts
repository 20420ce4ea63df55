/** Runs the steps of a workflow here, in a tab or in Node, and reports them. */
import { SyncError } from "../../shared/errors.js";
import { newWorkflowId } from "../../shared/identifiers.js";
import type { StateInput } from "../../shared/schema/workflow.js";
import type { InstepClient } from "../live/client.js";
import { NoAnswerError } from "../wire/noAnswer.js";
import { DrivenStep, type HandlerResult, type StepHandler, textOf } from "./drivenStep.js";
import { DrivenWorkflow } from "./drivenWorkflow.js";

export interface Definition {
  name?: string;
  title?: string;
  steps: readonly { action: string; title?: string }[];
}

export interface DriveOptions {
  /** The workflow's id. @default made up */
  workflow_id?: string;
  /** Shown to watchers. @default `"client"` */
  driver?: string;
  /** More fields for the first save. */
  state?: object;
  /** Aborting cancels the workflow; so does anybody who asks it to stop. */
  signal?: AbortSignal;
  /** Claims an existing workflow and goes on from its first step that is not done. Needs `workflow_id`. @default false */
  resume?: boolean;
  /** Told once, where the server is too old to keep output: the steps go on without. */
  onNoOutput?: () => void;
  /** Told once the first save is durable. */
  onStart?: (started: { workflow_id: string; epoch: string; revision: number }) => void;
}

export interface DriveResult {
  workflow_id: string;
  status: "completed" | "failed" | "cancelled";
  error?: string;
}

/**
 * Resolves once the end of the workflow is durable. Rejects when the server refuses this driver: somebody else drives, or the
 * workflow was cleared; the running step's signal is aborted first. A cancelled driver that cannot reach the server resolves
 * all the same after a while, and says so in `error`.
 */
export async function drive(
  client: InstepClient,
  definition: Definition,
  handlers: Record<string, StepHandler>,
  options: DriveOptions = {},
): Promise<DriveResult> {
  for (const { action } of definition.steps) {
    if (!Object.hasOwn(handlers, action))
      throw new TypeError(`there is no handler for "${action}"`);
  }
  options.signal?.throwIfAborted();
  return new Driving(client, definition, handlers, options).toTheEnd();
}

type Ending = Pick<DriveResult, "status" | "error">;

class Driving {
  readonly #client: InstepClient;
  readonly #definition: Definition;
  readonly #handlers: Record<string, StepHandler>;
  readonly #options: DriveOptions;
  readonly #workflow_id: string;
  readonly #workflow: DrivenWorkflow;
  /** By whoever called `drive`, or by somebody who asked the workflow to stop. */
  readonly #cancel = new AbortController();
  readonly #cancelled = this.#cancel.signal;
  /** Aborted when the steps have to stop, for whatever reason. */
  readonly #stop = new AbortController();
  #lost: { readonly why: unknown } | null = null;
  #step: DrivenStep | null = null;
  #isWithoutOutput = false;
  #stopWatching = () => {};

  constructor(
    client: InstepClient,
    definition: Definition,
    handlers: Record<string, StepHandler>,
    options: DriveOptions,
  ) {
    this.#client = client;
    this.#definition = definition;
    this.#handlers = handlers;
    this.#options = options;
    this.#workflow_id = options.workflow_id ?? newWorkflowId(client.clock.now());
    this.#workflow = new DrivenWorkflow({
      client,
      workflow_id: this.#workflow_id,
      driver: options.driver ?? "client",
      cancelled: this.#cancelled,
      lost: (why) => this.#lose(why),
      regained: () => this.#step?.sayAgain(),
    });
  }

  async toTheEnd(): Promise<DriveResult> {
    const { signal } = this.#options;
    const cancel = () => this.#cancelFor(signal?.reason);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      const ending = await this.#begin();
      const told = await this.#tellEnd(ending);
      return { workflow_id: this.#workflow_id, ...ending, ...told };
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#stopWatching();
      await this.#workflow.leave();
    }
  }

  async #begin(): Promise<Ending> {
    try {
      const attempts = this.#options.resume ? await this.#resume() : await this.#start();
      return await this.#runSteps(attempts);
    } catch (error) {
      if (this.#lost) throw this.#lost.why;
      if (this.#cancelled.aborted && isOfCancelling(error, this.#cancelled))
        return { status: "cancelled" };
      throw error;
    }
  }

  /** Gives the attempt of each step to be run; null for those that are done. */
  async #start(): Promise<readonly (number | null)[]> {
    const { name, title, steps } = this.#definition;
    const state: StateInput = {
      ...this.#options.state,
      workflow_id: this.#workflow_id,
      ...(name !== undefined && { name }),
      ...(title !== undefined && { title }),
      status: "running",
      current_step: 0,
      steps: steps.map((step) => ({ ...step, status: "pending" as const })),
    };
    const { epoch, revision } = await this.#workflow.tell({ kind: "save", state });
    await this.#workflow.hold();
    this.#started(epoch, revision);
    return steps.map(() => 1);
  }

  async #resume(): Promise<readonly (number | null)[]> {
    if (this.#options.workflow_id === undefined) throw new TypeError("resume needs a workflow_id");
    await this.#workflow.hold();
    const loaded = await this.#client.rest.load(this.#workflow_id);
    if (!loaded) throw new SyncError("unknown_workflow", `there is no "${this.#workflow_id}"`);
    const { steps } = loaded.state;
    const wanted = this.#definition.steps.map(({ action }) => action).join();
    if (steps.map(({ action }) => action).join() !== wanted) {
      throw new TypeError(`the steps of "${this.#workflow_id}" are not those of this definition`);
    }
    this.#started(loaded.epoch, loaded.revision);
    const firstLeft = steps.findIndex(
      ({ status }) => status !== "completed" && status !== "skipped",
    );
    const isDone = (index: number) => firstLeft === -1 || index < firstLeft;
    return steps.map((step, index) => (isDone(index) ? null : (step.attempt ?? 0) + 1));
  }

  #started(epoch: string | null, revision: number | null): void {
    this.#stopWatching = this.#client.watch(this.#workflow_id, ({ state }) => {
      if (state?.stop_requested) this.#cancelFor(new Error("somebody asked it to stop"));
    });
    if (epoch === null || revision === null) return;
    this.#options.onStart?.({ workflow_id: this.#workflow_id, epoch, revision });
  }

  async #runSteps(attempts: readonly (number | null)[]): Promise<Ending> {
    for (const [index, { action, title }] of this.#definition.steps.entries()) {
      const attempt = attempts[index];
      if (attempt == null) continue;
      this.#stop.signal.throwIfAborted();
      const outcome = await this.#runStep(index, action, attempt);
      if ("error" in outcome) {
        return { status: "failed", error: `${title ?? action}: ${textOf(outcome.error)}` };
      }
    }
    return { status: "completed" };
  }

  async #runStep(index: number, action: string, attempt: number): Promise<HandlerResult> {
    const workflow_id = this.#workflow_id;
    const step = new DrivenStep({
      clock: this.#client.clock,
      serverNow: () => this.#client.clock.now() + this.#client.connection.serverOffsetMs,
      handler: this.#handlers[action] as StepHandler,
      signal: this.#stop.signal,
      names: { index, action, workflow_id, attempt },
      report: async (update) => {
        await this.#workflow.tell({ kind: "step", workflow_id, index, update });
      },
      append: async (bytes, at, signal) => {
        const appended = await this.#workflow.append(index, attempt, bytes, at, signal);
        if (!appended) this.#tellNoOutput();
        return appended;
      },
      failed: (error) => this.#lose(error),
    });
    await step.begin();
    this.#step = step;
    try {
      const outcome = await step.run();
      if (this.#lost) throw this.#lost.why;
      const isCancelled = this.#cancelled.aborted;
      await (isCancelled ? step.cancel() : step.end(outcome));
      if (isCancelled) throw this.#cancelled.reason;
      return outcome;
    } finally {
      this.#step = null;
      step.stop();
    }
  }

  async #tellEnd({ status, error }: Ending): Promise<Pick<DriveResult, "error"> | null> {
    const workflow_id = this.#workflow_id;
    const state = { status, ...(error !== undefined && { error_message: error }) };
    try {
      await this.#workflow.tell({ kind: "save", merge: true, workflow_id, state });
      return null;
    } catch (cause) {
      if (this.#lost) throw this.#lost.why;
      if (!this.#cancelled.aborted) throw cause;
      return { error: `the server was not told of the end: ${textOf(cause)}` };
    }
  }

  #cancelFor(why: unknown): void {
    this.#cancel.abort(why);
    this.#stop.abort(why);
  }

  #tellNoOutput(): void {
    if (this.#isWithoutOutput) return;
    this.#isWithoutOutput = true;
    this.#options.onNoOutput?.();
  }

  #lose(why: unknown): void {
    this.#lost ??= { why };
    this.#stop.abort(this.#lost.why);
  }
}

/** The wish to stop itself, or a server that did not hear of it in time. */
const isOfCancelling = (error: unknown, cancelled: AbortSignal): boolean =>
  error === cancelled.reason || error instanceof NoAnswerError;
