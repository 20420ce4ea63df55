/** The head of a workflow in one line: how it is, how far, since when, who drives it, and what can be done. */
import {
  doneShare,
  endingOf,
  firstLinkLost,
  nodeOf,
  type View,
  type WorkflowState,
  waitsForNode,
} from "../../../index.js";
import { StatusBadge } from "../../look/glyph.js";
import { progressText, stepCount } from "../../look/progress.js";
import { cleanupTexts, driverName } from "../../look/situation.js";
import { lookOf, shownStatus } from "../../look/status.js";
import { formatClock, parseTime } from "../../look/time.js";
import { Ago, Elapsed, Remaining, StartTime } from "../../page/freshness.js";
import { LostLink } from "../../page/lostLink.js";
import { usePage } from "../../page/page.js";
import { Fact } from "../../parts/fact.js";
import { Link } from "../../parts/link.js";
import { LinkedText } from "../../parts/textLink.js";
import { Choices } from "../choices/choices.js";
import { headline, partsOf } from "../reading/failure.js";
import { NextTry } from "../reading/nextTry.js";
import { stepName } from "../reading/selection.js";
import { warningsOf } from "../reading/warnings.js";

interface WorkflowHeaderProps {
  readonly view: View;
  readonly state: WorkflowState;
}

export function WorkflowHeader({ view, state }: WorkflowHeaderProps) {
  const share = state.status === "completed" ? 1 : doneShare(state.steps);
  return (
    <header class="workflow-head">
      <div class="workflow-now">
        <span class="workflow-status" data-testid="workflow-status" data-status={state.status}>
          <StatusBadge status={shownStatus(state)} progress={share} />
        </span>
        <dl class="facts">
          <StepFact state={state} />
          <LinkFact state={state} />
          <WarningsFact state={state} />
        </dl>
        <dl class="facts facts-end">
          <TimeFacts state={state} share={share} />
          <DriverFact state={state} />
          <NodeFact state={state} />
        </dl>
        <Choices view={view} state={state} hasKeys />
      </div>
      <ProgressBar state={state} share={share} />
    </header>
  );
}

function Reason({
  queued: { group, behind, labels },
}: {
  queued: NonNullable<WorkflowState["queued"]>;
}) {
  if (labels !== undefined) return <>it {waitsForNode(labels)}</>;
  if (group === undefined) return <>as many run as may run at once</>;
  return (
    <>
      {behind === undefined ? (
        "others are"
      ) : (
        <Link to={{ name: "workflow", workflow_id: behind }}>{behind}</Link>
      )}{" "}
      before it in “{group}”
    </>
  );
}

/** Says why a workflow failed, else where it stands. */
function StepFact({ state }: { state: WorkflowState }) {
  const { queued, steps, current_step, status } = state;
  const why = headline(state);
  if (why !== null) {
    const { sentence, how } = partsOf(why);
    return (
      <>
        <Fact name="Why it failed" kind="headline">
          <span data-testid="headline" title={why}>
            <LinkedText text={sentence} />
          </span>
        </Fact>
        {how && (
          <Fact name="How it ended" kind="how">
            {how}
          </Fact>
        )}
      </>
    );
  }
  const ending = endingOf(state);
  if (ending !== null && status === "running") {
    const { text, error } = cleanupTexts(ending);
    return (
      <>
        <Fact name="Step" kind="step">
          {stepCount(current_step, steps.length)} <em>{text}</em>
        </Fact>
        {error !== null && (
          <Fact name="Why it failed" kind="headline">
            <span data-testid="ending" title={error}>
              <LinkedText text={error} />
            </span>
          </Fact>
        )}
      </>
    );
  }
  if (queued && status === "running") {
    return (
      <Fact name="Queue" kind="step">
        <span data-testid="queued">
          since {formatClock(parseTime(queued.since) ?? 0)}: <Reason queued={queued} />
        </span>
      </Fact>
    );
  }
  const { replaced_by } = state;
  if (replaced_by !== undefined) {
    return (
      <Fact name="Replaced by" kind="step">
        <Link to={{ name: "workflow", workflow_id: replaced_by }}>{replaced_by}</Link>
      </Fact>
    );
  }
  const step = steps[current_step];
  return (
    <Fact name="Step" kind="step">
      {stepCount(current_step, steps.length) || "no steps yet"}
      {step && status !== "completed" && (
        <em title={step.title ?? step.action}> {step.title ?? step.action}</em>
      )}
    </Fact>
  );
}

/** That the machine of a command is not reached, whichever step it is of. */
function LinkFact({ state: { status, steps } }: { state: WorkflowState }) {
  const lost = status === "running" ? firstLinkLost(steps) : null;
  if (!lost) return null;
  return (
    <Fact name="Link" kind="link">
      <span data-testid="lost-link" title={lost.why || undefined}>
        <LostLink since={lost.since}>
          <NextTry at={lost.next_try_at} />
        </LostLink>
      </span>
    </Fact>
  );
}

function TimeFacts({ state, share }: { state: WorkflowState; share: number }) {
  const from = parseTime(state.start_time);
  const end = parseTime(state.end_time);
  const step = state.steps[state.current_step];
  return (
    <>
      <Fact name="Done" kind="percent">
        {Math.round(share * 100)} %
      </Fact>
      {state.status === "running" && !firstLinkLost(state.steps) && (
        <Fact name="Left" kind="left">
          {step && <Remaining step={step} />}
        </Fact>
      )}
      <Fact name="Elapsed" kind="elapsed">
        <Elapsed from={from} until={endOf(state)} />
      </Fact>
      <Fact name="Started" kind="started">
        {from !== null && <StartTime at={from} />}
      </Fact>
      {end !== null && (
        <Fact name="Ended" kind="ended">
          <Ago at={end} />
        </Fact>
      )}
    </>
  );
}

function ProgressBar({ state, share }: { state: WorkflowState; share: number }) {
  return (
    <div
      class={`bar tone-${lookOf(shownStatus(state)).tone}`}
      role="progressbar"
      aria-label="Progress"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={progressText(state)}
    >
      <div class="bar-fill" style={{ width: `${share * 100}%` }} />
    </div>
  );
}

function WarningsFact({ state }: { state: WorkflowState }) {
  const warnings = warningsOf(state);
  if (!warnings) return null;
  const { workflow_id, steps } = state;
  const to = { name: "workflow", workflow_id, step: stepName(steps, warnings.step) } as const;
  return (
    <Fact name="Warnings" kind="warnings">
      <Link to={to}>{warnings.text}</Link>
    </Fact>
  );
}

/** The server of a cluster that runs it, or ran it last. */
function NodeFact({ state }: { state: WorkflowState }) {
  const node = usePage().isClustered.value ? nodeOf(state) : null;
  if (node === null) return null;
  return (
    <Fact name="Node" kind="node">
      <span data-testid="node">on {node}</span>
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
    <Fact name="Driver" kind="driver">
      <span data-testid="driver" title={name}>
        {name}
      </span>
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
