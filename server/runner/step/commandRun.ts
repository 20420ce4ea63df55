/** One command of an attempt, from before its start to how it ended and why. */
import path from "node:path";
import type { ErrorLine } from "../../../shared/schema/workflow.js";
import type { CommandOptions } from "../definition/runStep.js";
import { type StopManner, stopManner, stopSignalOf } from "../definition/stopManner.js";
import { isLeft, LeftAtWork } from "../keeper/leftAtWork.js";
import type { Keepers } from "../kept/keepers.js";
import type { RecordGroup } from "../kept/leftovers.js";
import type { SecretOutputs } from "../kept/secretOutputs.js";
import { createEndingTeller, stopWords } from "../process/endingTeller.js";
import { untilEndIsKnown } from "../process/heldEnd.js";
import { memoryKills } from "../process/memoryKills.js";
import { type ProcessEnd, runProcess } from "../process/process.js";
import type { ProcessTools } from "../process/processGroup.js";
import { type CommandWords, whyFailed } from "../process/whyFailed.js";
import { commandProblem, isSsh, type StartedCommand } from "../programs/commandProblem.js";
import type { AttemptSinks } from "./attemptSinks.js";
import { endTime } from "./endTime.js";
import type { HeldCommand } from "./heldCommand.js";
import type { OutputFiles } from "./outputs/outputFiles.js";
import { listenerInto } from "./outputUpdates.js";
import { createErrorReader, type ErrorWords } from "./reading/errorReader.js";
import { createOutputReader } from "./reading/outputReader.js";
import type { GivenValues } from "./runValues.js";
import type { WorkCount } from "./workCount.js";

/** The parts that all commands of an execution are run with. */
export interface CommandParts {
  readonly tools: ProcessTools;
  /** Where they may write what they hand on; their scripts stand beside it. */
  readonly outputFiles: OutputFiles;
  readonly secretOutputs: SecretOutputs;
  /** As many bytes of each command's last lines are kept. */
  readonly tailBytes: number;
  readonly onGroup: RecordGroup;
  /** Null where no command outlives this process. */
  readonly keepers: Keepers | null;
  /** The commands and functions that are at work. */
  readonly atWork: WorkCount;
}

export interface CommandRunParts extends AttemptSinks {
  readonly tools: ProcessTools;
  readonly atWork: WorkCount;
  /** Where relative paths start. */
  readonly folder: string;
  readonly given: GivenValues;
  /** Aborting ends it. */
  readonly signal: AbortSignal;
  readonly hurry: Promise<void>;
  /** How the step's commands are told to end. */
  readonly stop: StopManner;
  /** Before anything runs in the group. Returns what to call when it is gone. */
  onGroup(group: number, stop: StopManner): () => void;
}

export interface AttemptCommand extends CommandOptions {
  readonly argv: readonly string[];
  /** As in a definition. */
  readonly progress?: string | undefined;
  /** Given the text of its standard output. */
  captureStdout?(text: string): void;
  /** Exit codes beside 0 that are no failure. @default none */
  readonly answers?: readonly number[];
  /** In a keeper's hands it outlives this process. @default it ends with it */
  readonly kept?: HeldCommand | undefined;
  /** For `{{file}}` in `argv`, where its keeper has to place it. */
  readonly scriptFile?: string | undefined;
}

export interface CommandRun {
  readonly end: ProcessEnd;
  /** Null where it did not fail. */
  readonly why: string | null;
  /** The line that it said, or printed, of its failure. */
  readonly words: CommandWords;
  readonly errorLine: ErrorLine | undefined;
  readonly endedAt: string;
  /** The newest lines it printed, that fit in so many bytes. */
  lastLines(bytes: number): string[];
}

/** Resolves once it has ended and what it handed on is read. */
export async function runCommand(
  command: AttemptCommand,
  parts: CommandRunParts,
): Promise<CommandRun> {
  const { tools, given, signal, hurry, output } = parts;
  const { clock } = tools;
  const stop = mannerOf(command, parts.stop);
  const { kept } = command;
  const handing = kept ? kept.handing(parts.handingOn) : await parts.handingOn.command();
  const errors = createErrorReader(output);
  const listener = listenerInto(parts.updates);
  const reader = createOutputReader(command.progress, kept?.listener(listener) ?? listener, clock);
  const isTerminal = command.tty === true;
  const isFar = kept?.isFar === true;
  const { env, problem } = isFar
    ? given.farVariables()
    : given.variables({ INSTEP_OUTPUT: handing.file }, isTerminal);
  const started = isFar ? farCommand(command, env) : startedCommand(command, parts.folder, env);
  const killsBefore = memoryKills();
  let gone = () => {};
  const onText = (text: string, bytes: Uint8Array) => {
    reader.add(text);
    errors.add(text, bytes);
  };
  const common = {
    ...{ signal, hurry, stop, mark: given.mark, redaction: given.redaction, onText },
    timeoutMs: command.timeout,
    leaves: command.leaves === true,
    onEnding: endingTellerOf(stop, command.timeout, parts),
  };
  const { scriptFile } = command;
  const ended = parts.atWork.begin(kept !== undefined);
  const running: Promise<ProcessEnd & { readonly endedAt?: number | null }> = kept
    ? kept.run({ ...common, ...started, scriptFile, problem, handing, parts })
    : runProcess(
        {
          ...started,
          ...common,
          ...{ problem, tty: isTerminal },
          captureStdout: command.captureStdout,
          onRaw: handing.printed,
          onOutput: (bytes) => output.write(bytes),
          onGroup: (group) => {
            gone = parts.onGroup(group, stop);
          },
        },
        tools,
      );
  const end = await running.finally(ended);
  reader.end();
  await handing.end();
  const { process } = parts.updates;
  // On record, so that the next server looks for it: what is kept of it goes with its step.
  if (kept && !isFar && end.survivors.length > 0 && process) parts.onGroup(process.pid, stop);
  if (end.survivors.length === 0) gone();
  const endedAt = new Date(endTime(end.endedAt, clock.now())).toISOString();
  const isFine = end.timedOut || command.answers?.includes(end.exitCode ?? 0);
  if (!isFine) await untilEndIsKnown(end, { clock, signal });
  if (kept && isLeft(signal)) throw new LeftAtWork();
  const found = errors.end();
  const words = { said: found.said?.text ?? null, printed: found.printed?.text ?? null };
  const why = isFar
    ? whyFailed(end, command.timeout, words, () => NOTHING_FOUND)
    : whyOf(end, command, started, words, killsBefore);
  const errorLine = errorLineOf(end, found);
  return { end, why, words, errorLine, endedAt, lastLines: reader.lastLines };
}

const mannerOf = ({ stopSignal, stopTimeout }: AttemptCommand, ofStep: StopManner): StopManner =>
  stopManner(
    { stopSignal: stopSignal && stopSignalOf(stopSignal), stopTimeoutMs: stopTimeout },
    ofStep,
  );

const startedCommand = (
  { argv, cwd = ".", env }: AttemptCommand,
  folder: string,
  found: StartedCommand["env"],
): StartedCommand => ({ argv, cwd: path.resolve(folder, cwd), env: { ...found, ...env } });

/** Its folder is one of the other machine. */
const farCommand = (
  { argv, cwd = "", env }: AttemptCommand,
  found: StartedCommand["env"],
): StartedCommand => ({ argv, cwd, env: { ...found, ...env } });

/** Nothing of another machine is looked at. */
const NOTHING_FOUND = { problem: null, isMemoryShort: false, isSsh: false };

function endingTellerOf(
  manner: StopManner,
  timeoutMs: number | undefined,
  { signal, output, updates, given }: CommandRunParts,
) {
  return createEndingTeller({
    manner,
    why: (tookTooLong) => stopWords(signal, tookTooLong ? timeoutMs : undefined),
    say: (words) => output.say(given.redaction.text(words)),
    note: updates.changingNote(),
  });
}

const whyOf = (
  end: ProcessEnd,
  { argv, timeout }: AttemptCommand,
  started: StartedCommand,
  words: CommandWords,
  killsBefore: number | null,
): string | null =>
  whyFailed(end, timeout, words, () => ({
    problem: commandProblem(started, end.exitCode, words.printed),
    isMemoryShort: (memoryKills() ?? 0) > (killsBefore ?? Number.POSITIVE_INFINITY),
    isSsh: isSsh(argv),
  }));

/** The output of a command that was stopped from outside is read from its end. */
function errorLineOf(end: ProcessEnd, { said, printed }: ErrorWords): ErrorLine | undefined {
  const isItsOwn = end.notStarted === null && !end.timedOut && end.exitCode !== 0;
  return isItsOwn ? (said ?? printed)?.place : undefined;
}
