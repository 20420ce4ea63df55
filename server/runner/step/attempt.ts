/** One attempt of a step: its command or its handler, from the first byte of output to a proven end. */
import path from "node:path";
import type { FieldValues } from "../../../shared/fields/fields.js";
import type { ErrorLine } from "../../../shared/schema/workflow.js";
import type { StepOutputs } from "../../../shared/state/stepOutputs.js";
import { printable } from "../../../shared/text/printable.js";
import { awakeOf } from "../../time/awake.js";
import type { AskOptions, CommandOptions, RunStep, StepHandler } from "../definition/runStep.js";
import type { ScriptCall } from "../definition/scriptCall.js";
import { type StopManner, stopManner, stopSignalOf } from "../definition/stopManner.js";
import { createEndingTeller, stopWords } from "../process/endingTeller.js";
import { commandEndIn, untilEndIsKnown } from "../process/heldEnd.js";
import { memoryKills } from "../process/memoryKills.js";
import { runProcess } from "../process/process.js";
import type { ProcessTools } from "../process/processGroup.js";
import { placeScript } from "../process/scriptFile.js";
import { type CommandWords, didNotStart, tooLong, whyFailed } from "../process/whyFailed.js";
import { commandProblem, isSsh, type StartedCommand } from "../programs/commandProblem.js";
import type { PlacedOutput } from "../report/placedOutput.js";
import type { RedactedStream, Redaction } from "../secrets/redaction.js";
import type { CommandVariables } from "../variables/commandVariables.js";
import { asData, CommandFailed, messageOf } from "./handlerResult.js";
import type { HandingOn } from "./outputs/handingOn.js";
import { wordsInto } from "./outputUpdates.js";
import { createErrorReader } from "./reading/errorReader.js";
import { createOutputReader } from "./reading/outputReader.js";
import type { StepPicture } from "./stepUpdates.js";
import { Underway } from "./underway.js";

/** How an attempt went; where it did not go well, why, in a few words. */
export interface AttemptEnd {
  readonly error: string | null;
  readonly data?: unknown;
  /** Where what was printed says why. */
  readonly errorLine?: ErrorLine | undefined;
  /** What could not be ended and may still run. */
  readonly survivors: readonly string[];
  /** Where that was some time before this is known. */
  readonly endedAt?: string;
}

export interface AttemptParts {
  readonly tools: ProcessTools;
  readonly place: Pick<RunStep, "workflow_id" | "action" | "index" | "attempt">;
  readonly folder: string;
  /** Where scripts stand while a command runs. */
  readonly scripts: string;
  /** With what Instep sets for one command alone. */
  variables(more: Readonly<Record<string, string>>, isTerminal: boolean): CommandVariables;
  /** `NAME=value` out of the environment. */
  readonly mark: string;
  readonly inputs: FieldValues;
  readonly answers: FieldValues;
  /** Of the earlier steps. */
  readonly outputs: Readonly<Record<string, StepOutputs>>;
  readonly handingOn: HandingOn;
  readonly redaction: Redaction;
  /** Aborting ends it. */
  readonly signal: AbortSignal;
  readonly hurry: Promise<void>;
  readonly stop: StopManner;
  readonly output: PlacedOutput;
  readonly picture: StepPicture;
  /** Of the command's last lines. */
  readonly tailBytes: number;
  ask(question: AskOptions): Promise<FieldValues>;
  /** Before anything runs in the group. Returns what to call when it is gone. */
  onGroup(group: number, stop: StopManner): () => void;
}

export interface AttemptCommand extends CommandOptions, ScriptCall {
  /** As in a definition. */
  readonly progress?: string | undefined;
  /** Given the text of its standard output. */
  captureStdout?(text: string): void;
  /** Exit codes beside 0 that are no failure. @default none */
  readonly answers?: readonly number[];
}

export class Attempt {
  readonly #parts: AttemptParts;
  /** Of what a handler prints by itself. */
  readonly #printed: RedactedStream;
  /** Of a handler. */
  readonly #commands = new Underway();

  constructor(parts: AttemptParts) {
    this.#parts = parts;
    this.#printed = parts.redaction.stream();
  }

  async command(command: AttemptCommand): Promise<AttemptEnd> {
    const script = await placeScript(command, this.#parts.scripts);
    if (script.problem !== null) return { error: didNotStart(script.problem), survivors: [] };
    const { end, why, errorLine, endedAt } = await this.#process({
      ...command,
      argv: script.argv,
    }).finally(script.remove);
    const data = {
      exit_code: end.exitCode,
      ...(end.endedBy === null ? {} : { signal: end.endedBy }),
      last_lines: end.tail.lines(this.#parts.tailBytes),
    };
    return { error: why, errorLine, data, survivors: end.survivors, endedAt };
  }

  /** A handler that does not stop when it is told to cannot be ended: that is said. */
  async handler(handler: StepHandler, timeoutMs: number | undefined): Promise<AttemptEnd> {
    const { tools, signal, stop: manner, hurry, place, redaction } = this.#parts;
    if (signal.aborted) return { error: "cancelled", survivors: [] };
    const awake = awakeOf(tools.clock);
    const stop = new AbortController();
    const onAbort = () => stop.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    let timedOut = false;
    const cancelTimeout =
      timeoutMs === undefined
        ? () => {}
        : awake.after(timeoutMs, () => {
            timedOut = true;
            stop.abort(new Error("the step took too long"));
          });
    let cancelPatience = () => {};
    const impatient = new Promise<"impatient">((resolve) => {
      // Its commands have their own time to end.
      const over = async () => {
        await this.#commands.untilNone(tools.clock);
        resolve("impatient");
      };
      const waitNoLonger = () => {
        cancelPatience = awake.after(manner.patienceMs, () => void over());
        void hurry.then(over);
      };
      if (stop.signal.aborted) waitNoLonger();
      else stop.signal.addEventListener("abort", waitNoLonger, { once: true });
    });
    let thrown: unknown = null;
    const running = (async () => handler(this.#runStep(stop.signal)))().then(
      (data): AttemptEnd => ({ error: null, data: asData(data), survivors: [] }),
      (error: unknown): AttemptEnd => {
        thrown = error;
        return {
          error: printable(redaction.text(messageOf(error)), 2_000),
          errorLine: error instanceof CommandFailed ? error.errorLine : undefined,
          survivors: [],
        };
      },
    );
    const end = await Promise.race([running, impatient]);
    cancelTimeout();
    if (!timedOut) await untilEndIsKnown(commandEndIn(thrown), { clock: tools.clock, signal });
    cancelPatience();
    void this.#parts.output.write(this.#printed.end());
    signal.removeEventListener("abort", onAbort);
    if (end === "impatient") {
      const survivors = [`the handler of "${place.action}"`];
      return { error: "it did not stop when it was told to", survivors };
    }
    return timedOut ? { ...end, error: tooLong(timeoutMs), errorLine: undefined } : end;
  }

  async #process(command: AttemptCommand, signal = this.#parts.signal) {
    const { tools, folder, mark, redaction, hurry, output, picture } = this.#parts;
    const stop = stopManner(
      {
        stopSignal: command.stopSignal && stopSignalOf(command.stopSignal),
        stopTimeoutMs: command.stopTimeout,
      },
      this.#parts.stop,
    );
    const handing = await this.#parts.handingOn.command();
    const errors = createErrorReader(output);
    const reader = createOutputReader(command.progress, wordsInto(picture), tools.clock);
    let gone = () => {};
    const killsBefore = memoryKills();
    const isTerminal = command.tty === true;
    const { env, problem } = this.#parts.variables({ INSTEP_OUTPUT: handing.file }, isTerminal);
    const started: StartedCommand = {
      argv: command.argv,
      cwd: path.resolve(folder, command.cwd ?? "."),
      env: { ...env, ...command.env },
    };
    const end = await runProcess(
      {
        ...started,
        problem,
        timeoutMs: command.timeout,
        signal,
        hurry,
        stop,
        leaves: command.leaves === true,
        mark,
        redaction,
        onRaw: handing.printed,
        captureStdout: command.captureStdout,
        tty: isTerminal,
        onText: (text, bytes) => {
          reader.add(text);
          errors.add(text, bytes);
        },
        onOutput: (bytes) => output.write(bytes),
        onGroup: (group) => {
          gone = this.#parts.onGroup(group, stop);
        },
        onEnding: this.#endingTeller(stop, signal, command.timeout),
      },
      tools,
    );
    reader.end();
    await handing.end();
    if (end.survivors.length === 0) gone();
    const endedAt = new Date(tools.clock.now()).toISOString();
    const isFine = end.timedOut || command.answers?.includes(end.exitCode ?? 0);
    if (!isFine) await untilEndIsKnown(end, { clock: tools.clock, signal });
    const { said, printed } = errors.end();
    const words: CommandWords = { said: said?.text ?? null, printed: printed?.text ?? null };
    const why = whyFailed(end, command.timeout, words, () => ({
      problem: commandProblem(started, end.exitCode, words.printed),
      isMemoryShort: (memoryKills() ?? 0) > (killsBefore ?? Number.POSITIVE_INFINITY),
      isSsh: isSsh(command.argv),
    }));
    // One that was stopped from outside is read at its end.
    const isItsOwn = end.notStarted === null && !end.timedOut && end.exitCode !== 0;
    const errorLine = isItsOwn ? (said ?? printed)?.place : undefined;
    return { end, why, words, errorLine, endedAt };
  }

  #endingTeller(manner: StopManner, signal: AbortSignal, timeoutMs: number | undefined) {
    const { output, picture, redaction } = this.#parts;
    return createEndingTeller({
      manner,
      why: (tookTooLong) => stopWords(signal, tookTooLong ? timeoutMs : undefined),
      say: (words) => output.say(redaction.text(words)),
      note: picture.changingNote(),
    });
  }

  #runStep(signal: AbortSignal): RunStep {
    const { place, inputs, answers, outputs, picture } = this.#parts;
    const { redaction, output, ask, tailBytes } = this.#parts;
    return {
      ...place,
      inputs,
      answers,
      outputs,
      signal,
      progress: (part, message) =>
        picture.progress(part, message === undefined ? undefined : redaction.text(message)),
      message: (text) => picture.message(redaction.text(text)),
      note: (text) => picture.note(redaction.text(text)),
      task: (name, status, note) =>
        picture.task(redaction.text(name), status, note && redaction.text(note)),
      output: (text) => output.write(this.#printed.add(Buffer.from(text))),
      ask,
      run: async (command, options = {}) => {
        const argv = typeof command === "string" ? ["/bin/sh", "-c", command] : command;
        const running = this.#process({ argv, ...options }, signal);
        const { end, why, words, errorLine } = await this.#commands.watch(running);
        if (why === null) return;
        const isSaid = words.said !== null || words.printed !== null;
        const last = isSaid ? undefined : end.tail.lines(tailBytes).at(-1);
        throw new CommandFailed(last === undefined ? why : `${why}: ${last}`, errorLine);
      },
    };
  }
}
