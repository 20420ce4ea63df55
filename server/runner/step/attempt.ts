/** One attempt of a step: its command or its function, from the first byte of output to a proven end. */
import type { FieldValues } from "../../../shared/fields/fields.js";
import type { ErrorLine } from "../../../shared/schema/workflow.js";
import { printable } from "../../../shared/text/printable.js";
import type { AskOptions, AttemptName, RunStep, StepHandler } from "../definition/runStep.js";
import type { ScriptCall } from "../definition/scriptCall.js";
import type { StopManner } from "../definition/stopManner.js";
import { placeScript } from "../process/scriptFile.js";
import { didNotStart, tooLong } from "../process/whyFailed.js";
import type { RedactedStream } from "../secrets/redaction.js";
import type { AttemptSinks } from "./attemptSinks.js";
import {
  type AttemptCommand,
  type CommandParts,
  type CommandRunParts,
  runCommand,
} from "./commandRun.js";
import { asData, CommandFailed, messageOf } from "./handlerResult.js";
import { type HandlerEnd, runHandler } from "./handlerRun.js";
import type { GivenValues } from "./runValues.js";
import { Underway } from "./underway.js";

/** How an attempt went; where it did not go well, why, in a few words. */
export interface AttemptEnd {
  readonly error: string | null;
  readonly data?: unknown;
  /** Where what was printed says why. */
  readonly errorLine?: ErrorLine | undefined;
  /** Processes that could not be ended and may still run. */
  readonly survivors: readonly string[];
  /** Where that was some time before this is known. */
  readonly endedAt?: string;
}

export interface AttemptParts {
  readonly name: AttemptName & Pick<RunStep, "action">;
  readonly sinks: AttemptSinks;
  /** As they are when it begins to work: an answer may have come before that. */
  given(): GivenValues;
  readonly commands: CommandParts;
  /** Where relative paths start. */
  readonly folder: string;
  /** Aborting ends it. */
  readonly signal: AbortSignal;
  readonly hurry: Promise<void>;
  readonly stop: StopManner;
  ask(question: AskOptions): Promise<FieldValues>;
}

export class Attempt {
  readonly #parts: AttemptParts;

  constructor(parts: AttemptParts) {
    this.#parts = parts;
  }

  async command(command: AttemptCommand & ScriptCall): Promise<AttemptEnd> {
    const { outputFiles, tailBytes } = this.#parts.commands;
    // Its keeper places it where it is still there for a later server.
    const script = await placeScript(
      command.kept ? { argv: command.argv } : command,
      outputFiles.folder,
    );
    if (script.problem !== null) return { error: didNotStart(script.problem), survivors: [] };
    const { end, why, errorLine, endedAt, lastLines } = await runCommand(
      { ...command, argv: script.argv },
      this.#commandParts(this.#parts.given(), this.#parts.signal),
    ).finally(script.remove);
    const { process } = this.#parts.sinks.updates;
    const data = {
      exit_code: end.exitCode,
      ...(end.endedBy === null ? {} : { signal: end.endedBy }),
      last_lines: lastLines(tailBytes),
      ...(process && { process }),
    };
    return { error: why, errorLine, data, survivors: end.survivors, endedAt };
  }

  /** A function that does not stop when it is told to cannot be ended: that is said. */
  async handler(handler: StepHandler, timeoutMs: number | undefined): Promise<AttemptEnd> {
    const { commands: all, signal, stop, hurry, sinks } = this.#parts;
    if (signal.aborted) return { error: "cancelled", survivors: [] };
    const ended = all.atWork.begin(false);
    const given = this.#parts.given();
    const printed = given.redaction.stream();
    const commands = new Underway();
    const { clock } = all.tools;
    const end = await runHandler(
      (told) => given.within(() => handler(this.#runStep(told, { given, printed, commands }))),
      {
        ...{ clock, timeoutMs, signal, hurry, stop, commands },
      },
    ).finally(ended);
    void sinks.output.write(printed.end());
    return this.#endOf(end, given, timeoutMs);
  }

  #endOf(end: HandlerEnd, { redaction }: GivenValues, timeoutMs: number | undefined): AttemptEnd {
    if (end.kind === "not ended") {
      const survivors = [`the handler of "${this.#parts.name.action}"`];
      return { error: "it did not stop when it was told to", survivors };
    }
    const data = end.kind === "returned" ? { data: asData(end.data) } : {};
    if (end.timedOut) return { error: tooLong(timeoutMs), ...data, survivors: [] };
    if (end.kind === "returned") return { error: null, ...data, survivors: [] };
    const { error } = end;
    return {
      error: printable(redaction.text(messageOf(error)), 2_000),
      errorLine: error instanceof CommandFailed ? error.errorLine : undefined,
      survivors: [],
    };
  }

  #runStep(signal: AbortSignal, { given, printed, commands }: Calling): RunStep {
    const { name, sinks, ask } = this.#parts;
    const { updates, output } = sinks;
    const { inputs, answers, outputs } = given;
    const masked = (text: string) => given.redaction.text(text);
    return {
      ...name,
      ...{ inputs, answers, outputs, signal, ask },
      progress: (part, message) =>
        updates.progress(part, message === undefined ? undefined : masked(message)),
      message: (text) => updates.message(masked(text)),
      note: (text) => updates.note(masked(text)),
      task: (task, status, note) => updates.task(masked(task), status, note && masked(note)),
      output: (text) => output.write(printed.add(Buffer.from(text))),
      run: async (command, options = {}) => {
        const argv = typeof command === "string" ? ["/bin/sh", "-c", command] : command;
        const running = runCommand({ argv, ...options }, this.#commandParts(given, signal));
        const { why, words, errorLine, lastLines } = await commands.watch(running);
        if (why === null) return;
        const isSaid = words.said !== null || words.printed !== null;
        const last = isSaid ? undefined : lastLines(this.#parts.commands.tailBytes).at(-1);
        throw new CommandFailed(last === undefined ? why : `${why}: ${last}`, errorLine);
      },
    };
  }

  #commandParts(given: GivenValues, signal: AbortSignal): CommandRunParts {
    const { name, sinks, commands, folder, hurry, stop } = this.#parts;
    return {
      ...sinks,
      ...{ tools: commands.tools, atWork: commands.atWork, folder, given, signal, hurry, stop },
      onGroup: (group, manner) => commands.onGroup(group, name, given.mark, manner),
    };
  }
}

/** One call of a step's function. */
interface Calling {
  readonly given: GivenValues;
  /** The stream that masks the text it prints by itself. */
  readonly printed: RedactedStream;
  readonly commands: Underway;
}
