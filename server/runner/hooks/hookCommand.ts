/** Runs one command that is told of what happened to a workflow: its summary on standard input and in variables. */
import path from "node:path";
import { LIMITS } from "../../../shared/limits.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import type { HookRun } from "../../../shared/state/hookRuns.js";
import { summaryOf } from "../../../shared/state/summary.js";
import { NewestRows } from "../../../shared/terminal/newestRows.js";
import { printable } from "../../../shared/text/printable.js";
import type { HookCommand } from "../definition/definition.js";
import type { AttemptName } from "../definition/runStep.js";
import { USUAL_STOP } from "../definition/stopManner.js";
import type { RecordGroup } from "../kept/leftovers.js";
import { runProcess } from "../process/process.js";
import type { ProcessTools } from "../process/processGroup.js";
import { placeScript } from "../process/scriptFile.js";
import {
  type CommandFindings,
  type CommandWords,
  didNotStart,
  whyFailed,
} from "../process/whyFailed.js";
import type { OutputFiles } from "../step/outputs/outputFiles.js";
import { lastLines } from "../step/reading/lastLines.js";
import { RUN_VARIABLE, RunValues, type RunValuesParts } from "../step/runValues.js";
import { pageAddress } from "./pageAddress.js";

export interface HookParts extends Omit<RunValuesParts, "reporter"> {
  readonly tools: ProcessTools;
  /** Its script stands beside them. */
  readonly outputFiles: OutputFiles;
  readonly epoch: string;
  readonly signal: AbortSignal;
  readonly hurry: Promise<void>;
  readonly onGroup: RecordGroup;
}

/** `printf` is the shell's own: the text is in no argument of a process. */
const WITH_STDIN = 'printf "%s\\n" "$INSTEP_SUMMARY" | "$@"';
const NOTHING_SAID: CommandWords = { said: null, printed: null };
const NOTHING_FOUND: CommandFindings = { problem: null, isMemoryShort: false, isSsh: false };
const LAST_LINES_BYTES = 2_048;
const LINE_CHARACTERS = 1_600;
const ERROR_CHARACTERS = 500;

/** Never rejects. */
export async function runHook(
  command: HookCommand,
  state: WorkflowState,
  run: HookRun,
  parts: HookParts,
): Promise<Pick<HookRun, "status" | "error" | "last_lines">> {
  const values = new RunValues({ ...parts, reporter: { state } });
  const script = await placeScript(command, parts.outputFiles.folder);
  try {
    await values.readSecrets();
    if (script.problem !== null) throw new Error(didNotStart(script.problem));
    return await runCalled({ ...command, argv: script.argv }, values, { state, run }, parts);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { status: "failed", error: printable(why, ERROR_CHARACTERS) };
  } finally {
    await script.remove();
  }
}

async function runCalled(
  { argv, cwd = ".", env: own, timeoutMs }: HookCommand,
  values: RunValues,
  { state, run }: Pick<Told, "state" | "run">,
  parts: HookParts,
) {
  const attempt = {
    workflow_id: state.workflow_id,
    index: state.current_step,
    attempt: run.attempt,
  };
  const { env, mark } = environmentOf(values, { state, run, attempt, own }, parts);
  const redaction = values.redaction();
  const newest = new NewestRows(LINE_CHARACTERS);
  let gone = () => {};
  const end = await runProcess(
    {
      argv: ["/bin/sh", "-c", WITH_STDIN, "instep", ...argv],
      cwd: path.resolve(parts.definition.folder, cwd),
      ...{ env, timeoutMs, mark, redaction, signal: parts.signal, hurry: parts.hurry },
      onText: (text) => void newest.add(text),
      onGroup: (group) => {
        gone = parts.onGroup(group, attempt, mark, USUAL_STOP);
      },
    },
    parts.tools,
  );
  if (end.survivors.length === 0) gone();
  const why = whyFailed(end, timeoutMs, NOTHING_SAID, () => NOTHING_FOUND);
  const last_lines = lastLines(newest, LAST_LINES_BYTES);
  return {
    status: why === null ? ("completed" as const) : ("failed" as const),
    ...(why !== null && { error: redaction.text(printable(why, ERROR_CHARACTERS)) }),
    ...(last_lines.length > 0 && { last_lines }),
  };
}

interface Told {
  readonly state: WorkflowState;
  readonly run: HookRun;
  readonly attempt: AttemptName;
  /** `env` of the hook. */
  readonly own: Readonly<Record<string, string>>;
}

/** The environment of a step behind all others, with the outputs of every one of them, and the event itself. Throws where it cannot be made. */
function environmentOf(values: RunValues, { state, run, attempt, own }: Told, parts: HookParts) {
  const behind = { ...attempt, index: Math.min(LIMITS.steps - 1, state.steps.length) };
  const name = [parts.runId, run.kind, run.question].filter((part) => part).join(".");
  const { env, problem } = values.environment(behind, own).variables(
    {
      ...summaryVariables(state, run, parts),
      INSTEP_STEP: String(attempt.index),
      INSTEP_RUN: name,
    },
    false,
  );
  if (problem !== null) throw new Error(didNotStart(problem));
  return { env, mark: `${RUN_VARIABLE}=${name}` };
}

function summaryVariables(state: WorkflowState, run: HookRun, { url, epoch }: HookParts) {
  const { workflow_id, status, block_info } = state;
  const page = pageAddress(url(), workflow_id);
  const question = run.kind === "blocked" ? printable(block_info?.prompt ?? "", 1_000) : null;
  const error = state.error_message == null ? null : printable(state.error_message, 1_000);
  const summary = {
    event: run.kind === "end" ? "ended" : "blocked",
    ...summaryOf(state, epoch, false),
    page,
    ...(question !== null && { question }),
  };
  return {
    INSTEP_SUMMARY: JSON.stringify(summary),
    INSTEP_EVENT: summary.event,
    INSTEP_STATUS: status,
    ...(error !== null && { INSTEP_ERROR: error }),
    ...(question !== null && { INSTEP_QUESTION: question }),
    ...(page !== null && { INSTEP_PAGE: page }),
  };
}
