/** One step as a line of text: its sign, its place, its name, how long it took, what it says. */
import pc from "picocolors";
import { parseMarker } from "../../shared/markers.js";
import type { StepStatus } from "../../shared/workflow.js";
import { formatDuration } from "../duration.js";
import { printable } from "../runner/printable.js";
import type { CliContext } from "./context.js";
import type { ShownStep } from "./display.js";

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

/** How long a step took, or takes until `now`; null before it starts. */
export function stepTime(step: ShownStep, now: number): string | null {
  if (!step.started_at) return null;
  const end = step.finished_at ? Date.parse(step.finished_at) : now;
  return formatDuration(end - Date.parse(step.started_at));
}

/** The last lines of a command that failed, but for those that said something to us. What others put there is not trusted to be that. */
export function lastLines(step: ShownStep): string[] {
  const lines = (step.data as { last_lines?: unknown } | null | undefined)?.last_lines;
  if (!Array.isArray(lines)) return [];
  return lines
    .filter((line) => typeof line === "string" && parseMarker(line) === null)
    .map((line) => printable(line));
}

/** "exit code 1; tried again in 10s"; empty where it does not wait. */
export function retryWords({ retry_at, error }: ShownStep, now: number): string {
  if (typeof retry_at !== "string") return "";
  const wait = formatDuration(Math.max(0, Date.parse(retry_at) - now));
  return printable(`${error ?? "failed"}; tried again in ${wait}`);
}
