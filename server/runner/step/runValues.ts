/** The values a step works with: inputs, answers, secrets, and the environment made of them. */
import { type Fields, type FieldValues, isSecret } from "../../../shared/fields/fields.js";
import type { Step } from "../../../shared/schema/workflow.js";
import { outputsOf, outputVariable, type StepOutputs } from "../../../shared/state/stepOutputs.js";
import { eachStep, placeOfIndex } from "../../../shared/state/stepPlace.js";
import type { RunTrace } from "../../traces/runTrace.js";
import { type FarMachine, isFromFile, type WorkflowDefinition } from "../definition/definition.js";
import type { AttemptName } from "../definition/runStep.js";
import type { SecretOutputs } from "../kept/secretOutputs.js";
import type { Reporter } from "../report/reporter.js";
import { SHORTEST } from "../secrets/needles.js";
import { createRedaction, type Redaction } from "../secrets/redaction.js";
import { readServerSecrets } from "../secrets/serverSecrets.js";
import { type CommandVariables, commandVariables } from "../variables/commandVariables.js";
import {
  type Environment,
  valueVariables,
  withDefaults,
  withTerminal,
} from "../variables/environment.js";
import { farLogin, toBeSet } from "../variables/farVariables.js";
import { knownNames } from "../variables/knownNames.js";
import { farConnectionOf } from "./farMachine.js";
import type { OtherOutput } from "./outputs/handingOn.js";

/** A longer value that was made of a secret is not masked as a whole, only the secret in it. */
const MOST_COMPOSED = 4_096;

/** `<run>.<index>.<attempt>` in the environment of all that an attempt starts. */
export const RUN_VARIABLE = "INSTEP_RUN";

/** One run: the values it was started with, and the state that the values of its steps are made of. */
export interface RunValuesParts {
  readonly definition: WorkflowDefinition;
  readonly reporter: Pick<Reporter, "state">;
  /** Names this run among all. */
  readonly runId: string;
  /** The same for a workflow and all its retries: what a step left behind is found under it. */
  readonly firstId: string;
  /** As they were given, secrets in clear. */
  readonly inputs: FieldValues;
  /** Where the server's own secrets are looked for. */
  readonly secretEnv: Environment;
  /** The part of the environment of its server or terminal that every command finds. */
  readonly env: Environment;
  /** Where the server is reached; null where nobody knows. */
  readonly url: () => string | null;
  readonly stateDir: string | null;
  /** The trace that its start belongs to; missing where that named none. */
  readonly traceparent?: string | undefined;
  /** The spans of its steps; null, or missing, where nobody makes any. */
  readonly trace?: Pick<RunTrace, "traceparent" | "within"> | null;
  /** The secret part of an answer, which is not in the state. */
  secretsOf(question: string): FieldValues;
  readonly secretOutputs: Pick<SecretOutputs, "of">;
}

/** The values that an attempt works with, as they are when it begins to work. Secrets are in clear. */
export interface GivenValues {
  readonly inputs: FieldValues;
  readonly answers: FieldValues;
  /** The outputs of the earlier steps, by their actions. */
  readonly outputs: Readonly<Record<string, StepOutputs>>;
  readonly redaction: Redaction;
  readonly variables: Variables;
  readonly farVariables: FarVariables;
  /** Calls a function as a part of the step's span. */
  readonly within: <T>(call: () => T) => T;
  /** `NAME=value` out of the environment, by which a process is known as this attempt's. */
  readonly mark: string;
}

/** The variables that a command finds, with those that Instep sets for that command alone. */
type Variables = (more: Readonly<Record<string, string>>, isTerminal: boolean) => CommandVariables;
/** The same of one on another machine: those that have to be set there, over what a login has. */
type FarVariables = () => CommandVariables;

export class RunValues {
  readonly #parts: RunValuesParts;
  readonly #composed = new Set<string>();
  #fromServer: FieldValues = {};
  #known: { readonly key: string; readonly redaction: Redaction } | null = null;

  constructor(parts: RunValuesParts) {
    this.#parts = parts;
  }

  /** Before the first step. Rejects with SyncError `secret_missing`. */
  async readSecrets(): Promise<void> {
    const { definition, secretEnv } = this.#parts;
    this.#fromServer = await readServerSecrets(definition, secretEnv);
  }

  /** The secrets that nobody gave, and nobody keeps, by their inputs. */
  get serverSecrets(): FieldValues {
    return this.#fromServer;
  }

  /** Hides these values from now on as well: a command that was started before may print them. */
  hideToo(values: readonly string[]): void {
    for (const value of values) this.#composed.add(value);
  }

  get inputs(): FieldValues {
    return { ...this.#parts.inputs, ...this.#fromServer };
  }

  /** The answer to one step's question, secrets in clear. */
  answerOf({ answer, answered }: Step): FieldValues {
    const secrets = answered?.id === undefined ? {} : this.#parts.secretsOf(answered.id);
    return { ...(isValues(answer) ? answer : {}), ...secrets };
  }

  /** The answers of all steps so far; the latest of each name. */
  answers(): FieldValues {
    const answered = this.#parts.reporter.state.steps.filter(({ answered }) => answered != null);
    return Object.assign({}, ...answered.map((step) => this.answerOf(step))) as FieldValues;
  }

  /** The outputs of the steps before this one, by their actions, secrets in clear. */
  outputs(before: number): ReadonlyMap<string, StepOutputs> {
    const { step: place } = placeOfIndex(before);
    const earlier = eachStep(this.#parts.reporter.state).filter(
      ([index]) => placeOfIndex(index).step < place,
    );
    return new Map(earlier.map(([, step]) => [step.action, this.#outputsOf(step)]));
  }

  /** The outputs of all steps but this one, as the state has them. */
  otherOutputs(action: string): readonly OtherOutput[] {
    return eachStep(this.#parts.reporter.state)
      .filter(([, step]) => step.action !== action)
      .flatMap(([, step]) =>
        Object.entries(outputsOf(step.data)).map(([name, value]) => ({
          action: step.action,
          name,
          value,
        })),
      );
  }

  /** Names one attempt among all that are made. */
  runOf({ index, attempt }: Pick<AttemptName, "index" | "attempt">): string {
    return `${this.#parts.runId}.${index}.${attempt}`;
  }

  /** The connection to the machine of a step whose command runs on another one. */
  farConnection(on: FarMachine): ReturnType<typeof farConnectionOf> {
    return farConnectionOf(on, { ...this.#parts, inputs: this.inputs });
  }

  /** Hides everything that is secret by now. */
  redaction(): Redaction {
    const secrets = this.#secrets();
    const key = JSON.stringify(secrets);
    if (this.#known?.key !== key) this.#known = { key, redaction: createRedaction(secrets) };
    return this.#known.redaction;
  }

  #secrets(): readonly string[] {
    const { definition, reporter, secretsOf } = this.#parts;
    const given = Object.entries(this.inputs).filter(([name]) => isSecret(definition.inputs[name]));
    const told = reporter.state.steps.flatMap(({ answered }) =>
      answered?.id === undefined ? [] : Object.values(secretsOf(answered.id)),
    );
    return [...given.map(([, value]) => value), ...told, ...this.#composed].map(String);
  }

  /** `step` is the step's own `env`. */
  given(attempt: AttemptName, step: Readonly<Record<string, string>>): GivenValues {
    const { trace } = this.#parts;
    // First: it may make new secrets.
    const environment = this.environment(attempt, step);
    return {
      ...environment,
      within: (call) => (trace ? trace.within(attempt.index, call) : call()),
      inputs: this.inputs,
      answers: this.answers(),
      outputs: Object.fromEntries(this.outputs(attempt.index)),
      redaction: this.redaction(),
    };
  }

  /** The environment of an attempt's commands; `step` is the step's own `env`. */
  environment(
    place: AttemptName,
    step: Readonly<Record<string, string>>,
  ): Pick<GivenValues, "mark" | "variables" | "farVariables"> {
    const { definition, env, firstId, url, stateDir, trace } = this.#parts;
    const traceparent = trace?.traceparent(place.index) ?? this.#parts.traceparent;
    const run = this.runOf(place);
    const address = url();
    const variablesOver = (
      login: Environment,
      more: Readonly<Record<string, string>>,
    ): CommandVariables =>
      commandVariables({
        below: {
          ...login,
          ...(traceparent === undefined ? {} : { TRACEPARENT: traceparent }),
          ...valueVariables("INPUT", this.inputs, definition.inputs),
          ...valueVariables("ANSWER", this.answers(), fieldsAsked(definition)),
          ...outputVariables(this.outputs(place.index)),
        },
        recipe: definition.env,
        instep: {
          INSTEP_WORKFLOW_ID: place.workflow_id,
          INSTEP_FIRST_WORKFLOW_ID: firstId,
          INSTEP_STEP: String(place.index),
          INSTEP_ATTEMPT: String(place.attempt),
          INSTEP_RUN: run,
          ...more,
        },
        step,
        mayBeUnset: isFromFile(definition) ? knownNames(definition) : null,
      });
    const here = {
      ...(stateDir === null ? {} : { INSTEP_STATE_DIR: stateDir }),
      ...(address === null ? {} : { INSTEP_URL: address }),
    };
    const variables: Variables = (more, isTerminal) =>
      variablesOver(withDefaults(isTerminal ? withTerminal(env) : env), { ...here, ...more });
    // Neither this machine's login nor what is reached from here means anything there.
    const farVariables: FarVariables = () => {
      const made = variablesOver(farLogin(), {});
      return { ...made, env: toBeSet(made.env) };
    };
    this.#keepSecret(variables({}, false).composed);
    return { mark: `${RUN_VARIABLE}=${run}`, variables, farVariables };
  }

  /** A value that was made of a secret is a secret. */
  #keepSecret(composed: readonly string[]): void {
    const secrets = this.#secrets().filter(({ length }) => length >= SHORTEST);
    for (const value of composed) {
      if (value.length <= MOST_COMPOSED && secrets.some((secret) => value.includes(secret)))
        this.#composed.add(value);
    }
  }

  #outputsOf({ action, data }: Step): StepOutputs {
    const told = outputsOf(data);
    const secret = Object.entries(this.#parts.secretOutputs.of(action));
    return { ...told, ...Object.fromEntries(secret.filter(([name]) => Object.hasOwn(told, name))) };
  }
}

/** The latest of each name. */
function outputVariables(outputs: ReadonlyMap<string, StepOutputs>): Record<string, string> {
  const variables = [...outputs].flatMap(([action, values]) =>
    Object.entries(values).map(([name, value]) => [outputVariable(action, name), value] as const),
  );
  return Object.fromEntries(variables);
}

/** The fields of all its questions; the latest of each name. */
const fieldsAsked = ({ steps }: WorkflowDefinition): Fields =>
  Object.assign({}, ...steps.map(({ ask }) => ask?.fields));

const isValues = (answer: unknown): answer is FieldValues =>
  typeof answer === "object" && answer !== null;
