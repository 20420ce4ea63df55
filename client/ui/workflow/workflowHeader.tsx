/** The head of a workflow: its name and status, how far it is, since when, and who drives it. */
import { doneShare, type View, type WorkflowState } from "../../index.js";
import { Ago, Elapsed, Remaining, StartTime } from "../freshness.js";
import { StatusBadge } from "../look/glyph.js";
import { progressText, stepCount } from "../look/progress.js";
import { lookOf } from "../look/status.js";
import { usePage } from "../page.js";
import { CopyButton } from "../parts/copyButton.js";
import { Fact } from "../parts/fact.js";
import { Link } from "../parts/link.js";
import { LinkedText } from "../parts/textLink.js";
import { parseTime } from "../time.js";
import { Choices } from "./choices.js";
import { stepName } from "./selection.js";
import { warningsOf } from "./warnings.js";
import { driverName, nameOf } from "./words.js";

interface WorkflowHeaderProps {
  readonly view: View;
  readonly state: WorkflowState;
}

export function WorkflowHeader({ view, state }: WorkflowHeaderProps) {
  const share = state.status === "completed" ? 1 : doneShare(state.steps);
  const from = parseTime(state.start_time);
  const step = state.steps[state.current_step];
  return (
    <header class="workflow-head">
      <div class="workflow-title">
        <h1>
          <LinkedText text={nameOf(state)} />
        </h1>
        <div class="workflow-id">
          <code>{state.workflow_id}</code>
          <CopyButton text={state.workflow_id} what="the id" />
        </div>
      </div>
      <div class="workflow-now">
        <span class="workflow-status" data-testid="workflow-status" data-status={state.status}>
          <StatusBadge status={state.status} progress={share} />
        </span>
        <Choices view={view} state={state} hasKeys />
      </div>
      <ProgressBar state={state} share={share} />
      <dl class="facts">
        <Fact name="Step">
          {stepCount(state.current_step, state.steps.length) || "none yet"}
          {step && state.status !== "completed" && <em> {step.title ?? step.action}</em>}
        </Fact>
        <Fact name="Elapsed">
          <Elapsed from={from} until={endOf(state)} />
          {step && state.status === "running" && <Remaining step={step} />}
        </Fact>
        <Fact name="Started">{from !== null && <StartTime at={from} />}</Fact>
        <WarningsFact state={state} />
        <DriverFact state={state} />
      </dl>
    </header>
  );
}

function ProgressBar({ state, share }: { state: WorkflowState; share: number }) {
  const percent = Math.round(share * 100);
  return (
    <div class="progress">
      <div
        class={`bar tone-${lookOf(state.status).tone}`}
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={progressText(state)}
      >
        <div class="bar-fill" style={{ width: `${share * 100}%` }} />
      </div>
      <span class="progress-percent">{percent} %</span>
    </div>
  );
}

function WarningsFact({ state }: { state: WorkflowState }) {
  const warnings = warningsOf(state);
  if (!warnings) return null;
  const { workflow_id, steps } = state;
  const to = { name: "workflow", workflow_id, step: stepName(steps, warnings.step) } as const;
  return (
    <Fact name="Warnings" isWeighty>
      <Link to={to}>{warnings.text}</Link>
    </Fact>
  );
}

/** Only while somebody is expected to report: an ended workflow has nobody left to hear from. */
function DriverFact({ state }: { state: WorkflowState }) {
  const { runs, serverNow } = usePage();
  if (state.status !== "running" && state.status !== "blocked") return null;
  if (state.queued) return null;
  const isHere = runs.here.value.has(state.workflow_id);
  const heard = parseTime(state.last_update);
  const name = driverName(state, { now: serverNow.peek(), tabName: runs.tabName, isHere });
  return (
    <Fact name="Driver">
      <span data-testid="driver">{name}</span>
      {heard !== null && (
        <span class="fact-more">
          , last report <Ago at={heard} />
        </span>
      )}
    </Fact>
  );
}

/** Where nobody goes on, time stands still: at the end, or when it was last heard of. */
function endOf(state: WorkflowState): number | null {
  if (state.status === "running" || state.status === "blocked") return null;
  const { last_seen, at } = state.interruption ?? {};
  return parseTime(state.end_time ?? last_seen ?? at ?? state.last_update);
}
