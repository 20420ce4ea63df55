/** One step in the list: status, name, how far it is, how long it took; while it matters, what it says. */

import {
  linkLostOf,
  placeNumber,
  placeOfIndex,
  type Step,
  spanOf,
  type WorkflowState,
  wentOn,
} from "../../../index.js";
import type { WorkflowRoute } from "../../browser/mount.js";
import { Glyph } from "../../look/glyph.js";
import { lookOf } from "../../look/status.js";
import { looksLike } from "../../look/stepLook.js";
import { parseTime } from "../../look/time.js";
import { Ago, Elapsed, Until } from "../../page/freshness.js";
import { LostLink } from "../../page/lostLink.js";
import { Clamped } from "../../parts/clamped.js";
import { Link } from "../../parts/link.js";
import { memo } from "../../parts/memo.js";
import { LinkedText } from "../../parts/textLink.js";
import { branchText } from "../reading/branches.js";
import { isInHeadline, partsOf } from "../reading/failure.js";
import { NextTry } from "../reading/nextTry.js";
import { isAtWork } from "../reading/plan.js";
import { attemptText, stepText } from "../reading/selection.js";

interface StepRowProps {
  /** The same object again is not drawn anew. */
  readonly step: Step;
  readonly total: number;
  readonly isCurrent: boolean;
  readonly isSelected: boolean;
  readonly workflow_id: string;
  /** The head's sentence about the failure, which is not said again. */
  readonly told: string | null;
  /** The time for which the step of an interrupted workflow is known to have run. */
  readonly interruption: WorkflowState["interruption"];
  /** As the address names it; none for the one that is shown by itself: who looks at that goes on with the run. */
  readonly name: string | undefined;
}

export const StepRow = memo(function StepRow(props: StepRowProps) {
  const { step, total, isCurrent, isSelected, workflow_id, told, interruption, name } = props;
  const attempts = attemptText(step);
  const title = step.title ?? step.action;
  const look = looksLike(step);
  const { tone, word } = lookOf(look);
  const branches = branchText(step);
  const hasBranches = branches !== null;
  const isBranch = placeOfIndex(step.index).branch !== null;
  const to: WorkflowRoute = {
    name: "workflow",
    workflow_id,
    ...(name !== undefined && { step: name }),
  };
  return (
    <li
      class={`step tone-${tone}${isBranch ? " is-branch" : ""}${isSelected ? " is-chosen" : ""}`}
      data-step={step.index}
      data-status={step.status}
      aria-current={isCurrent && isAtWork(step) && !hasBranches ? "step" : undefined}
    >
      <Glyph status={look} progress={step.progress} />
      <span class="step-number" aria-hidden="true">
        {placeNumber(step.index)}
      </span>
      <div class="step-body">
        <div class="step-line">
          <Link to={to} class="step-name" current={isSelected ? "true" : undefined}>
            <span class="clamped" aria-hidden="true" title={title}>
              {title}
            </span>
            <span class="sr-only">{stepText(step, total, word)}</span>
          </Link>
          {attempts && <span class="step-attempt">{attempts}</span>}
        </div>
        {branches !== null && <p class="step-note">{branches}</p>}
        {isShown(step, isSelected) && <StepTexts step={step} told={told} />}
      </div>
      <div class="step-side">
        <span class="step-status" aria-hidden="true">
          {word}
        </span>
        <span class="step-progress" aria-hidden="true">
          {percentOf(step)}
        </span>
        <span class="step-time">
          <StepTime step={step} interruption={interruption} />
        </span>
      </div>
      {isAtWork(step) && !hasBranches && typeof step.progress === "number" && (
        <span class="mini-bar step-bar" aria-hidden="true">
          <span class="mini-bar-fill" style={{ width: `${step.progress * 100}%` }} />
        </span>
      )}
    </li>
  );
});

/** Other steps say enough in their line. */
const isShown = (step: Step, isSelected: boolean): boolean =>
  isSelected || isAtWork(step) || step.status === "failed" || step.status === "interrupted";

function StepTexts({ step, told }: Pick<StepRowProps, "step" | "told">) {
  const retryAt = parseTime(step.retry_at);
  const lost = linkLostOf(step);
  return (
    <>
      {lost && (
        <p class="step-lost">
          <LostLink since={lost.since}>
            <NextTry at={lost.next_try_at} />
          </LostLink>
        </p>
      )}
      {lost?.why && <Clamped class="step-note" text={lost.why} />}
      {step.message && <Clamped class="step-message" text={step.message} />}
      {step.error && !isInHeadline(step, told) && <StepError error={step.error} />}
      {wentOn(step) && <p class="step-note">The workflow went on all the same.</p>}
      {retryAt !== null && (
        <p class="step-retry">
          It failed and is tried again <Until at={retryAt} />.
        </p>
      )}
      {step.attempts && step.attempts.length > 0 && (
        <PastAttempts attempts={step.attempts} told={told} />
      )}
      {step.tasks && step.tasks.length > 0 && <Tasks tasks={step.tasks} />}
      {step.completion_note && <Clamped class="step-note" text={step.completion_note} />}
      {(step.notes ?? []).slice(-3).map((note, index) => (
        <Clamped key={index} class="step-note" text={note} />
      ))}
      {step.answered && (
        <p class="step-note">
          Answered{step.answered.by ? ` by ${step.answered.by}` : ""}{" "}
          <Ago at={parseTime(step.answered.at) ?? 0} />
        </p>
      )}
    </>
  );
}

function StepError({ error }: { error: string }) {
  const { sentence, how } = partsOf(error);
  return (
    <>
      <Clamped class="step-error" text={sentence} />
      {how && <p class="step-how">{how}</p>}
    </>
  );
}

const MOST_ATTEMPTS_SHOWN = 4;

interface PastAttemptsProps extends Pick<StepRowProps, "told"> {
  readonly attempts: NonNullable<Step["attempts"]>;
}

function PastAttempts({ attempts, told }: PastAttemptsProps) {
  const newest = attempts.slice(-MOST_ATTEMPTS_SHOWN);
  return (
    <ul class="past">
      {newest.map(({ attempt, status, error, exit_code }) => (
        <li key={attempt} class={`past-one tone-${lookOf(status).tone}`}>
          <Glyph status={status} />
          <Clamped
            class="past-words"
            text={`attempt ${attempt} ${(error && !told?.includes(error) ? error : null) ?? (exit_code != null ? `exit code ${exit_code}` : lookOf(status).word.toLowerCase())}`}
          />
        </li>
      ))}
    </ul>
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
          {task.note && (
            <span class="task-note clamped" title={task.note}>
              <LinkedText text={task.note} />
            </span>
          )}
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
function StepTime({ step, interruption }: Pick<StepRowProps, "step" | "interruption">) {
  const span = spanOf(step, interruption);
  return <Elapsed from={span?.from ?? null} until={span?.until ?? null} />;
}
