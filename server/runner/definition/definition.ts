/** A definition: a recipe that workflows are started from, as the runner uses it. Where it comes from does not matter here. */

import type { Fields, FieldValues } from "../../../shared/fields/fields.js";
import type { OnNodeLoss, OnRestart, StepWhen, WhenBusy } from "../../../shared/statuses.js";
import type { DefinedStepView, DefinitionView } from "../../../shared/wire/rest.js";
import type { Webhook } from "../../webhooks/webhook.js";
import type { StepHandler } from "./runStep.js";
import type { ScriptCall } from "./scriptCall.js";
import type { StopSignal } from "./stopManner.js";

/** Before the first retry of a step, where it says nothing else; each later one waits twice as long. */
export const DEFAULT_BACKOFF_MS = 5_000;

export interface Question {
  readonly prompt: string;
  readonly fields: Fields;
  /** The answer when the deadline passes; without it the step fails then. */
  readonly default?: FieldValues | undefined;
  readonly deadlineMs?: number | undefined;
  /** 0 asks, with what it printed for `{{output}}` in the prompt; 1 does not ask; anything else fails the step. */
  readonly when?: ScriptCall | undefined;
}

/** Another machine, reached over ssh. */
export interface FarMachine {
  /** The input that says where it is. */
  readonly input: string;
  /** As written, with `$INPUT_KEY` for what was given: a private key's file on the server. Empty is none. */
  readonly identityFile?: string | undefined;
}

export interface DefinedStep {
  readonly action: string;
  readonly title?: string | undefined;
  /** The program and its arguments, without a shell around it unless they name one. */
  readonly argv?: readonly string[] | undefined;
  /** For `{{file}}` in `argv`, as in ScriptCall. */
  readonly scriptFile?: string | undefined;
  /** In place of a command, where the definition is code. */
  readonly handler?: StepHandler | undefined;
  /** Its command prints to a pseudo-terminal. */
  readonly tty?: boolean | undefined;
  /** Its command runs there. */
  readonly on?: FarMachine | undefined;
  /** As written: relative to the definition's folder, or with `on` to the home folder there. */
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** The longest that one attempt may take. */
  readonly timeoutMs?: number | undefined;
  /** The signal that tells its command to end. @default SIGTERM */
  readonly stopSignal?: StopSignal | undefined;
  /** Between that and SIGKILL. @default 10,000 */
  readonly stopTimeoutMs?: number | undefined;
  /** Processes that its command leaves running when it succeeds live on. */
  readonly leaves?: boolean | undefined;
  /** Its command outlives the server: never a handler, nor a command that prints to a pseudo-terminal. */
  readonly survives?: boolean | undefined;
  /** After the first attempt. */
  readonly retries: number;
  /** Before the first retry; doubles with every further one, up to 5 minutes. */
  readonly backoffMs: number;
  /** After its last attempt failed the workflow goes on, as if it had not. */
  readonly continueOnError: boolean;
  /** While all goes well, only after a failure, or whatever happened: then also after a cancel, and once the workflow's time is over. */
  readonly when: StepWhen;
  readonly ask?: Question | undefined;
  /** "rsync", or a regular expression whose first group is a percentage. */
  readonly progress?: string | undefined;
  /** Doing it twice does no harm. */
  readonly idempotent: boolean;
  readonly enabled: boolean;
  /** Its branches, which run at the same time, in place of a command. */
  readonly parallel?: readonly DefinedStep[] | undefined;
  /** So many of them at once; all where missing. */
  readonly max?: number | undefined;
  /** The first branch that fails ends the others. */
  readonly failFast?: boolean | undefined;
}

export interface DefinedConcurrency {
  /** As written: with `$INPUT_HOST` for what was given. The definition's name where missing. */
  readonly group?: string | undefined;
  readonly limit: number;
  readonly whenBusy: WhenBusy;
}

/** A command that is told of what happens to a workflow. */
export interface HookCommand extends ScriptCall {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  readonly timeoutMs: number;
}

export interface WorkflowDefinition {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputs: Fields;
  readonly env: Readonly<Record<string, string>>;
  readonly onRestart: OnRestart;
  /** Of a server alone it means nothing. @default "wait" */
  readonly onNodeLoss?: OnNodeLoss | undefined;
  /** Between two steps. */
  readonly stepDelayMs: number;
  /** How many of its workflows run at once; missing for any number. */
  readonly concurrency?: DefinedConcurrency | undefined;
  /** The labels that a node of a cluster must have to run it; any node does where missing. */
  readonly nodeLabels?: readonly string[] | undefined;
  /** The longest that all its steps together may take, without waiting for answers or for its turn. */
  readonly timeoutMs?: number | undefined;
  readonly steps: readonly DefinedStep[];
  /** Told once it has ended, however it did. */
  readonly onEnd?: HookCommand | undefined;
  /** Told whenever it asks. */
  readonly onBlocked?: HookCommand | undefined;
  /** Told of its workflows; their secrets are kept elsewhere. */
  readonly webhooks?: readonly Webhook[] | undefined;
  /** Where relative paths start. */
  readonly folder: string;
  /** The file it was read from; missing where it was given in code. */
  readonly file?: string | undefined;
  /** It came with the package, not from the operator. */
  readonly isExample?: boolean | undefined;
  /** The recipe as it was read, so that a workflow goes on by the recipe it began with. */
  readonly source?: unknown;
}

/** Whether it was written as YAML, where `$NAME` in `env` means a variable; code has its own ways to make a text. */
export const isFromFile = ({ source }: WorkflowDefinition): boolean => source !== undefined;

/** As those who start it see it: nothing of its commands. */
export function viewOf(definition: WorkflowDefinition): DefinitionView {
  const { group = definition.name, limit, whenBusy } = definition.concurrency ?? {};
  const { name, title, description, file, isExample, onRestart, inputs, steps } = definition;
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(file === undefined ? {} : { file }),
    ...(isExample && { example: true }),
    on_restart: onRestart,
    ...(limit !== undefined && whenBusy && { concurrency: { group, limit, when_busy: whenBusy } }),
    inputs,
    steps: steps.map(stepViewOf),
  };
}

function stepViewOf(step: DefinedStep): DefinedStepView {
  const { action, title, enabled, idempotent, ask, parallel, max } = step;
  return {
    action,
    ...(title === undefined ? {} : { title }),
    enabled,
    idempotent,
    asks: ask !== undefined,
    ...(parallel && { parallel: parallel.map(stepViewOf) }),
    ...(max === undefined ? {} : { max }),
  };
}
