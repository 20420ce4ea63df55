/** One step: status, name, what it says, how long it took, and its parts. */
import type { Step } from "../../index.js";
import { Elapsed } from "../freshness.js";
import { Glyph } from "../look/glyph.js";
import { lookOf } from "../look/status.js";
import { parseTime } from "../time.js";
import { JsonDetails } from "./jsonDetails.js";
import { hasOutput, StepOutput } from "./output/stepOutput.js";

interface StepRowProps {
  readonly workflow_id: string;
  readonly step: Step;
  readonly isCurrent: boolean;
}

export function StepRow({ workflow_id, step, isCurrent }: StepRowProps) {
  const { tone, word } = lookOf(step.status);
  return (
    <li
      class={`step tone-${tone}`}
      data-step={step.index}
      data-status={step.status}
      aria-current={isCurrent && isAtWork(step) ? "step" : undefined}
    >
      <Glyph status={step.status} progress={step.progress} />
      <span class="step-number">{step.index + 1}</span>
      <div class="step-body">
        <div class="step-line">
          <span class="step-name">{step.title ?? step.action}</span>
          {step.title !== undefined && step.title !== step.action && (
            <code class="step-action">{step.action}</code>
          )}
          {(step.attempt ?? 1) > 1 && <span class="step-attempt">attempt {step.attempt}</span>}
        </div>
        {step.message && <p class="step-message">{step.message}</p>}
        {step.error && <p class="step-error">{step.error}</p>}
        {step.tasks && step.tasks.length > 0 && <Tasks tasks={step.tasks} />}
        {step.completion_note && <p class="step-note">{step.completion_note}</p>}
        {step.data !== undefined && <JsonDetails title="Data" value={step.data} />}
      </div>
      <div class="step-side">
        <span class="step-status">{word}</span>
        <span class="step-progress">{percentOf(step)}</span>
        <span class="step-time">
          <StepTime step={step} />
        </span>
      </div>
      {hasOutput(step) && <StepOutput workflow_id={workflow_id} step={step} />}
      {isAtWork(step) && typeof step.progress === "number" && (
        <span class="mini-bar step-bar" aria-hidden="true">
          <span class="mini-bar-fill" style={{ width: `${step.progress * 100}%` }} />
        </span>
      )}
    </li>
  );
}

function Tasks({ tasks }: { tasks: NonNullable<Step["tasks"]> }) {
  return (
    <ul class="tasks">
      {tasks.map((task, index) => (
        <li key={index} class="task">
          <Glyph status={task.status ?? "pending"} />
          <span class="task-name">{task.name}</span>
          <span class="sr-only">{lookOf(task.status ?? "pending").word}</span>
          {task.note && <span class="task-note">{task.note}</span>}
        </li>
      ))}
    </ul>
  );
}

/** Only while it moves: a finished step says enough with its word. */
function percentOf({ status, progress }: Step): string {
  if (typeof progress !== "number" || status === "completed" || status === "skipped") return "";
  return `${Math.round(progress * 100)} %`;
}

/** Without an end only a step at work has a clock: how long another one took, nobody knows. */
function StepTime({ step }: { step: Step }) {
  const from = parseTime(step.started_at);
  const until = parseTime(step.finished_at);
  return <Elapsed from={until === null && !isAtWork(step) ? null : from} until={until} />;
}

const isAtWork = ({ status }: Step): boolean => status === "in_progress" || status === "blocked";
