/** The output of a workflow's steps as a print shows it: the newest of each, read anew, up to a bound. */
import type { InstepClient, Step } from "../../index.js";
import { createLogParts } from "../workflow/output/bytes/logBytes.js";
import { createLineWriter, LineList } from "../workflow/output/lines/outputLines.js";
import { textsOf } from "../workflow/output/tools/logCopy.js";
import { allSteps } from "../workflow/reading/branches.js";

export interface PrintedLog {
  readonly step: number;
  readonly lines: readonly string[];
  /** Nothing of it is left out before these lines or behind them. */
  readonly isWhole: boolean;
}

/** So many pages nobody wants; a file is for more. */
const MOST_LINES = 10_000;
/** Printing waits this long for the logs. */
const DEADLINE_MS = 6_000;

interface Printed {
  readonly workflow_id: string;
  readonly epoch: string | undefined;
  readonly steps: Step[];
}

/** Logs that could not be read in time are missing, and the print says so. */
export async function readPrintedLogs(
  { rest, clock }: Pick<InstepClient, "rest" | "clock">,
  { workflow_id, epoch, steps }: Printed,
): Promise<PrintedLog[]> {
  const stopping = new AbortController();
  const cancel = clock.after(DEADLINE_MS, () => stopping.abort());
  const logs: PrintedLog[] = [];
  let room = MOST_LINES;
  try {
    for (const { index, attempt = 1, log_bytes = 0 } of allSteps(steps)) {
      if (log_bytes === 0 || room <= 0) continue;
      const name = { workflow_id, epoch, step: index, attempt };
      const parts = createLogParts(rest, name, stopping.signal);
      const part = await parts.before(await parts.end());
      const lines = linesOf(part.text);
      const shown = lines.slice(-room);
      room -= shown.length;
      const isWhole = part.isLast && part.missing === 0 && shown.length === lines.length;
      logs.push({ step: index, lines: shown, isWhole });
    }
  } catch {
    // The rest is not there: neither is it said to be.
  } finally {
    cancel();
  }
  return logs;
}

function linesOf(text: string): string[] {
  const list = new LineList();
  const writer = createLineWriter({ line: 0, offset: null }, list);
  writer.write(text, null);
  const open = writer.open();
  return textsOf(open ? [...list.lines, open] : list.lines);
}
