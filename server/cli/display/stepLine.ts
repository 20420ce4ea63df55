/** One step as a line of text: its sign, its place, its name, how long it took, what it says. */
import pc from "picocolors";
import { parseMarker } from "../../../shared/markers.js";
import { spanOf } from "../../../shared/state/stepSpan.js";
import type { StepStatus } from "../../../shared/statuses.js";
import { formatDuration } from "../../../shared/text/duration.js";
import { printable } from "../../../shared/text/printable.js";
import type { CliContext } from "../process/context.js";
import type { ShownStep, ShownWorkflow } from "./display.js";

export type Colors = ReturnType<typeof pc.createColors>;
type Paint = (text: string) => string;

/** NO_COLOR and FORCE_COLOR as everywhere; otherwise colors where a person looks. */
export function colorsFor({ env, stdout }: Pick<CliContext, "env" | "stdout">): Colors {
  if (env.NO_COLOR) return pc.createColors(false);
  if (env.FORCE_COLOR && env.FORCE_COLOR !== "0") return pc.createColors(true);
  return pc.createColors(stdout.isTTY && env.TERM !== "dumb");
}

const SIGNS: Readonly<Record<StepStatus, string>> = {
  pending: "·",
  in_progress: "▸",
  blocked: "?",
  completed: "✓",
  failed: "✗",
  skipped: "-",
  cancelled: "■",
  interrupted: "!",
};

export function statusPaint(colors: Colors, status: string): Paint {
  if (status === "completed") return colors.green;
  if (status === "failed" || status === "damaged") return colors.red;
  if (status === "in_progress" || status === "running") return colors.cyan;
  if (status === "blocked" || status === "interrupted" || status === "cancelled")
    return colors.yellow;
  return colors.dim;
}

/** `sign` stands in for the usual one where something moves. */
export function stepSign(colors: Colors, status: StepStatus, sign = SIGNS[status]): string {
  return statusPaint(colors, status)(sign);
}

export const stepName = (step: ShownStep): string => printable(step.title ?? step.action, 120);

/** How long a step took with all its attempts, or takes until `now`; null before it starts. */
export function stepTime(step: ShownStep, now: number): string | null {
  const span = spanOf(step);
  return span && formatDuration((span.until ?? now) - span.from);
}

/** `3 attempts` of a step that has ended; null for a first. */
export function attemptCount(step: ShownStep): string | null {
  const { attempts = 1 } = spanOf(step) ?? {};
  return attempts > 1 ? `${attempts} attempts` : null;
}

/** A longer one is not said twice in a row. */
const LONG_ERROR = 60;

/** Why a step failed, beside its line; only how its command ended where the workflow's own line says the sentence. */
export function stepError(step: ShownStep, workflow: ShownWorkflow): string | null {
  const { error } = step;
  const isTold =
    workflow.status === "failed" && !!error && !!workflow.error_message?.includes(error);
  if (!error || !isTold || error.length <= LONG_ERROR) return error ?? null;
  return /\((exit code \d+)\)$/.exec(error)?.[1] ?? null;
}

/** The workflow's own sentence; of one that a line above says already, the beginning. */
export function workflowError({ error_message }: ShownWorkflow, said: string | null): string {
  if (!error_message) return "";
  const isSaid = said !== null && said.length > LONG_ERROR && error_message.includes(said);
  return `: ${printable(error_message, isSaid ? LONG_ERROR : ERROR_CHARACTERS)}`;
}

const ERROR_CHARACTERS = 1_000;

/** The last lines of a command that failed, but for those that said something to us. What others put there is not trusted to be that. */
export function lastLines(step: ShownStep): string[] {
  const lines = (step.data as { last_lines?: unknown } | null | undefined)?.last_lines;
  if (!Array.isArray(lines)) return [];
  const shown = lines
    .filter((line) => typeof line === "string" && parseMarker(line) === null)
    .map((line) => printable(line));
  return shown.filter((line) => !isTold(line.trim(), step.error ?? ""));
}

/** The error says this line: whole, or shortened in its middle. */
function isTold(line: string, error: string): boolean {
  if (line === "") return false;
  const [said = ""] = error.split(/ \((?:exit code \d+|SIG\w+)\)$/);
  const [head = "", tail] = said.split("…");
  if (tail === undefined)
    return said === line || (line.length >= LEAST_LINE && said.includes(line));
  return head.length >= LEAST_HEAD && line.startsWith(head.trim());
}

/** A shorter one is in many sentences by chance. */
const LEAST_LINE = 12;
/** So much of a line that was shortened tells it from others. */
const LEAST_HEAD = 40;

/** "exit code 1; tried again in 10s"; empty where it does not wait. */
export function retryWords({ retry_at, error }: ShownStep, now: number): string {
  if (typeof retry_at !== "string") return "";
  const wait = formatDuration(Math.max(0, Date.parse(retry_at) - now));
  return printable(`${error ?? "failed"}; tried again in ${wait}`);
}
