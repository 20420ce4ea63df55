/** A workflow in a terminal, redrawn in place while it goes. */
import { createLogUpdate } from "log-update";
import { remainingMs } from "../../../shared/state/remaining.js";
import { placeOfIndex } from "../../../shared/state/stepPlace.js";
import { isEnded } from "../../../shared/statuses.js";
import { formatDuration } from "../../../shared/text/duration.js";
import { printable } from "../../../shared/text/printable.js";
import type { CliContext } from "../process/context.js";
import { inCells } from "../text/cells.js";
import { cut } from "../text/measure.js";
import { hookLines, stepFate } from "./cleanupPhrases.js";
import type { Display, ShownStep, ShownWorkflow, WayOn } from "./display.js";
import { isUnlinked, LOST_SIGN, linkWords } from "./linkPhrases.js";
import { interruptedWords, questionLines, resumeLine } from "./questionLines.js";
import { shownStep, shownSteps } from "./shownSteps.js";
import {
  attemptCount,
  type Colors,
  colorsFor,
  lastLines,
  retryWords,
  statusPaint,
  stepError,
  stepName,
  stepSign,
  stepTime,
  workflowError,
} from "./stepLine.js";
import { waitWords } from "./waitPhrase.js";

const FRAME_MS = 120;
const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** Lines that are not steps: title, status, and the cursor's own. */
const OTHER_LINES = 5;

export function createLiveDisplay(context: CliContext, wayOn: WayOn): Display {
  const { clock, stdout } = context;
  const colors = colorsFor(context);
  // Hiding the cursor would mean restoring it after a signal, and signals are main.ts's alone.
  const update = createLogUpdate(stdout as unknown as NodeJS.WritableStream, { showCursor: true });
  let shown: ShownWorkflow | undefined;
  let shownNode: string | null = null;
  let frame = 0;
  let cancelFrame = () => {};

  const draw = () => {
    const spinner = SPINNER[frame % SPINNER.length]!;
    if (shown) update(picture([shown, shownNode], wayOn, context, colors, spinner));
  };
  const animate = () => {
    cancelFrame = clock.after(FRAME_MS, () => {
      frame += 1;
      draw();
      animate();
    });
  };
  animate();

  return {
    show(workflow, node = null) {
      // Another workflow begins below the last picture of the one before.
      if (shown && shown.workflow_id !== workflow.workflow_id) update.done();
      // Only drawn at once when a step changes: a command that prints a lot must not make us draw a lot.
      const before = shown;
      const urgent = before && (hasMoved(before, workflow) || node !== shownNode);
      shown = workflow;
      shownNode = node;
      if (urgent ?? true) draw();
    },
    note(sentence) {
      update.clear();
      stdout.write(`${sentence}\n`);
      draw();
    },
    close() {
      cancelFrame();
      draw();
      update.done();
      const failed =
        shown && shownSteps(shown).findLast(([, step]) => step.status === "failed")?.[1];
      for (const line of failed ? lastLines(failed) : []) {
        stdout.write(`${colors.dim(`  | ${line}`)}\n`);
      }
    },
  };
}

function picture(
  [workflow, node]: readonly [ShownWorkflow, string | null],
  wayOn: WayOn,
  { clock, stdout }: CliContext,
  colors: Colors,
  spinner: string,
): string {
  const { status } = workflow;
  const steps = shownSteps(workflow);
  const title = printable(workflow.title ?? workflow.name ?? "Workflow");
  const name = cut(title, Math.max(4, stdout.columns - 4), inCells);
  const which = `${workflow.workflow_id}${node ? ` on ${node}` : ""}`;
  const lines = [`${colors.bold(name)} ${colors.dim(which)}`];
  const { from, to } = inView(steps, Math.max(3, stdout.rows - OTHER_LINES));
  if (from > 0) lines.push(colors.dim(`  … ${from} before`));
  for (const [index, step] of steps.slice(from, to)) {
    const isLost = isUnlinked(step);
    // A sign that turns would say that somebody sees it at work.
    const turning = step.status === "in_progress" ? spinner : undefined;
    const sign = isLost ? colors.yellow(LOST_SIGN) : stepSign(colors, step.status, turning);
    const inner = placeOfIndex(index).branch === null ? "" : "  ";
    const name = cut(stepName(step), Math.max(4, stdout.columns - 5 - inner.length), inCells);
    const left = `  ${inner}${sign} ${name}`;
    const words = [
      // A clock that moves would draw over what is typed as an answer.
      step.status === "blocked" ? null : stepTime(step, clock.now()),
      attempt(step),
      percent(step),
      remaining(step, clock.now()),
      tasks(step),
      linkWords(step, clock.now()) ||
        retryWords(step, clock.now()) ||
        (step.error ? stepError(step, workflow) : (stepFate(step) ?? step.message)),
    ];
    const room = stdout.columns - inCells.cells(name) - inner.length - 8;
    const said = printable(words.filter((word) => word).join("  "), 1_000);
    const right = room < LEAST_CELLS ? "" : cut(said, room, inCells);
    const paint = isLost ? colors.yellow : colors.dim;
    lines.push(right === "" ? left : `${left}  ${paint(right)}`);
  }
  if (to < steps.length) lines.push(colors.dim(`  … ${steps.length - to} more`));
  lines.push(...questionLines(workflow, wayOn).map((line) => colors.yellow(`  ${line}`)));
  if (isEnded(status) || status !== "running") {
    const why = workflowError(workflow, null) || interruptedWords(workflow);
    const ended = `${status}${why}`;
    lines.push(statusPaint(colors, status)(printable(ended, END_LINES * (stdout.columns - 1))));
  }
  const goesOn = resumeLine(workflow, wayOn);
  if (goesOn !== null) lines.push(colors.yellow(`  ${goesOn}`));
  const wait = waitWords(workflow);
  if (wait !== null) lines.push(colors.dim(wait));
  lines.push(...hookLines(workflow, undefined).map((line) => colors.dim(line)));
  return lines.join("\n");
}

const hasMoved = (before: ShownWorkflow, now: ShownWorkflow): boolean =>
  shownSteps(before).some(([index, step]) => step.status !== shownStep(now, index)?.status);

/** Less of what a step says helps nobody. */
const LEAST_CELLS = 6;

/** The last sentences of a run take up to this many lines, where other lines are cut at the edge. */
const END_LINES = 4;

const attempt = (step: ShownStep): string | null =>
  step.status === "in_progress" && (step.attempt ?? 1) > 1
    ? `attempt ${step.attempt}`
    : attemptCount(step);

function remaining(step: ShownStep, now: number): string | null {
  const left = remainingMs(step, now);
  return left === null ? null : `~${formatDuration(left)} left`;
}

function tasks({ tasks = [], status }: ShownStep): string | null {
  if (tasks.length === 0 || status !== "in_progress") return null;
  const done = tasks.filter((task) => task.status === "completed").length;
  return `${done}/${tasks.length} tasks`;
}

const percent = (step: ShownStep): string | null =>
  typeof step.progress === "number" && step.status === "in_progress"
    ? `${Math.round(step.progress * 100)}%`
    : null;

/** The steps around the first one that is not done, as many as the terminal is high. */
function inView(steps: ReturnType<typeof shownSteps>, room: number): { from: number; to: number } {
  if (steps.length <= room) return { from: 0, to: steps.length };
  const open = steps.findIndex(([, step]) => step.finished_at == null && step.status !== "skipped");
  const middle = (open === -1 ? steps.length : open) - Math.floor(room / 2);
  const from = Math.max(0, Math.min(steps.length - room, middle));
  return { from, to: from + room };
}
