/** Prints what steps have printed until now, one after the other. */
import type { LogPlace, WorkflowState } from "../../../client/index.js";
import type { Asking } from "../../../client/live/restClient.js";
import { SyncError } from "../../../shared/errors.js";
import { stepAtIndex } from "../../../shared/state/stepPlace.js";
import { stepName } from "../display/stepLine.js";
import { ExitCode } from "../process/exitCodes.js";
import { awayText } from "../refusals/explained.js";
import type { LogPrinter } from "./printers/printer.js";
import { keptOutput, startOfLast } from "./tail.js";

/** The output that was asked for. */
export interface Wanted {
  readonly workflow_id: string;
  readonly epoch: string;
  readonly state: WorkflowState;
  /** Undefined for every step's. */
  readonly step: number | undefined;
  readonly attempt: number | undefined;
  /** So many lines of the end; undefined for all. */
  readonly tail: number | undefined;
}

interface Outlets {
  readonly printer: Pick<LogPrinter, "heading" | "bytes" | "finish">;
  /** Hears what stands beside the output. */
  readonly beside: (sentence: string) => void;
}

const READ_DEADLINE_MS = 120_000;
/** Most lines asked for are found in so much. */
const TAIL_BYTES = 1024 * 1024;

/**
 * Resolves with the exit code. Where the node of some of several steps is away, the others are printed and this is said beside them; then it is `failed`.
 * Rejects with SyncError.
 */
export async function printAll(
  wanted: Wanted,
  steps: readonly number[],
  client: Asking,
  { printer, beside }: Outlets,
): Promise<number> {
  let code: number = ExitCode.ok;
  for (const step of wanted.tail === undefined ? steps : steps.slice(-1)) {
    const name = stepName(stepAtIndex(wanted.state, step)!);
    if (wanted.step === undefined) printer.heading(`── ${name} ──`);
    try {
      await printStep(wanted, step, client, printer);
    } catch (error) {
      const away = error instanceof SyncError ? awayText(error) : null;
      if (away === null || wanted.step !== undefined) throw error;
      beside(`${name}: ${away}`);
      code = ExitCode.failed;
    }
  }
  await printer.finish();
  return code;
}

/** Resolves with the place behind what was printed. Rejects with SyncError. */
export async function printStep(
  wanted: Wanted,
  step: number,
  client: Asking,
  printer: Pick<LogPrinter, "bytes">,
): Promise<LogPlace> {
  const { found, first } = await readTail(wanted, step, client);
  const { bytes, from } = found;
  printer.bytes(step, { ...found, from: from + first, bytes: bytes.subarray(first) });
  return { attempt: found.attempt, next: found.next };
}

/** Resolves with the place where the lines begin that are wanted of a step. Rejects with SyncError. */
export async function tailOf(wanted: Wanted, step: number, client: Asking): Promise<LogPlace> {
  const { found, first } = await readTail(wanted, step, client);
  return { attempt: found.attempt, next: found.from + first };
}

async function readTail(wanted: Wanted, step: number, { rest }: Asking) {
  const { workflow_id, epoch, attempt, tail: lines } = wanted;
  const all = { epoch, attempt, deadlineMs: READ_DEADLINE_MS };
  const read = (tail?: number) => keptOutput(rest.log(workflow_id, step, { ...all, tail }));
  let found = await read(lines === undefined ? undefined : TAIL_BYTES);
  let begin = lines === undefined ? 0 : startOfLast(lines, found.bytes);
  if (begin === null && found.from > 0) {
    found = await read();
    begin = startOfLast(lines ?? 0, found.bytes);
  }
  return { found, first: begin ?? 0 };
}
