/** One command of an attempt, from before its start to how it ended and why. */
import path from "node:path";
import type { ErrorLine } from "../../../shared/schema/workflow.js";
import type { CommandOptions } from "../definition/runStep.js";
import { type StopManner, stopManner, stopSignalOf } from "../definition/stopManner.js";
import type { RecordGroup } from "../kept/leftovers.js";
import type { SecretOutputs } from "../kept/secretOutputs.js";
import { createEndingTeller, stopWords } from "../process/endingTeller.js";
import { untilEndIsKnown } from "../process/heldEnd.js";
import { memoryKills } from "../process/memoryKills.js";
import { type ProcessEnd, runProcess } from "../process/process.js";
import type { ProcessTools } from "../process/processGroup.js";
import { type CommandWords, whyFailed } from "../process/whyFailed.js";
import { commandProblem, isSsh, type StartedCommand } from "../programs/commandProblem.js";
import type { PlacedOutput } from "../report/placedOutput.js";
import type { HandingOn } from "./outputs/handingOn.js";
import type { OutputFiles } from "./outputs/outputFiles.js";
import { listenerInto } from "./outputUpdates.js";
import { createErrorReader, type ErrorWords } from "./reading/errorReader.js";
import { createOutputReader } from "./reading/outputReader.js";
import type { GivenValues } from "./runValues.js";
import type { StepUpdates } from "./stepUpdates.js";

/** The parts that all commands of an execution are run with. */
export interface CommandParts {
  readonly tools: ProcessTools;
  /** Where they may write what they hand on; their scripts stand beside it. */
  readonly outputFiles: OutputFiles;
  readonly secretOutputs: SecretOutputs;
  /** As many bytes of each command's last lines are kept. */
  readonly tailBytes: number;
  readonly onGroup: RecordGroup;
}

/** Where an attempt tells what it does. */
export interface AttemptSinks {
  readonly output: PlacedOutput;
  readonly updates: StepUpdates;
  readonly handingOn: HandingOn;
}

export interface CommandRunParts extends AttemptSinks {
  readonly tools: ProcessTools;
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
  const handing = await parts.handingOn.command();
  const errors = createErrorReader(output);
  const reader = createOutputReader(command.progress, listenerInto(parts.updates), clock);
  const isTerminal = command.tty === true;
  const { env, problem } = given.variables({ INSTEP_OUTPUT: handing.file }, isTerminal);
  const started = startedCommand(command, parts.folder, env);
  const killsBefore = memoryKills();
  let gone = () => {};
  const end = await runProcess(
    {
      ...started,
      ...{ problem, signal, hurry, stop },
      ...{ mark: given.mark, redaction: given.redaction, tty: isTerminal },
      timeoutMs: command.timeout,
      leaves: command.leaves === true,
      captureStdout: command.captureStdout,
      onRaw: handing.printed,
      onText: (text, bytes) => {
        reader.add(text);
        errors.add(text, bytes);
      },
      onOutput: (bytes) => output.write(bytes),
      onGroup: (group) => {
        gone = parts.onGroup(group, stop);
      },
      onEnding: endingTellerOf(stop, command.timeout, parts),
    },
    tools,
  );
  reader.end();
  await handing.end();
  if (end.survivors.length === 0) gone();
  const endedAt = new Date(clock.now()).toISOString();
  const isFine = end.timedOut || command.answers?.includes(end.exitCode ?? 0);
  if (!isFine) await untilEndIsKnown(end, { clock, signal });
  const found = errors.end();
  const words = { said: found.said?.text ?? null, printed: found.printed?.text ?? null };
  const why = whyOf(end, command, started, words, killsBefore);
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
